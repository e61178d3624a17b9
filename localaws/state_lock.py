"""One localaws per state folder: a lock the system drops when its holder ends, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAME = "lock"


@contextmanager
def hold(state: Path) -> Iterator[None]:
    """Keep the folder for this process; raise OSError naming who has it."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / _NAME).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OSError(
                f"a localaws (pid {holder(state)}) already runs on {state}: use it, end it, or "
                "choose another folder by LOCALAWS_STATE"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def holder(state: Path) -> int | None:
    """Return the pid of the localaws that runs on the folder, or None."""
    path = state / _NAME
    if not path.exists():
        return None
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return int(file.read() or 0) or None
    return None
