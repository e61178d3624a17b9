"""Environment -> where to find AWS. What is published where comes as arguments."""

import os
from typing import Final

DEFAULT_REGION: Final = "eu-central-1"


def load_region() -> str:
    """Return the AWS region to work in."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
