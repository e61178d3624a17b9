"""A service's saved state -> back in the service, or kept aside with a note that health shows.

ministack logs a state it cannot restore and goes on without it; three snapshots later it would be
gone. Here the file is kept beside the snapshots, with why, until somebody deletes it.
"""

import hashlib
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import persistence

Function = Callable[..., Any]

FOLDER = "unrestored"
# What a service raises on data of another shape than its own; anything else ends the start.
_MISFITS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
_LOG = logging.getLogger("localaws")


def each_or_kept(_original: Function) -> Function:
    """Return ours for `_load_persisted_state`."""

    def load_persisted_state() -> None:
        for service, module in app._state_map.items():
            saved = Path(persistence.STATE_DIR) / f"{service}.json"
            if saved.exists():
                _restore_or_keep(service, module, saved)

    return load_persisted_state


def notes(root: Path) -> list[str]:
    """Return what was not restored, one sentence each, of the state in `root`."""
    return [note.read_text() for note in sorted((root / FOLDER).glob("*.txt"))]


def forget(root: Path) -> None:
    """Delete what was kept aside of the state in `root`."""
    shutil.rmtree(root / FOLDER, ignore_errors=True)


def _restore_or_keep(service: str, module: str, saved: Path) -> None:
    try:
        _restore(service, module)
    except _MISFITS as error:
        _LOG.warning("%s", _keep(service, saved, error))


def _restore(service: str, module: str) -> None:
    data = persistence.load_state(service)
    if data is None:
        raise ValueError("ministack refuses its file, and logged why")
    if not data:
        return
    found = app._get_module(module)
    if isinstance(found, app._ErrorModule):
        raise RuntimeError(f"the service did not load: {found._error}")
    found.load_persisted_state(data)


def _keep(service: str, saved: Path, error: Exception) -> str:
    """Copy a file aside and return the note; named by what it holds, so that none is replaced."""
    folder = saved.parent.with_name(FOLDER)
    folder.mkdir(exist_ok=True)
    digest = hashlib.sha256(saved.read_bytes()).hexdigest()
    kept = folder / f"{service}-{digest[:12]}.json"
    shutil.copy(saved, kept)
    note = (
        f"the state of {service} was not restored, or only in part ({type(error).__name__}: "
        f"{error}): it is kept in {kept}; make anew what is missing, then delete {folder}"
    )
    kept.with_suffix(".txt").write_text(note)
    return note
