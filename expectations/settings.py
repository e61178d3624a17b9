"""Environment -> what the gate needs to know before anything else.

Great Expectations reads `GX_ANALYTICS_ENABLED` at its import, so it is set here, and `runner.py`
imports this module first: a gate that calls a stranger's server is no gate.
"""

import os

DEFAULT_REGION = "eu-central-1"

os.environ["GX_ANALYTICS_ENABLED"] = "false"


def load_region() -> str:
    """Return the AWS region to work in."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
