"""DELETE, UPDATE and MERGE on an Iceberg table: only touched files are written anew.

A query finds the changed rows by file and position. The rows the touched files keep, and those
that are new, become files; one commit puts them in the old files' place.
"""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from localaws.athena import (
    dialect,
    iceberg_commits,
    iceberg_files,
    iceberg_partitions,
    iceberg_scans,
    parsing,
    results,
)
from localaws.athena import trino_types as t
from localaws.athena.catalog import Catalog
from localaws.athena.engine import Outcome, Work
from localaws.athena.failures import QueryFailed, from_duckdb
from localaws.athena.iceberg_change_queries import Change, change_query, filled
from localaws.athena.iceberg_types import columns_of
from localaws.athena.partition_files import stored
from localaws.athena.relations import Relations
from localaws.athena.scopes import Column
from localaws.athena.statements import ChangeRows, Name
from localaws.athena.tables import Columns, Table, View
from localaws.athena.trino_types import quote

_PATH, _POSITION, _CASE = '"$$path"', '"$$position"', '"$$case"'


def change(work: Work, statement: ChangeRows, connection: Any, scratch: Path) -> Outcome:
    """Change rows in one snapshot; return how many. Raise QueryFailed; then nothing changed."""
    try:
        return _Changing(work, statement, connection).outcome(scratch)
    except duckdb.Error as error:
        raise from_duckdb(error, statement.text) from error


@dataclass(frozen=True, slots=True)
class _Positions:
    """A catalog in which rows of one table tell their position in their file."""

    catalog: Catalog
    name: Name

    def find(self, schema: str, name: str) -> Table | View:
        found = self.catalog.find(schema, name)
        if isinstance(found, Table) and (schema, name) == self.name:
            return replace(found, columns=(*found.columns, (iceberg_scans.POSITION, t.BIGINT)))
        return found


class _Changing:
    def __init__(self, work: Work, statement: ChangeRows, connection: Any) -> None:
        self.work, self.statement, self.connection = work, statement, connection
        self.catalog = Catalog(work.caller)
        found = self.catalog.find(*statement.name)
        if not isinstance(found, Table) or found.iceberg is None:
            raise QueryFailed("NOT_SUPPORTED", f"{'.'.join(statement.name)} cannot be changed")
        self.table = found
        self.columns: Columns = columns_of(found.iceberg.schema)

    def outcome(self, scratch: Path) -> Outcome:
        """Find what changes, write it, commit it."""
        asked = change_query(parsing.change_of(self.statement.text), self.columns)
        tables = _Positions(self.catalog, self.statement.name)
        query = dialect.translate(asked.query, self.work.database, tables)
        slots = filled(asked, query.columns, self.columns)
        relations = Relations(self.connection, self.work, self.catalog)
        scanned = relations.open(query)
        self._found(query)
        rows = self._new_rows(asked, slots)
        (number,) = self._one("SELECT count(*) FROM changes")
        old, new = self._rewritten(relations, scratch)
        if old or new:
            word = "overwrite" if rows else "delete"
            iceberg_commits.exchange(self.table.iceberg.table, old, new, word)
        results.write_manifest(self.work, tuple(file.file_path for file in new))
        manifest = results.manifest_location(self.work)
        return Outcome(updated=int(number), scanned=scanned, manifest=manifest)

    def _found(self, query: Any) -> None:
        path, position, case = (quote(column.slot) for column in query.columns[:3])
        self.connection.execute(
            f"CREATE TEMP TABLE changes AS SELECT {path} AS {_PATH}, "
            f"{position} AS {_POSITION}, {case} AS {_CASE}, * FROM ({query.sql}) AS q "
            f"WHERE {case} >= 0"
        )
        twice = self.connection.execute(
            f"SELECT 1 FROM changes WHERE {_PATH} IS NOT NULL "
            f"GROUP BY {_PATH}, {_POSITION}, {_CASE} HAVING count(*) > 1 LIMIT 1"
        ).fetchall()
        if twice:
            text = "One MERGE target table row matched more than one source row"
            raise QueryFailed("MERGE_TARGET_ROW_MULTIPLE_MATCHES", text)

    def _new_rows(self, asked: Change, slots: list[dict[str, str]]) -> int:
        # An updated row keeps what no case sets; that is read from its file again below.
        selects = [
            self._case_rows(number, slots[number], updates=bool(case.names) and not case.inserts)
            for number, case in enumerate(asked.cases)
            if case.names
        ]
        nothing = ", ".join(f"CAST(NULL AS {t.duck(k)}) AS {quote(n)}" for n, k in self.columns)
        union = " UNION ALL ".join([f"SELECT {nothing} WHERE FALSE", *selects])
        self.new_rows = union
        return sum(
            int(self._one(f"SELECT count(*) FROM changes WHERE {_CASE} = {number}")[0])
            for number, case in enumerate(asked.cases)
            if case.names
        )

    def _case_rows(self, number: int, slots: dict[str, str], *, updates: bool) -> str:
        items = []
        for name, kind in self.columns:
            if updates and name not in slots:
                items.append(f"r.{quote(name)} AS {quote(name)}")
            else:
                filled_by = Column(name, kind, slots.get(name, ""))
                items.append(f"{stored(filled_by)} AS {quote(name)}")
        source = "changes AS q"
        if updates:
            match = f'r."$path" = q.{_PATH} AND r."$row_position" = q.{_POSITION}'
            source += f" JOIN touched_rows AS r ON {match}"
        return f"SELECT {', '.join(items)} FROM {source} WHERE q.{_CASE} = {number}"

    def _rewritten(self, relations: Relations, scratch: Path) -> tuple[list[Any], list[Any]]:
        tasks = self._touched(relations)
        named = (*self.table.columns, (iceberg_scans.POSITION, t.BIGINT))
        scan = iceberg_scans.Scan(replace(self.table, columns=named), tuple(tasks))
        rows = iceberg_scans.select(scan, set(), self.work.caller)
        self.connection.execute(f"CREATE TEMP TABLE touched_rows AS {rows}")
        self.connection.execute(f"CREATE TEMP TABLE new_rows AS {self.new_rows}")
        table = self.table.iceberg.table
        iceberg_partitions.refuse_many(self.connection, "new_rows", table)
        listed = ", ".join(f"r.{quote(name)}" for name, _ in self.columns)
        match = f'r."$path" = c.{_PATH} AND r."$row_position" = c.{_POSITION}'
        self.connection.execute(
            f"CREATE TEMP TABLE rewritten AS SELECT {listed} FROM touched_rows AS r "
            f"WHERE NOT EXISTS (SELECT 1 FROM changes AS c WHERE {match}) "
            "UNION ALL SELECT * FROM new_rows"
        )
        output = iceberg_files.Output(self.connection, self.work, scratch)
        return [task.file for task in tasks], iceberg_files.write(output, "rewritten", table)

    def _touched(self, relations: Relations) -> list[Any]:
        found = self.connection.execute(
            f"SELECT DISTINCT {_PATH} FROM changes WHERE {_PATH} IS NOT NULL"
        ).fetchall()
        paths = {path for (path,) in found}
        scans = [
            scan
            for scan in relations.iceberg.values()
            if scan.table.iceberg.table is self.table.iceberg.table
        ]
        tasks = {task.file.file_path: task for scan in scans for task in scan.tasks}
        return [tasks[path] for path in sorted(paths)]

    def _one(self, sql: str) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self.connection.execute(sql).fetchone()
        return row
