"""The environment of the lake jobs: where AWS is. What they work on comes as arguments."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Region and, where AWS is not at its own addresses, the endpoint."""

    region: str
    endpoint: str | None


def read_settings() -> Settings:
    """Return the settings of this process; the SDKs' own variables, nothing else."""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return Settings(region or "eu-central-1", os.environ.get("AWS_ENDPOINT_URL") or None)
