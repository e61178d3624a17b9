"""INSERT into an Iceberg table and CTAS of a new one: checks, files, then one commit."""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from localaws.athena import iceberg_files, iceberg_partitions, results
from localaws.athena.engine import Outcome, Work
from localaws.athena.failures import QueryFailed, from_duckdb
from localaws.athena.partition_files import stored
from localaws.athena.scopes import Column
from localaws.athena.statements import CreateTableAs
from localaws.athena.trino_types import quote


@dataclass(frozen=True, slots=True)
class Begun:
    """A table to write files for, existing or staged, and how its files become a snapshot."""

    table: Any
    commit: Callable[[list[Any]], None]


@dataclass(slots=True)
class IcebergTarget:
    """An Iceberg table rows go to; `begin` gives it, once the query's columns were checked."""

    work: Work
    checks: Callable[[tuple[Column, ...]], tuple[Column, ...]]
    begin: Callable[[tuple[Column, ...]], "Begun"]
    exists: bool = False
    with_data: bool = True
    columns: tuple[Column, ...] = ()

    def check(self, columns: tuple[Column, ...]) -> None:
        """Raise QueryFailed unless a query with these columns may be written here."""
        self.columns = self.checks(columns)

    def write(self, connection: Any, query: Any, scratch: Path, scanned: int) -> Outcome:
        """Run the query, upload its rows, commit them; return the outcome."""
        manifest = results.manifest_location(self.work)
        try:
            table, rows, files = self._written(connection, query, scratch)
        except QueryFailed as error:
            raise results.left_behind(error, manifest) from error
        results.write_manifest(self.work, tuple(file.file_path for file in files))
        created = isinstance(self.work.statement, CreateTableAs)
        location = table.location() if created else ""
        return Outcome(updated=rows, scanned=scanned, manifest=manifest, location=location)

    def _written(self, connection: Any, query: Any, scratch: Path) -> tuple[Any, int, list[Any]]:
        compute(connection, "written", query.sql, self.columns, limited=not self.with_data)
        (rows,) = connection.execute("SELECT count(*) FROM written").fetchone()
        begun = self.begin(self.columns)
        table = begun.table
        iceberg_partitions.refuse_many(connection, "written", table)
        output = iceberg_files.Output(connection, self.work, scratch)
        files = iceberg_files.write(output, "written", table)
        begun.commit(files)
        return table, int(rows), files


def compute(
    connection: Any, name: str, sql: str, columns: tuple[Column, ...], *, limited: bool = False
) -> None:
    """Run a query once into a temporary table, its columns as those they are written to."""
    items = ", ".join(f"{stored(c)} AS {quote(c.name.lower())}" for c in columns)
    limit = " LIMIT 0" if limited else ""
    try:
        connection.execute(
            f"CREATE TEMP TABLE {quote(name)} AS SELECT {items} FROM ({sql}) AS q{limit}"
        )
    except duckdb.Error as error:
        raise from_duckdb(error, sql) from error
