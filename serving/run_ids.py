"""The id of a run: when it began and which job run made it. It sorts by time."""

import hashlib
import re
from datetime import UTC, datetime
from typing import Final

_RUN_ID: Final = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")


def build_run_id(began: datetime, job_run_id: str) -> str:
    """Return the id of the run that a job run began at `began`."""
    return f"{began.astimezone(UTC):%Y%m%dT%H%M%SZ}-{_digest(job_run_id)}"


def is_run_id(text: str) -> bool:
    """Return whether a text is a run id, and so safe inside a query."""
    return _RUN_ID.fullmatch(text) is not None


def is_run_of(run_id: str, job_run_id: str) -> bool:
    """Return whether this job run made that run."""
    return run_id.rpartition("-")[2] == _digest(job_run_id)


def _digest(job_run_id: str) -> str:
    return hashlib.sha256(job_run_id.encode()).hexdigest()[:6]
