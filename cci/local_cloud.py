"""Start, find and end one localaws: a detached process, known by the pid in its state folder.

Whatever is ended here was started here: the pid file names the process and the moment it began, and
a pid that now belongs to another process is left alone.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from cci.settings import child_environment

READY_SECONDS: Final = 60
FETCH_SECONDS: Final = 900
END_SECONDS: Final = 15


class NotStarted(Exception):
    """A process did not become ready; the text says why and where its log is."""


@dataclass(frozen=True, slots=True)
class Started:
    """A detached process of ours: its name, pid, start mark of the system, and address."""

    name: str
    pid: int
    mark: str
    address: str

    @property
    def is_alive(self) -> bool:
        """Whether that very process still runs."""
        return _mark(self.pid) == self.mark


def start_localaws(
    state: Path, port: int, replay: Path | None = None, engine: str = "duckdb"
) -> Started:
    """Start localaws on `port` (0 = any free one) and return it once it answers.

    `replay` is the folder its AI services answer from first, `engine` what runs its Athena's
    queries; the product's roles are enforced unless Trino does. Raise NotStarted when the port is
    taken, another one runs on this state, or it dies.
    """
    running = find(state, "localaws")
    if running:
        raise NotStarted(
            f"a localaws already runs on {state} at {running.address} (pid {running.pid}): "
            f"use it, or end it with `cci local down --state {state}`"
        )
    if port and not is_free(port):
        raise NotStarted(f"port {port} is taken: choose another with --port or LOCALAWS_PORT")
    state.mkdir(parents=True, exist_ok=True)
    variables = {
        "LOCALAWS_STATE": str(state.absolute()),
        "LOCALAWS_PORT": str(port),
        "LOCALAWS_ENGINE": engine,
        "LOCALAWS_AUTH": "0" if engine == "trino" else "1",  # Trino reads with its own rights
    }
    if replay:
        variables["LOCALAWS_REPLAY"] = str(replay.absolute())
    log = state / "localaws.log"
    process = spawn([sys.executable, "-m", "localaws"], variables, log)
    note(state, "localaws", process.pid, "")  # known by its pid before it can be waited for
    try:
        # The first start on Trino fetches it.
        seconds = FETCH_SECONDS if engine == "trino" else READY_SECONDS
        address = _address(process, log, seconds)
    except BaseException:
        end(state, "localaws")
        raise
    return note(state, "localaws", process.pid, address)


def spawn(command: list[str], variables: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a detached process in a session of its own, its output in `log`."""
    with log.open("wb") as sink:
        return subprocess.Popen(  # noqa: S603 - our own modules, no shell
            command,
            env=child_environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def note(state: Path, name: str, pid: int, address: str) -> Started:
    """Write the pid file of a process we started and return what it says."""
    started = Started(name, pid, _mark(pid) or "", address)
    _pid_file(state, name).write_text(json.dumps(asdict(started)), encoding="utf-8")
    return started


def find(state: Path, name: str) -> Started | None:
    """Return the process of that name that runs on `state`, or None."""
    with suppress(FileNotFoundError, json.JSONDecodeError, TypeError):
        started = Started(**json.loads(_pid_file(state, name).read_text(encoding="utf-8")))
        return started if started.is_alive else None
    return None


def end(state: Path, name: str) -> Started | None:
    """End the process of that name that runs on `state`; return it, or None when none ran."""
    started = find(state, name)
    if started:
        _end_group(started)
    _pid_file(state, name).unlink(missing_ok=True)
    return started


def is_free(port: int) -> bool:
    """Return whether nothing listens on 127.0.0.1 at `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(wanted: int) -> int:
    """Return `wanted`, or a free port when it is taken."""
    if is_free(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until something answers at `address`; raise NotStarted when the process ends first."""
    host, _, port = address.rpartition("/")[2].partition(":")
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
            return
        time.sleep(0.1)
    raise NotStarted(f"nothing answers at {address}: {_last_line(log)} (log: {log})")


def _address(process: subprocess.Popen[bytes], log: Path, seconds: int) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("{") and '"address"' in line:
                return str(json.loads(line)["address"])
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise NotStarted(f"localaws did not become ready: {_last_line(log)} (log: {log})")


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _pid_file(state: Path, name: str) -> Path:
    return state / f"{name}.pid.json"


def _mark(pid: int) -> str | None:
    """Return when the process began, as the system counts it; None when there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


def _end_group(started: Started) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(started.pid, number)
        until = time.monotonic() + END_SECONDS
        while started.is_alive and time.monotonic() < until:
            _reap(started.pid)
            time.sleep(0.05)
        if not started.is_alive:
            return


def _reap(pid: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
