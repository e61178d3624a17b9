"""The settings -> the engine they name, its processes started."""

import tempfile
from pathlib import Path

from localaws.athena import trino_files, trino_server
from localaws.athena.engine import Engine
from localaws.athena.trino import TrinoEngine
from localaws.athena.worker import Pool
from localaws.settings import Settings


def started(chosen: Settings, endpoint: str) -> Engine:
    """Return the engine; raise Missing or NotStarted when Trino is asked for and cannot run.

    `endpoint` is where this localaws answers.
    """
    scratch = chosen.state / "athena"
    scratch.mkdir(parents=True, exist_ok=True)
    own = Path(tempfile.mkdtemp(dir=scratch))
    if chosen.engine == "duckdb":
        return Pool(own)
    files = trino_files.fetched(chosen.trino, chosen.java_home)
    server = trino_server.start(files, own, endpoint, chosen.region)
    server.wait()
    return TrinoEngine(server, chosen.region)
