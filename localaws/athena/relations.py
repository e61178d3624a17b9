"""What a translated query reads -> relations in its connection: pruned, listed, measured."""

from datetime import UTC, datetime
from typing import Any

from localaws.athena import partition_tables, projection, scans
from localaws.athena.catalog import INFORMATION, Catalog
from localaws.athena.connections import use_s3
from localaws.athena.dialect import Query
from localaws.athena.engine import Work
from localaws.athena.failures import CutOff, not_supported
from localaws.athena.hidden_columns import names_in
from localaws.athena.partition_tables import is_partition_table
from localaws.athena.partitions import DataFile, Part, demanded, files_of, kept, parts_of
from localaws.athena.plans import Condition, demands
from localaws.athena.python_functions import register
from localaws.athena.scanned import scanned_bytes, used_columns
from localaws.athena.tables import Table

Demands = dict[str, list[list[Condition]]]


class Relations:
    """The relations of one query on one connection."""

    def __init__(self, connection: Any, work: Work, catalog: Catalog) -> None:
        self.connection = connection
        self.work = work
        self.catalog = catalog
        self.iceberg: dict[str, Any] = {}

    def open(self, query: Query) -> int:
        """Make every table a query reads exist; return the bytes it scans.

        Raise CutOff, before any row is read, when that is more than the work group allows.
        """
        if query.reads:
            use_s3(self.connection, self.work.caller)
        register(self.connection, query.functions)
        used = [used_columns(tree) for tree in query.trees]
        names = None if None in used else set().union(*(one for one in used if one))
        wanted = demands(query.plan)
        files, scanned = self._hive(query, wanted, names)
        scanned += self._iceberg(query, wanted, names)
        if self.work.cut_off is not None and scanned > self.work.cut_off:
            raise CutOff("Bytes scanned limit was exceeded")
        for read, table in query.reads.items():
            if table.schema == INFORMATION:
                self._information(read, table, wanted)
            elif is_partition_table(table):
                self._partitions(read, table, wanted)
            elif table.iceberg is None:
                named = names_in(query.trees)
                scans.create(self.connection, read, table, files[read], named, self.work.caller)
        return scanned

    def _hive(
        self, query: Query, wanted: Demands, names: set[str] | None
    ) -> tuple[dict[str, list[DataFile]], int]:
        files = {
            read: self._files(read, table, wanted)
            for read, table in query.reads.items()
            if _is_hive(table)
        }
        scanned = sum(
            scanned_bytes(self.connection, query.reads[read], found, names, wanted.get(read, []))
            for read, found in files.items()
        )
        return files, scanned

    def _iceberg(self, query: Query, wanted: Demands, names: set[str] | None) -> int:
        tables = {read: t for read, t in query.reads.items() if t.iceberg is not None}
        if not tables:
            return 0
        from localaws.athena import iceberg_scans  # noqa: PLC0415 -- pyiceberg loads slowly

        for read, table in tables.items():
            scan = iceberg_scans.planned(self.connection, table, wanted.get(read))
            iceberg_scans.create(self.connection, read, scan, query.trees, self.work.caller)
            self.iceberg[read] = scan
        return sum(iceberg_scans.scanned_bytes(scan, names) for scan in self.iceberg.values())

    def _files(self, read: str, table: Table, wanted: Demands) -> list[DataFile]:
        if read not in wanted:
            return []
        every = self._parts(table, wanted[read])
        keys = table.keys
        parts = kept(self.connection, every, keys, wanted[read]) if keys else every
        whole = not demanded(keys, wanted[read])
        return files_of(table, parts, every, self.work.caller, whole=whole)

    def _parts(self, table: Table, wanted: list[list[Condition]]) -> list[Part]:
        if table.keys and projection.is_projected(table.glue):
            return projection.parts_of(table.glue, datetime.now(UTC), wanted)
        if not table.keys:
            return parts_of(table, [])
        # Parquet is read by name; where places count, a partition's own columns matter.
        parquet = "parquet" in str(table.glue["StorageDescriptor"].get("InputFormat", "")).lower()
        described = self.catalog.partitions(table.schema, table.name, columns=not parquet)
        return parts_of(table, described)

    def _partitions(self, read: str, table: Table, wanted: Demands) -> None:
        if projection.is_projected(table.glue):
            raise not_supported(f"the table {table.name}, whose partitions are projected,")
        described = self.catalog.partitions(table.schema, str(table.glue["Name"]))
        parts = kept(
            self.connection, parts_of(table, described), table.keys, wanted.get(read, [[]])
        )
        partition_tables.create(self.connection, read, table, parts)

    def _information(self, read: str, table: Table, wanted: Demands) -> None:
        every = [Part((name,), "") for name in self.catalog.databases()]
        parts = kept(self.connection, every, table.keys, wanted.get(read, [[]]))
        schemas = [part.values[0] or "" for part in parts]
        rows = list(self.catalog.information(table.name, schemas))
        scans.create_from_rows(self.connection, read, table.columns, rows)


def _is_hive(table: Table) -> bool:
    special = table.schema == INFORMATION or is_partition_table(table)
    return not special and table.iceberg is None
