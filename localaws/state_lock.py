"""One localaws per state folder: a lock the system drops when its holder ends, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_NAME = "lock"


@dataclass(frozen=True, slots=True)
class Holder:
    """The localaws that runs on a folder; `address` is "" until it listens."""

    pid: int
    address: str


@contextmanager
def hold(state: Path) -> Iterator[None]:
    """Keep the folder for this process; raise OSError naming who has it."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / _NAME).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            found = holder(state)
            who = f"pid {found.pid}" if found else "just starting"
            raise OSError(
                f"a localaws ({who}) already runs on {state}: use it, end it, or "
                "choose another folder by LOCALAWS_STATE"
            ) from error
        note_address(state, "")
        yield


def note_address(state: Path, address: str) -> None:
    """Write down where this process, which holds the folder, listens."""
    (state / _NAME).write_text(f"{os.getpid()} {address}")


def holder(state: Path) -> Holder | None:
    """Return the localaws that runs on the folder, or None."""
    path = state / _NAME
    if not path.exists():
        return None
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid, _, address = file.read().partition(" ")
            return Holder(int(pid), address) if pid else None
    return None
