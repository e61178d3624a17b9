"""ministack's state and our stores -> one snapshot every five seconds, and back at start.

ministack saves on SIGTERM only, file by file, so kill -9 loses everything but S3 objects. Here
its own `get_state` functions are asked on the event loop and the text is written by a thread.
"""

import asyncio
import hashlib
import json
import logging
import shutil
import time
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import persistence

from localaws import state

SECONDS_BETWEEN = 5
FORMAT = {"localaws": 1, "ministack": "1.5.33"}
_FORMAT_FILE = "format.json"
_LOG = logging.getLogger("localaws")


class Snapshots:
    """The snapshots of one state folder; `last` tells when the newest was and what it cost."""

    def __init__(self, root: Path, working: Path, *, enabled: bool) -> None:
        self._root = root
        self._working = working
        self._enabled = enabled
        self._digest = ""
        self._lock = asyncio.Lock()
        self.last: dict[str, Any] = {}

    def restore(self) -> None:
        """Give ministack and our stores the newest snapshot; raise SystemExit on a foreign one."""
        if not self._enabled:
            return
        self._working.mkdir(parents=True, exist_ok=True)
        for stale in self._working.glob("*.json"):
            stale.unlink()
        newest = state.latest(self._root)
        if newest is None:
            return
        _refuse_foreign(newest)
        state.restore(newest)
        for path in newest.glob("*.json"):
            shutil.copy(path, self._working / path.name)

    async def forever(self) -> None:
        """Take a snapshot every five seconds in which anything changed."""
        while self._enabled:
            await asyncio.sleep(SECONDS_BETWEEN)
            try:
                await self.take()
            except (TypeError, OSError):
                _LOG.exception("no snapshot was taken; the next try is in %s s", SECONDS_BETWEEN)

    async def take(self) -> None:
        """Save everything now, unless nothing changed since the last snapshot."""
        if not self._enabled:
            return
        async with self._lock:
            begun = time.monotonic()
            files = _collect()
            spent = time.monotonic() - begun
            digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
            if digest != self._digest:
                await asyncio.to_thread(state.write, self._root, files)
                self._digest = digest
                self.last = {"at": time.time(), "loop_milliseconds": round(spent * 1000)}


def _collect() -> dict[str, str]:
    files = {_FORMAT_FILE: json.dumps(FORMAT), **state.serialise()}
    for name, get_state in app._build_persistence_save_dict().items():
        payload = get_state()
        if payload is not None:
            wrapped = {
                "__ministack_format__": persistence._state_format_version(name),
                "payload": payload,
            }
            files[f"{name}.json"] = json.dumps(wrapped, default=persistence._json_default)
    return files


def _refuse_foreign(snapshot: Path) -> None:
    found = json.loads((snapshot / _FORMAT_FILE).read_text())
    if found != FORMAT:
        raise SystemExit(
            f"the state in {snapshot} was written by {found}, this is {FORMAT}: "
            "start with that version, or with another LOCALAWS_STATE"
        )
