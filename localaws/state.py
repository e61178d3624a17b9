"""Stores in memory -> snapshots on disk that survive kill -9.

`register` gives a service its store: a plain dict whose values are JSON (times as epoch seconds).
All stores and ministack's own state are one snapshot: a new folder, fsynced, then renamed; the
last three are kept. A file that did not change is the former snapshot's, by a hard link; a list
of digests tells a whole snapshot from a damaged one. Serialising happens on the event loop,
because a thread would meet dictionaries that change under it; json's C encoder holds the
interpreter lock, so stores that worker threads change are read whole too.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

Store = dict[str, Any]

KEPT_SNAPSHOTS = 3
_PREFIX = "snapshot-"
_DIGESTS = "digests.json"


def register(name: str, make: Callable[[], Store] = dict) -> Store:
    """Return the store called `name`, with what the last snapshot held; same name, same store.

    Keys are text, values JSON. Mutate it in place: it is saved every three seconds and at the end.
    """
    if name not in _stores:
        _stores[name] = make()
        _stores[name].update(_waiting.pop(name, {}))
    return _stores[name]


def serialise() -> dict[str, str]:
    """Return file name -> JSON text of every store, also of those nobody asked for since the start.

    Raise TypeError naming the store that holds something JSON cannot carry.
    """
    held = {**_waiting, **_stores}
    return {f"localaws-{name}.json": _dump(name, store) for name, store in held.items()}


def restore(folder: Path) -> None:
    """Fill the stores from the snapshot in `folder`; stores registered later find theirs too."""
    for path in sorted(folder.glob("localaws-*.json")):
        name = path.stem.removeprefix("localaws-")
        data = json.loads(path.read_text())
        if name in _stores:
            _stores[name].update(data)
        else:
            _waiting[name] = data


def clear() -> None:
    """Empty every store in place."""
    _waiting.clear()
    for store in _stores.values():
        store.clear()


def newest_first(root: Path) -> list[Path]:
    """Return the snapshots below `root`; what kill -9 cut short is not among them."""
    return _snapshots(root)[::-1]


def damage(snapshot: Path) -> str | None:
    """Return what is wrong with a snapshot's files, or None when it is whole."""
    try:
        digests = json.loads((snapshot / _DIGESTS).read_text())
        changed = [
            name for name, digest in digests.items() if _digest_of(snapshot / name) != digest
        ]
    except (OSError, ValueError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"
    return f"{', '.join(changed)} changed since it was written" if changed else None


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Write one snapshot below `root`, whole or not at all, and drop all but the last three.

    Return it, or the newest one when that holds the very same.
    """
    root.mkdir(parents=True, exist_ok=True)
    found = _snapshots(root)
    digests = {name: _digest(text) for name, text in files.items()}
    former = _digests(found[-1]) if found else {}
    if former == digests:
        return found[-1]
    number = int(found[-1].name.removeprefix(_PREFIX)) + 1 if found else 1
    target = root / f"{_PREFIX}{number:09d}"
    partial = root / f"partial-{number:09d}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    for name, text in files.items():
        if former.get(name) == digests[name] == _digest_of(found[-1] / name):
            os.link(found[-1] / name, partial / name)
        else:
            _write_synced(partial / name, text)
    _write_synced(partial / _DIGESTS, json.dumps(digests))
    _sync_folder(partial)
    partial.rename(target)
    _sync_folder(root)
    for old in found[: len(found) + 1 - KEPT_SNAPSHOTS]:
        shutil.rmtree(old)
    return target


def _dump(name: str, store: Store) -> str:
    try:
        return json.dumps(store)
    except TypeError as error:
        raise TypeError(f"store {name} cannot be saved: {error}; keep JSON values only") from error


def _snapshots(root: Path) -> list[Path]:
    return sorted(path for path in root.glob(f"{_PREFIX}*") if path.is_dir())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _digest_of(path: Path) -> str | None:
    return _digest(path.read_text()) if path.exists() else None


def _digests(snapshot: Path) -> dict[str, str]:
    with suppress(OSError, ValueError):
        found: dict[str, str] = dict(json.loads((snapshot / _DIGESTS).read_text()))
        return found
    return {}


def _write_synced(path: Path, text: str) -> None:
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_stores: dict[str, Store] = {}
_waiting: dict[str, dict[str, Any]] = {}
