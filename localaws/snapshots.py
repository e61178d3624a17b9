"""ministack's state and our stores -> one snapshot every few seconds, and back at start.

ministack saves on SIGTERM only, file by file, so kill -9 loses everything but S3 objects. Here
its own `get_state` functions are asked on the event loop and the text is written by a thread.
"""

import asyncio
import json
import logging
import shutil
import time
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import persistence

from localaws import restoring, state

# Two seconds less than what kill -9 may cost: taking and writing one is within the five.
SECONDS_BETWEEN = 3
SECONDS_TO_WRITE = 5
FORMAT = {"localaws": 2, "ministack": "1.5.33"}
_FORMAT_FILE = "format.json"
_TRIES = 20
_ALL = "all"
_LOG = logging.getLogger("localaws")


class Snapshots:
    """The snapshots of one state folder.

    `last` tells when the newest was and what it cost; `warnings` what the user should know about
    the state: a damaged snapshot passed over at start, a service whose state was not restored or
    cannot be saved. `unsure_since` is from when on (epoch seconds) S3 may hold what the state does
    not know of, None when the former localaws ended in order.
    """

    def __init__(self, root: Path, working: Path, *, enabled: bool) -> None:
        self._root = root
        self._working = working
        self._enabled = enabled
        self._newest: Path | None = None
        self._lock = asyncio.Lock()
        self._restored: list[str] = []
        self._unsaved: dict[str, str] = {}
        self._saved: dict[str, str] = {}
        self._ended = working.parent / "ended"
        self.unsure_since: float | None = None
        self.last: dict[str, Any] = {}

    @property
    def warnings(self) -> list[str]:
        """Return what is wrong with the state, one sentence each."""
        kept = restoring.notes(self._working.parent) if self._enabled else []
        return [*self._restored, *kept, *self._unsaved.values()]

    def restore(self) -> None:
        """Give ministack and our stores the newest whole snapshot; raise SystemExit on none.

        A damaged one is passed over with a warning; one of another version ends the start.
        """
        if not self._enabled:
            return
        self._working.mkdir(parents=True, exist_ok=True)
        for stale in self._working.glob("*.json"):
            stale.unlink()
        found = state.newest_first(self._root)
        whole = self._first_whole(found)
        was_ended = self._ended.exists()
        self._ended.unlink(missing_ok=True)
        if whole is None and found:
            raise SystemExit(
                f"no snapshot in {self._root} is whole: restore one from a backup, or start with "
                "another LOCALAWS_STATE"
            )
        if whole is not None:
            if not was_ended:
                self.unsure_since = whole.stat().st_mtime - SECONDS_TO_WRITE
            state.restore(whole)
            for path in whole.glob("*.json"):
                shutil.copy(path, self._working / path.name)
                self._saved[path.stem] = path.read_text()

    def forget(self) -> None:
        """Delete what was kept aside because it could not be restored, and what was saved last."""
        self._saved.clear()
        restoring.forget(self._working.parent)

    def _first_whole(self, found: list[Path]) -> Path | None:
        for snapshot in found:
            _refuse_foreign(snapshot)
            damage = state.damage(snapshot)
            if damage is None:
                return snapshot
            text = f"{snapshot.name} is damaged ({damage}): the one before it was taken"
            self._restored.append(text)
            _LOG.warning("%s", text)
        return None

    async def forever(self) -> None:
        """Take a snapshot every three seconds in which anything changed."""
        while self._enabled:
            await asyncio.sleep(SECONDS_BETWEEN)
            await self.attempt()

    async def attempt(self) -> None:
        """Take a snapshot, or warn that there is none: the next one may succeed."""
        try:
            await self.take()
        except OSError as error:
            self._warn(_ALL, f"no snapshot was taken: {error}; free some disk space")
        except (RuntimeError, TypeError) as error:
            self._warn(_ALL, f"no snapshot was taken: {error}")

    async def end(self) -> None:
        """Take the last snapshot, and note that nothing came after it."""
        await self.take()
        if self._enabled:
            self._ended.touch()

    async def take(self) -> None:
        """Save everything now, unless nothing changed since the last snapshot."""
        if not self._enabled:
            return
        async with self._lock:
            begun = time.monotonic()
            files = await self._collect()
            spent = time.monotonic() - begun
            written = await asyncio.to_thread(state.write, self._root, files)
            self._unsaved.pop(_ALL, None)
            if written != self._newest:
                self._newest = written
                self.last = {"at": time.time(), "loop_milliseconds": round(spent * 1000)}

    async def _collect(self) -> dict[str, str]:
        """Return file name -> text; again when a thread changed a dictionary meanwhile."""
        for _ in range(_TRIES):
            try:
                return {_FORMAT_FILE: json.dumps(FORMAT), **state.serialise(), **self._ministack()}
            except RuntimeError:
                await asyncio.sleep(0.01)
        raise RuntimeError("the state never stood still")

    def _ministack(self) -> dict[str, str]:
        files = {}
        for name, get_state in app._build_persistence_save_dict().items():
            try:
                text = _saved(name, get_state())
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                why = f"it cannot be saved: {type(error).__name__}: {error}"
                self._warn(name, f"the state of {name} stays as it was saved last, {why}")
                text = self._saved.get(name)
            else:
                self._unsaved.pop(name, None)
            if text is not None:
                files[f"{name}.json"] = self._saved[name] = text
        return files

    def _warn(self, name: str, text: str) -> None:
        if self._unsaved.get(name) != text:
            self._unsaved[name] = text
            _LOG.warning("%s", text)


def _saved(name: str, payload: Any) -> str | None:
    """Return a service's state as ministack reads it; None when it has none."""
    if payload is None:
        return None
    version = persistence._state_format_version(name)
    wrapped = {"__ministack_format__": version, "payload": payload}
    return json.dumps(wrapped, default=persistence._json_default)


def _refuse_foreign(snapshot: Path) -> None:
    try:
        found = json.loads((snapshot / _FORMAT_FILE).read_text())
    except (OSError, ValueError):
        return  # damaged, which is another matter
    if found != FORMAT:
        raise SystemExit(
            f"the state in {snapshot} was written by {found}, this is {FORMAT}: "
            "start with that version, or with another LOCALAWS_STATE"
        )
