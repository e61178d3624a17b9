"""`"t$partitions"` of a Hive table: one row per partition, one column per key."""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

from typing import Any

from localaws.athena.failures import QueryFailed
from localaws.athena.partitions import Part
from localaws.athena.tables import Columns, Table
from localaws.athena.trino_types import duck, quote
from localaws.athena.trino_types import text as literal

_SUFFIX = "$partitions"


def partition_table(schema: str, found: Any, part: str, keys: Columns) -> Table:
    """Return the table `part` about a table; raise QueryFailed TABLE_NOT_FOUND if it has none."""
    name = f"{found['Name']}${part}"
    if f"${part}" != _SUFFIX or not keys or found.get("TableType") == "VIRTUAL_VIEW":
        text = f"Table 'awsdatacatalog.{schema}.\"{name}\"' does not exist"
        raise QueryFailed("TABLE_NOT_FOUND", f"line 1:1: {text}")
    return Table(schema, name, keys, keys, found)


def is_partition_table(table: Table) -> bool:
    """Tell whether a table lists another's partitions."""
    return table.iceberg is None and table.name.endswith(_SUFFIX)


def create(connection: Any, read: str, table: Table, parts: list[Part]) -> None:
    """Make the relation `read` hold the values of these partitions."""
    items = ", ".join(
        f"CAST(k{i} AS {duck(kind)}) AS {quote(name)}" for i, (name, kind) in enumerate(table.keys)
    )
    slots = ", ".join(f"k{i}" for i in range(len(table.keys)))
    nothing = f"({', '.join('NULL' for _ in table.keys)})"
    listed = ", ".join(
        f"({', '.join('NULL' if v is None else literal(v) for v in part.values)})" for part in parts
    )
    source = f"(VALUES {listed or nothing}) AS p({slots})" + ("" if parts else " WHERE FALSE")
    connection.execute(f"CREATE TEMP VIEW {quote(read)} AS SELECT {items} FROM {source}")
