"""The time of this localaws: the machine's, moved by what tests asked for.

`POST /_localaws/clock {"forward_seconds": N}` moves it; what waits for a time of day or for days
(expiry, triggers, alarms) asks here, so that a test needs no night.
"""

import time
from datetime import UTC, datetime

from localaws import state

_STORE = state.register("clock")


def now() -> float:
    """Return the time in epoch seconds."""
    return time.time() + ahead()


def ahead() -> float:
    """Return by how many seconds tests moved it so far."""
    return float(_STORE.get("forward", 0.0))


def today() -> datetime:
    """Return the time as an aware UTC value."""
    return datetime.fromtimestamp(now(), UTC)


def move(seconds: float) -> float:
    """Move the clock forward and return the new time; raise ValueError for a move back."""
    if seconds < 0:
        raise ValueError("the clock moves forward only: start another localaws to go back")
    _STORE["forward"] = _STORE.get("forward", 0.0) + seconds
    return now()
