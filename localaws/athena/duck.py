"""The engine on DuckDB: translate, prune, list, scan, run. A fresh connection for each query."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from localaws.athena import dialect, results, scans, writes
from localaws.athena.catalog import INFORMATION, Catalog
from localaws.athena.engine import Outcome, ResultColumn, Work
from localaws.athena.failures import CutOff, from_duckdb, not_supported
from localaws.athena.macros import MACROS
from localaws.athena.partitions import DataFile, Part, files_of, kept, parts_of
from localaws.athena.plans import demands
from localaws.athena.python_functions import register
from localaws.athena.scanned import scanned_bytes, used_columns
from localaws.athena.scopes import Column
from localaws.athena.statements import ChangeRows, Explain, Optimize, Vacuum
from localaws.athena.tables import Table
from localaws.athena.trino_types import parse, text
from localaws.caller import Caller

_MEMORY = "1GB"


class DuckEngine:
    """Runs one query at a time; `scratch` is where it spills and stages files.

    The next query's connection is prepared while nobody waits: loading extensions takes 40 ms.
    """

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self._ready: Any = None

    def prepare(self) -> None:
        """Open the next connection, if none is ready."""
        if self._ready is None:
            self._ready = _connected(self.scratch)

    def execute(self, work: Work) -> Outcome:
        """Run a query, write its result files; raise QueryFailed or CutOff."""
        if isinstance(work.statement, Explain):
            if work.statement.analyze:
                raise not_supported("EXPLAIN ANALYZE")
            return self._explain(work, work.statement)
        self.prepare()
        connection, self._ready = self._ready, None
        run = _Run(connection, work)
        try:
            return run.outcome(self.scratch)
        except duckdb.Error as error:
            raise from_duckdb(error, repr(work.statement)) from error
        finally:
            connection.close()

    def describe(self, query: str, database: str, caller: Caller) -> tuple[Column, ...]:
        """Return a query's columns without reading data; raise QueryFailed if it is not valid."""
        found = dialect.translate(dialect.parse(query), database, Catalog(caller))
        connection = _plain(self.scratch)
        try:
            for read, table in found.reads.items():
                scans.create_empty(connection, read, table)
            register(connection, found.functions)
            connection.execute(f"DESCRIBE {found.sql}")
        except duckdb.Error as error:
            raise from_duckdb(error, query) from error
        finally:
            connection.close()
        return found.columns

    def _explain(self, work: Work, statement: Explain) -> Outcome:
        columns = self.describe(statement.query, work.database, work.caller)
        tree = dialect.parse(statement.query)
        found = dialect.translate(tree, work.database, Catalog(work.caller))
        lines = _plan_lines(found, columns, statement)
        name = "Valid" if statement.validate else "Query Plan"
        kind = parse("boolean" if statement.validate else "varchar")
        return Outcome(columns=(ResultColumn(name, kind),), lines=tuple(lines))


class _Run:
    """One query on one connection."""

    def __init__(self, connection: Any, work: Work) -> None:
        self.connection = connection
        self.work = work
        self.catalog = Catalog(work.caller)
        self.scanned = 0

    def outcome(self, scratch: Path) -> Outcome:
        """Return what the query came to, its files written."""
        work, statement = self.work, self.work.statement
        if isinstance(statement, ChangeRows | Optimize | Vacuum):
            raise not_supported(f"changes of the Iceberg table {'.'.join(statement.name)}")
        target = writes.target(work, self.catalog)
        if target is not None and target.exists:
            return Outcome()
        query = dialect.translate(dialect.parse(statement.query), work.database, self.catalog)
        if target is not None:
            target.check(query.columns)
        self._open(query)
        if target is not None:
            return target.write(self.connection, query, scratch, self.scanned)
        columns = _labelled(query.columns)
        return results.write_rows(work, columns, self._rows(query, columns), self.scanned)

    def _open(self, query: dialect.Query) -> None:
        _use_s3(self.connection, self.work.caller)
        used = [used_columns(tree) for tree in query.trees]
        names = None if None in used else set().union(*(one for one in used if one))
        wanted = demands(query.plan)
        found = {
            read: self._files(read, table, wanted) for read, table in query.reads.items()
            if table.schema != INFORMATION
        }  # fmt: skip
        self.scanned = sum(
            scanned_bytes(self.connection, query.reads[read], files, names)
            for read, files in found.items()
        )
        if self.work.cut_off is not None and self.scanned > self.work.cut_off:
            raise CutOff("Bytes scanned limit was exceeded")
        for read, table in query.reads.items():
            if table.schema == INFORMATION:
                self._information(read, table, wanted)
            else:
                scans.create(self.connection, read, table, found[read], self.work.caller)
        register(self.connection, query.functions)

    def _files(self, read: str, table: Table, wanted: Any) -> list[DataFile]:
        if read not in wanted:
            return []
        described = self.catalog.partitions(table.schema, table.name) if table.keys else []
        every = parts_of(table, described)
        parts = kept(every, table.keys, wanted[read]) if table.keys else every
        return files_of(table, parts, every, self.work.caller)

    def _information(self, read: str, table: Table, wanted: Any) -> None:
        every = [Part((name,), "") for name in self.catalog.databases()]
        schemas = [part.values[0] or "" for part in kept(every, table.keys, wanted.get(read, [[]]))]
        rows = list(self.catalog.information(table.name, schemas))
        scans.create_from_rows(self.connection, read, table.columns, rows)

    def _rows(self, query: dialect.Query, columns: tuple[ResultColumn, ...]) -> Iterator[Any]:
        for column in columns:
            if column.type.name.startswith("interval"):
                raise not_supported(f"the text of {column.name}, an interval")
        found = self.connection.execute(query.sql)
        while batch := found.fetchmany(10_000):
            yield from batch


def _labelled(columns: tuple[Column, ...]) -> tuple[ResultColumn, ...]:
    return tuple(ResultColumn(c.name or f"_col{i}", c.type) for i, c in enumerate(columns))


def _plan_lines(query: dialect.Query, columns: tuple[Column, ...], statement: Explain) -> list[str]:
    if statement.validate:
        return ["true"]
    layout = ", ".join(f"{c.name or f'_col{i}'}:{c.type.name}" for i, c in enumerate(columns))
    names = [f"{table.schema}.{table.name}" for table in query.reads.values()]
    lines = ["Fragment 0 [SINGLE]", f"    Output layout: [{layout}]"]
    lines += [f"    TableScan[table = awsdatacatalog:{name}]" for name in names]
    if not statement.as_json:
        return lines
    return ["{", f'  "outputs": "{layout}",', f'  "scans": "{", ".join(names)}"', "}"]


def _connected(scratch: Path) -> Any:
    connection = _plain(scratch)
    for name in ("httpfs", "icu"):
        connection.execute(f"LOAD {text(_extension(name))}")
    # One connection serves one query, so what S3 said of a file holds until the query ends.
    connection.execute("SET TimeZone='UTC'; SET enable_http_metadata_cache=true")
    return connection


def _plain(scratch: Path) -> Any:
    connection = duckdb.connect(":memory:")
    connection.execute(
        "SET autoinstall_known_extensions=false; SET autoload_known_extensions=false; "
        f"SET memory_limit='{_MEMORY}'; SET threads=2; SET temp_directory={text(str(scratch))}; "
        "SET parquet_metadata_cache=true; SET enable_progress_bar=false"
    )
    for macro in MACROS:
        connection.execute(macro)
    return connection


def _use_s3(connection: Any, caller: Caller) -> None:
    scheme, _, host = caller.endpoint.partition("://")
    token = f"SESSION_TOKEN {text(caller.session_token)}, " if caller.session_token else ""
    connection.execute(
        f"CREATE SECRET lake (TYPE S3, KEY_ID {text(caller.access_key)}, "
        f"SECRET {text(caller.secret_key)}, {token}ENDPOINT {text(host)}, URL_STYLE 'path', "
        f"USE_SSL {str(scheme == 'https').lower()}, REGION {text(caller.region)})"
    )


def _extension(name: str) -> str:
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the wheel duckdb-extension-{name} is missing: run make setup")
    found = sorted(Path(spec.origin).parent.glob(f"extensions/*/{name}.duckdb_extension"))
    return str(found[0])
