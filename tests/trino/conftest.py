"""Two localaws, one on each engine; without Java or Maven the comparison ends with 3."""

from collections.abc import Iterator

import pytest

from localaws import settings
from localaws.athena import trino_files
from localaws.athena.trino_files import EXIT_MISSING, Missing
from tests.support import conformance_tables
from tests.support.localaws_server import LocalAws, start_localaws


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, LocalAws]]:
    """`duckdb` and `trino`: a localaws each, with the tables of the conformance suite."""
    chosen = settings.load()
    try:
        trino_files.fetched(chosen.trino, chosen.java_home)
    except Missing as error:
        pytest.exit(str(error), returncode=EXIT_MISSING)
    started: dict[str, LocalAws] = {}
    try:
        for engine in ("duckdb", "trino"):
            state = tmp_path_factory.mktemp(engine)
            started[engine] = start_localaws(state, LOCALAWS_ENGINE=engine)
            conformance_tables.create(started[engine].client)
        yield started
    finally:
        for server in started.values():
            server.stop()
