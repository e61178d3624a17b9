"""What runs on this machine: who has a port, which processes and folders a dead localaws left."""

import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

_FOLDERS = ("localaws-glue-*", "ministack-lambda-*")
_LISTENING = "0A"


def is_free(port: int) -> bool:
    """Tell whether nothing listens on 127.0.0.1 at `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def owner(port: int) -> str:
    """Return "pid 12 (python …)" of who listens at `port`, "" when the system does not say."""
    inodes = {f"socket:[{inode}]" for inode in _listening(port)}
    for process in _processes():
        with suppress(OSError):
            if any(str(link.readlink()) in inodes for link in (process / "fd").iterdir()):
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                return f"pid {process.name} ({words[:80]})"
    return ""


def orphans() -> dict[int, str]:
    """Return pid -> address of the processes whose localaws no longer listens."""
    found = {}
    for process in _processes():
        variables = _variables(process)
        place = urlsplit(variables.get("AWS_ENDPOINT_URL", ""))
        is_local = place.hostname == "127.0.0.1" and place.port
        if is_local and _is_a_child(process, variables) and is_free(place.port or 0):
            found[int(process.name)] = place.geturl()
    return found


def end_former(state: Path) -> list[int]:
    """Kill what a killed localaws left running on a state folder, and return the pids.

    Only who holds the folder may call it: then nobody else's process can be among them. A system
    without /proc tells of none.
    """
    ended = []
    for process in _processes():
        variables = _variables(process)
        is_former = variables.get("STATE_DIR") == str(state / "ministack")
        if is_former and "MINISTACK_HOST" in variables and int(process.name) != os.getpid():
            with suppress(ProcessLookupError):
                os.kill(int(process.name), signal.SIGKILL)
                ended.append(int(process.name))
    return ended


def left_folders() -> list[Path]:
    """Return the temporary folders of Lambdas and Glue jobs that no process uses."""
    root = Path(tempfile.gettempdir())
    used = "\n".join(_words(process) for process in _processes())
    return sorted(
        folder
        for pattern in _FOLDERS
        for folder in root.glob(pattern)
        if folder.is_dir() and folder.name not in used
    )


def _listening(port: int) -> Iterator[str]:
    table = Path("/proc/net/tcp")
    for line in table.read_text().splitlines()[1:] if table.exists() else ():
        fields = line.split()
        if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
            yield fields[9]


def _processes() -> Iterator[Path]:
    yield from Path("/proc").glob("[0-9]*")


def _variables(process: Path) -> dict[str, str]:
    with suppress(OSError):
        text = (process / "environ").read_bytes().decode("utf-8", "replace")
        return dict(part.split("=", 1) for part in text.split("\0") if "=" in part)
    return {}


def _is_a_child(process: Path, variables: dict[str, str]) -> bool:
    """Tell a process localaws started from a shell that only points to one."""
    marks = [pattern.rstrip("*") for pattern in _FOLDERS]
    return "MINISTACK_HOST" in variables or any(mark in _words(process) for mark in marks)


def _words(process: Path) -> str:
    with suppress(OSError):
        command = (process / "cmdline").read_bytes().decode("utf-8", "replace")
        return f"{command}\n{(process / 'cwd').readlink()}"
    return ""
