"""A state folder whose one snapshot is whole, but holds what a service cannot restore."""

import json
from pathlib import Path

from localaws import state
from localaws.snapshots import FORMAT


def unreadable(folder: Path, service: str, text: str) -> None:
    """Write a snapshot that holds `text` for one service."""
    files = {"format.json": json.dumps(FORMAT), f"{service}.json": text}
    state.write(folder / "snapshots", files)


def saved(payload: object, version: int = 2) -> str:
    """Return a payload as ministack saves it."""
    return json.dumps({"__ministack_format__": version, "payload": payload})
