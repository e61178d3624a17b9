"""The environment -> what the command needs to know; the only reader of it in this package."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

DEFAULT_REGION: Final = "eu-central-1"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where AWS is and which ports and folders this machine offers.

    `endpoint` is None where boto3's own default applies; nothing else tells one AWS from another.
    """

    endpoint: str | None
    region: str
    local_port: int
    preview_port: int
    local_state: Path


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings; raise ValueError that lists every variable with an unusable value."""
    found = os.environ if environment is None else environment
    ports = {
        name: found.get(name) or default
        for name, default in (("LOCALAWS_PORT", "4566"), ("CCI_PREVIEW_PORT", "8501"))
    }
    wrong = [
        f"{name}={value} (a port number)" for name, value in ports.items() if not _is_port(value)
    ]
    endpoint = found.get("AWS_ENDPOINT_URL") or None
    if endpoint and not _is_address(endpoint):
        wrong.append(f"AWS_ENDPOINT_URL={endpoint} (an address like http://127.0.0.1:4566)")
    if wrong:
        raise ValueError("cci cannot start with " + "; ".join(wrong))
    return Settings(
        endpoint=endpoint,
        region=found.get("AWS_REGION") or found.get("AWS_DEFAULT_REGION") or DEFAULT_REGION,
        local_port=int(ports["LOCALAWS_PORT"]),
        preview_port=int(ports["CCI_PREVIEW_PORT"]),
        local_state=Path(found.get("LOCALAWS_STATE") or ".localaws"),
    )


def local_variables(endpoint: str, region: str) -> dict[str, str]:
    """Return what makes any AWS client talk to the localaws at `endpoint`."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def enter_local(endpoint: str, region: str) -> Settings:
    """Make this process and its children clients of the localaws at `endpoint`."""
    os.environ.update(local_variables(endpoint, region))
    return load_settings()


def child_environment(additions: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with `additions`, for a child process."""
    return {**os.environ, **additions}


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) <= 65535


def _is_address(text: str) -> bool:
    try:
        address = urlsplit(text)
        return address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:  # a port that is no number, a bracket left open
        return False
