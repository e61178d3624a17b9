"""`python -m localaws`: the environment -> a server that says where it listens, in one JSON line.

ministack reads its variables and S3's folder while it is imported, so the port is bound, the
environment replaced and the folder mended first; only then is the server imported.
"""

import asyncio
import errno
import importlib
import socket
import sys
from contextlib import ExitStack

from localaws import s3_files, settings, state_lock


def main() -> int:
    """Serve until SIGTERM or SIGINT; return 1 when settings, folder or port forbid a start.

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
        return _serve(chosen, listener)


def _serve(chosen: settings.Settings, listener: socket.socket) -> int:
    settings.enter(chosen, listener.getsockname()[1])
    for mended in s3_files.mend(chosen.state / "s3"):
        sys.stderr.write(f"{mended}\n")
    wrong = _start_trino() if chosen.engine == "trino" else 0
    if wrong:
        return wrong
    server = importlib.import_module("localaws.server")
    asyncio.run(server.serve(chosen, listener))
    return 0


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
        text = f"port {port} is taken: end what listens there, or choose another by LOCALAWS_PORT"
        raise OSError(text) from error
    return listener


if __name__ == "__main__":
    sys.exit(main())
