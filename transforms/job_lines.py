"""What a job has to say -> one JSON line on standard output, where Glue keeps it."""

import json
import sys
from collections.abc import Mapping
from typing import Any


def say_line(line: Mapping[str, Any]) -> None:
    """Write one line, at once, so that a run that dies has said what it did."""
    sys.stdout.write(f"{json.dumps(line, ensure_ascii=False, default=str)}\n")
    sys.stdout.flush()
