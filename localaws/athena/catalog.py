"""Glue's databases and tables -> what a query sees of them, information_schema included."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from localaws.athena import clients, views
from localaws.athena.failures import QueryFailed
from localaws.athena.hidden_columns import hidden_columns
from localaws.athena.partition_tables import partition_table
from localaws.athena.tables import Columns, Table, View
from localaws.athena.trino_types import VARCHAR, Type, parse, trino
from localaws.caller import Caller

CATALOG = "awsdatacatalog"
INFORMATION = "information_schema"
_BIGINT = Type("bigint")
_INFORMATION: dict[str, Columns] = {
    "schemata": (("catalog_name", VARCHAR), ("schema_name", VARCHAR)),
    "tables": tuple(
        (name, VARCHAR) for name in ("table_catalog", "table_schema", "table_name", "table_type")
    ),
    "columns": (
        *((n, VARCHAR) for n in ("table_catalog", "table_schema", "table_name", "column_name")),
        ("ordinal_position", _BIGINT),
        *((n, VARCHAR) for n in ("column_default", "is_nullable", "data_type", "comment")),
        ("extra_info", VARCHAR),
    ),
    "views": tuple(
        (name, VARCHAR)
        for name in ("table_catalog", "table_schema", "table_name", "view_definition")
    ),
}


class Catalog:
    """Glue through a caller's eyes; one per query, so each table is asked for once."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.glue = clients.glue(caller)
        self._tables: dict[tuple[str, str], Any] = {}
        self._loaded: dict[tuple[str, str], Any] = {}

    def find(self, schema: str, name: str) -> Table | View:
        """Return a table or view; raise QueryFailed TABLE_NOT_FOUND, SCHEMA_NOT_FOUND."""
        if schema == INFORMATION:
            return _information_table(name)
        base, _, part = name.partition("$")
        found = self.described(schema, base)
        if found is None:
            raise self.missing(schema, name)
        if is_iceberg(found):
            return self._iceberg(schema, base, part, found)
        if part:
            keys = columns_of(found.get("PartitionKeys") or [])
            return partition_table(schema, found, part, keys)
        if found.get("TableType") == "VIRTUAL_VIEW":
            return views.decode(found)
        return table_of(schema, found)

    def _iceberg(self, schema: str, name: str, part: str, found: Any) -> Table:
        # Read once, so that every mention in a query means the same snapshot.
        from localaws.athena import iceberg_tables  # noqa: PLC0415 -- pyiceberg loads slowly

        if (schema, name) not in self._loaded:
            self._loaded[schema, name] = iceberg_tables.load(schema, name, self.caller)
        return iceberg_tables.read(self._loaded[schema, name], part, found)

    def missing(self, schema: str, name: str) -> QueryFailed:
        """Return why a table is not found: it or its database does not exist."""
        if self.database(schema) is None:
            return QueryFailed("SCHEMA_NOT_FOUND", f"line 1:1: Schema '{schema}' does not exist")
        text = f"line 1:1: Table '{CATALOG}.{schema}.{name}' does not exist"
        return QueryFailed("TABLE_NOT_FOUND", text)

    def described(self, schema: str, name: str) -> Any | None:
        """Return Glue's description of a table, or None."""
        key = (schema, name)
        if key not in self._tables:
            self._tables[key] = _found(
                lambda: self.glue.get_table(DatabaseName=schema, Name=name)["Table"]
            )
        return self._tables[key]

    def database(self, name: str) -> Any | None:
        """Return Glue's description of a database, or None."""
        return _found(lambda: self.glue.get_database(Name=name)["Database"])

    def need_database(self, name: str) -> Any:
        """Return Glue's description of a database; raise QueryFailed SCHEMA_NOT_FOUND."""
        found = self.database(name)
        if found is None:
            raise QueryFailed("SCHEMA_NOT_FOUND", f"line 1:1: Schema '{name}' does not exist")
        return found

    def has_destination(self, schema: str, name: str, *, allowed: bool) -> bool:
        """Tell whether the table a CTAS names is there; raise QueryFailed unless it may be.

        Raise QueryFailed SCHEMA_NOT_FOUND when its database is not there.
        """
        self.need_database(schema)
        if self.described(schema, name) is None:
            return False
        if not allowed:
            text = f"line 1:1: Destination table '{CATALOG}.{schema}.{name}' already exists"
            raise QueryFailed("TABLE_ALREADY_EXISTS", text)
        return True

    def databases(self) -> list[str]:
        """Return the names of all databases, sorted."""
        pages = self.glue.get_paginator("get_databases").paginate()
        found = clients.asked(lambda: [d["Name"] for page in pages for d in page["DatabaseList"]])
        return sorted(found)

    def tables(self, schema: str) -> list[Any]:
        """Return Glue's descriptions of a database's tables, sorted by name."""
        pages = self.glue.get_paginator("get_tables").paginate(DatabaseName=schema)
        found = clients.asked(lambda: [item for page in pages for item in page["TableList"]])
        return sorted(found, key=lambda item: str(item["Name"]))

    def partitions(self, schema: str, name: str, *, columns: bool = False) -> list[Any]:
        """Return Glue's partitions of a table, with their columns if asked."""
        pages = self.glue.get_paginator("get_partitions").paginate(
            DatabaseName=schema, TableName=name, ExcludeColumnSchema=not columns
        )
        return clients.asked(lambda: [item for page in pages for item in page["Partitions"]])

    def information(self, name: str, schemas: list[str]) -> Iterator[list[Any]]:
        """Yield the rows of information_schema.`name` for these databases."""
        for schema in schemas:
            if name == "schemata":
                yield [CATALOG, schema]
                continue
            for found in self.tables(schema):
                yield from _information_rows(name, schema, found)


def table_of(schema: str, found: Any) -> Table:
    """Return the table Glue describes; raise QueryFailed for kinds this engine cannot read."""
    keys = columns_of(found.get("PartitionKeys") or [])
    columns = (*columns_of(found["StorageDescriptor"]["Columns"]), *keys)
    return Table(schema, str(found["Name"]), (*columns, *hidden_columns(keys)), keys, found)


def is_iceberg(found: Any) -> bool:
    """Tell whether Glue describes an Iceberg table."""
    return str((found.get("Parameters") or {}).get("table_type", "")).upper() == "ICEBERG"


def columns_of(listed: list[Any]) -> Columns:
    """Return Glue's column list as names and types."""
    return tuple((str(item["Name"]).lower(), parse(item["Type"])) for item in listed)


def _found(call: Any) -> Any | None:
    try:
        return clients.asked(call)
    except ClientError as error:
        if clients.code(error) == "EntityNotFoundException":
            return None
        raise


def _information_table(name: str) -> Table:
    if name not in _INFORMATION:
        text = f"Table '{CATALOG}.{INFORMATION}.{name}' does not exist"
        raise QueryFailed("TABLE_NOT_FOUND", f"line 1:1: {text}")
    key = "schema_name" if name == "schemata" else "table_schema"
    return Table(INFORMATION, name, _INFORMATION[name], ((key, VARCHAR),))


def _information_rows(name: str, schema: str, found: Any) -> Iterator[list[Any]]:
    is_view = found.get("TableType") == "VIRTUAL_VIEW"
    start = [CATALOG, schema, str(found["Name"])]
    if name == "tables":
        yield [*start, "VIEW" if is_view else "BASE TABLE"]
    elif name == "views" and is_view:
        yield [*start, views.decode(found).sql]
    elif name == "columns":
        keys = found.get("PartitionKeys") or []
        listed = [*((c, None) for c in _current(found["StorageDescriptor"].get("Columns", []))),
                  *((c, "partition key") for c in keys)]  # fmt: skip
        for number, (column, extra) in enumerate(listed, 1):
            kind = trino(parse(column["Type"]))
            if is_iceberg(found):
                kind = kind.replace("timestamp(3)", "timestamp(6)")
            comment = column.get("Comment") or None
            yield [*start, str(column["Name"]), number, None, "YES", kind, comment, extra]


def _current(columns: list[Any]) -> list[Any]:
    # Glue keeps the columns an Iceberg table once had.
    return [c for c in columns if c.get("Parameters", {}).get("iceberg.field.current") != "false"]
