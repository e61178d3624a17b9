"""`python -m localaws [serve | doctor | status | stop]`; settings come from the environment.

`serve`, the default, says where it listens in one JSON line.

ministack reads its variables and S3's folder while it is imported, so the port is bound, the
environment replaced and the folder mended first; only then is the server imported.
"""

import argparse
import asyncio
import errno
import importlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack
from typing import Any

from localaws import doctor, machine, s3_files, settings, state_lock

Serving = Coroutine[Any, Any, None]
Server = Callable[[settings.Settings, socket.socket], Serving]
SECONDS_TO_END = 20
_ABOUT = "AWS on this machine: one address, 127.0.0.1 only, for boto3, dbt-athena and others."
_VARIABLES = (
    "Variables: LOCALAWS_PORT (4566; 0 = any free one), LOCALAWS_STATE (.localaws), and more in "
    "README.md. Clients set AWS_ENDPOINT_URL to the address printed, and any credentials."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one word; return the exit code: 0, 1 for what must be mended first, 3 as below."""
    parser = argparse.ArgumentParser(prog="localaws", description=_ABOUT, epilog=_VARIABLES)
    words = parser.add_subparsers(dest="word", metavar="word")
    for word, (_, meaning) in _WORDS.items():
        words.add_parser(word, help=meaning)
    chosen = parser.parse_args(arguments).word or "serve"
    return _WORDS[chosen][0]()


def serve_here(server: Server) -> int:
    """Run `server` until SIGTERM or SIGINT; return 1 when settings, folder or port forbid a start.

    Return 3 when the engine asked for needs something this machine lacks.
    """
    with ExitStack() as held:
        try:
            chosen = settings.load()
            if chosen.persist:
                held.enter_context(state_lock.hold(chosen.state))
            listener = _listen(chosen.port)
        except (ValueError, OSError) as error:
            sys.stderr.write(f"{error}\n")
            return 1
        return _serve(server, chosen, listener)


def _examine() -> int:
    try:
        return doctor.examine(settings.load())
    except ValueError as error:
        sys.stdout.write(f"fix   {error}\n")
        return 1


def _tell() -> int:
    state = settings.load().state
    found = state_lock.holder(state)
    if found is None:
        sys.stderr.write(f"no localaws runs on {state}: start it with python -m localaws\n")
        return 1
    sys.stdout.write(f"{found.address} (pid {found.pid}, state {state})\n")
    return 0


def _stop() -> int:
    state = settings.load().state
    found = state_lock.holder(state)
    if found is None:
        sys.stderr.write(f"no localaws runs on {state}\n")
        return 0
    os.kill(found.pid, signal.SIGTERM)
    until = time.monotonic() + SECONDS_TO_END
    while state_lock.holder(state):
        if time.monotonic() > until:
            sys.stderr.write(f"pid {found.pid} has not ended yet: see its log, then kill it\n")
            return 1
        time.sleep(0.1)
    return 0


def _serve(server: Server, chosen: settings.Settings, listener: socket.socket) -> int:
    port = listener.getsockname()[1]
    settings.enter(chosen, port)
    if chosen.persist:
        state_lock.note_address(chosen.state, f"http://127.0.0.1:{port}")
        for pid in machine.end_former(chosen.state):
            sys.stderr.write(f"pid {pid} of the former localaws still ran: it was ended\n")
    for mended in s3_files.mend(chosen.state / "s3"):
        sys.stderr.write(f"{mended}\n")
    wrong = _start_trino() if chosen.engine == "trino" else 0
    if wrong:
        return wrong
    asyncio.run(server(chosen, listener))
    return 0


def _localaws(chosen: settings.Settings, listener: socket.socket) -> Serving:
    serving: Serving = importlib.import_module("localaws.server").serve(chosen, listener)
    return serving


def _start_trino() -> int:
    # Before anything is served, so that what is missing ends the start and not the first query.
    engines = importlib.import_module("localaws.athena.api")
    trino_files = importlib.import_module("localaws.athena.trino_files")
    trino_server = importlib.import_module("localaws.athena.trino_server")
    try:
        engines.warm()
    except trino_files.Missing as error:
        sys.stderr.write(f"{error}\n")
        return int(trino_files.EXIT_MISSING)
    except trino_server.NotStarted as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(512)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        who = machine.owner(port) or "another process"
        text = f"port {port} is taken by {who}: end that, or choose another by LOCALAWS_PORT"
        raise OSError(text) from error
    return listener


_WORDS: dict[str, tuple[Callable[[], int], str]] = {
    "serve": (lambda: serve_here(_localaws), "answer until SIGTERM or SIGINT (the default)"),
    "doctor": (_examine, "check this machine; each line says what to do"),
    "status": (_tell, "say where the localaws of the state folder listens; exit 1 when none does"),
    "stop": (_stop, "end the localaws of the state folder"),
}

if __name__ == "__main__":
    sys.exit(main())
