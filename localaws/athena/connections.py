"""DuckDB connections: what is loaded and set, and how they reach S3.

Each query gets a database of its own. What is the same for all is made once a process: a file of
the macros, which a database attaches ten times as fast as it makes them, and the check of the
extensions' signatures, which reads 40 MB.
"""

import functools
import importlib.util
from pathlib import Path
from typing import Any

import duckdb

from localaws.athena.macros import MACROS
from localaws.athena.trino_types import text
from localaws.caller import Caller

_MEMORY = "1GB"
# What stands twice would be computed before the CASE, AND or FILTER that keeps it from failing.
LAZY = "SET disabled_optimizers='common_subexpressions'"


def connected(scratch: Path) -> Any:
    """Return a connection that can read from S3 and knows time zones."""
    connection = plain(scratch)
    for name in ("httpfs", "icu"):
        connection.execute(f"LOAD {text(_checked_extension(name))}")
    # One connection serves one query, so what S3 said of a file holds until the query ends.
    connection.execute("SET TimeZone='UTC'; SET enable_http_metadata_cache=true")
    return connection


def plain(scratch: Path) -> Any:
    """Return a connection without extensions, to check queries with."""
    connection = duckdb.connect(":memory:", config=_CHECKED_BEFORE)
    connection.execute(f"ATTACH {text(str(_macro_file(scratch)))} AS macros (READ_ONLY)")
    connection.execute(LAZY)
    connection.execute(
        "SET search_path='memory,macros'; "
        "SET autoinstall_known_extensions=false; SET autoload_known_extensions=false; "
        f"SET memory_limit='{_MEMORY}'; SET threads=2; SET temp_directory={text(str(scratch))}; "
        "SET parquet_metadata_cache=true; SET enable_progress_bar=false"
    )
    return connection


def use_s3(connection: Any, caller: Caller) -> None:
    """Let a connection read what the caller may."""
    scheme, _, host = caller.endpoint.partition("://")
    token = f"SESSION_TOKEN {text(caller.session_token)}, " if caller.session_token else ""
    connection.execute(
        f"CREATE SECRET lake (TYPE S3, KEY_ID {text(caller.access_key)}, "
        f"SECRET {text(caller.secret_key)}, {token}ENDPOINT {text(host)}, URL_STYLE 'path', "
        f"USE_SSL {str(scheme == 'https').lower()}, REGION {text(caller.region)})"
    )


def zoned() -> Any:
    """Return a connection to work out one constant with: time zones, no S3."""
    connection = duckdb.connect(":memory:")
    connection.execute(f"LOAD {text(_extension('icu'))}; SET TimeZone='UTC'")
    _add_macros(connection)
    return connection


@functools.cache
def _macro_file(scratch: Path) -> Path:
    path = scratch / "macros.duckdb"
    with duckdb.connect(path) as connection:
        _add_macros(connection)
    return path


def _add_macros(connection: Any) -> None:
    for macro in MACROS:
        connection.execute(macro)


@functools.cache
def _checked_extension(name: str) -> str:
    """Return the file of an extension; raise duckdb.Error if its signature is not DuckDB's."""
    path = _extension(name)
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"LOAD {text(path)}")
    return path


def _extension(name: str) -> str:
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the wheel duckdb-extension-{name} is missing: run make setup")
    found = sorted(Path(spec.origin).parent.glob(f"extensions/*/{name}.duckdb_extension"))
    return str(found[0])


# Only files that _checked_extension let through are ever loaded.
_CHECKED_BEFORE: dict[str, Any] = {"allow_unsigned_extensions": "true"}
