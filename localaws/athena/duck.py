"""The engine on DuckDB: translate, prune, list, scan, run. A fresh connection for each query."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from localaws.athena import dialect, results, scans, writes
from localaws.athena.catalog import Catalog
from localaws.athena.connections import connected, plain
from localaws.athena.engine import Outcome, ResultColumn, Work
from localaws.athena.explanations import explained
from localaws.athena.failures import from_duckdb, not_supported
from localaws.athena.python_functions import register
from localaws.athena.relations import Relations
from localaws.athena.scopes import Column
from localaws.athena.statements import ChangeRows, Explain, Optimize, Vacuum
from localaws.caller import Caller


class DuckEngine:
    """Runs one query at a time; `scratch` is where it spills and stages files.

    The next query's connection is prepared while nobody waits: making a database takes 15 ms.
    """

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self._ready: Any = None

    def prepare(self) -> None:
        """Open the next connection, if none is ready."""
        if self._ready is None:
            self._ready = connected(self.scratch)

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
            outcome = run.outcome(self.scratch)
            if run.left_nothing:
                self._ready = connection
            return outcome
        except duckdb.Error as error:
            raise from_duckdb(error, repr(work.statement)) from error
        finally:
            if self._ready is None:
                connection.close()

    def describe(self, query: str, database: str, caller: Caller) -> tuple[Column, ...]:
        """Return a query's columns without reading data; raise QueryFailed if it is not valid."""
        found = dialect.translate(dialect.parse(query), database, Catalog(caller))
        connection = plain(self.scratch)
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
        self.describe(statement.query, work.database, work.caller)
        tree = dialect.parse(statement.query)
        return explained(dialect.translate(tree, work.database, Catalog(work.caller)), statement)


class _Run:
    """One query on one connection; `left_nothing`: no secret, relation or function stays in it."""

    def __init__(self, connection: Any, work: Work) -> None:
        self.connection = connection
        self.work = work
        self.catalog = Catalog(work.caller)
        self.scanned = 0
        self.left_nothing = False

    def outcome(self, scratch: Path) -> Outcome:
        """Return what the query came to, its files written."""
        work, statement = self.work, self.work.statement
        if isinstance(statement, ChangeRows):
            from localaws.athena import iceberg_changes  # noqa: PLC0415 -- pyiceberg loads slowly

            return iceberg_changes.change(work, statement, self.connection, scratch)
        if isinstance(statement, Optimize | Vacuum):
            from localaws.athena import iceberg_upkeep  # noqa: PLC0415 -- pyiceberg loads slowly

            if isinstance(statement, Vacuum):
                return iceberg_upkeep.vacuum(work, statement)
            return iceberg_upkeep.optimize(work, statement, self.connection, scratch)
        target = writes.target(work, self.catalog)
        if target is not None and target.exists:
            return Outcome()
        query = dialect.translate(dialect.parse(statement.query), work.database, self.catalog)
        if target is not None:
            target.check(query.columns)
        opened = Relations(self.connection, work, self.catalog)
        self.scanned = opened.open(query)
        if target is not None:
            written: Outcome = target.write(self.connection, query, scratch, self.scanned)
            return written
        columns = _labelled(query.columns)
        outcome = results.write_rows(work, columns, self._rows(query), self.scanned)
        self.left_nothing = not query.reads and not query.functions
        return outcome

    def _rows(self, query: dialect.Query) -> Iterator[Any]:
        found = self.connection.execute(query.sql)
        while batch := found.fetchmany(10_000):
            yield from batch


def _labelled(columns: tuple[Column, ...]) -> tuple[ResultColumn, ...]:
    return tuple(ResultColumn(c.name or f"_col{i}", c.type) for i, c in enumerate(columns))
