"""Glue's entry of an Iceberg table -> what a query sees: its rows at a snapshot, or its metadata.

Rows of a snapshot are read with that snapshot's schema, by field id, so old files stay right after
columns were added, renamed or dropped.
"""

from dataclasses import dataclass, replace
from typing import Any

from pyiceberg.exceptions import NoSuchIcebergTableError, NoSuchPropertyException, NoSuchTableError
from pyiceberg.schema import Schema, index_by_id

from localaws.athena import iceberg_metadata
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.iceberg_io import CallerCatalog, committed
from localaws.athena.iceberg_types import columns_of
from localaws.athena.tables import Table
from localaws.athena.trino_types import VARCHAR, ZONED
from localaws.caller import Caller

HIDDEN = (("$path", VARCHAR), ("$partition", VARCHAR), ("$file_modified_time", ZONED))
_DELETION_VECTORS = 3


@dataclass(frozen=True, slots=True)
class Source:
    """What is read of a table: a snapshot's rows (None: it has none), or `part` of its metadata."""

    table: Any
    snapshot: Any
    schema: Schema
    part: str = ""


def load(schema: str, name: str, caller: Caller) -> Any:
    """Return pyiceberg's table; raise QueryFailed if it may not be read or has no metadata."""
    missing = (NoSuchIcebergTableError, NoSuchPropertyException, NoSuchTableError)
    try:
        found = committed(
            f"{schema}.{name}", lambda: CallerCatalog(caller).load_table((schema, name))
        )
    except missing as error:
        text = f"Metadata not found for table {schema}.{name}"
        raise QueryFailed("ICEBERG_INVALID_METADATA", text) from error
    _refuse(found)
    return found


def read(table: Any, part: str, glue: Any) -> Table:
    """Return a table as it is now, or its metadata table `part`."""
    schema, name = table.name()
    snapshot = table.current_snapshot()
    if not part:
        return _rows(Table(schema, name, (), glue=glue), table, snapshot, table.schema())
    columns = iceberg_metadata.columns_of(table, part)
    if columns is None:
        text = f"line 1:1: Table 'awsdatacatalog.{schema}.\"{name}${part}\"' does not exist"
        raise QueryFailed("TABLE_NOT_FOUND", text)
    source = Source(table, snapshot, table.schema(), part)
    return Table(schema, f"{name}${part}", columns, glue=glue, iceberg=source)


def at_time(found: Table, milliseconds: int, shown: str) -> Table:
    """Return a table as it was; raise QueryFailed if it had no snapshot yet."""
    table = found.iceberg.table
    past = [entry for entry in table.metadata.snapshot_log if entry.timestamp_ms <= milliseconds]
    if not past:
        text = f'No version history table "{found.schema}".{found.name} at or before {shown}'
        raise QueryFailed("INVALID_ARGUMENTS", text)
    newest = max(past, key=lambda entry: int(entry.timestamp_ms))
    return at_snapshot(found, newest.snapshot_id)


def at_snapshot(found: Table, number: int) -> Table:
    """Return a table as of a snapshot; raise QueryFailed if it has none of this id."""
    table = found.iceberg.table
    snapshot = table.metadata.snapshot_by_id(number)
    if snapshot is None:
        raise QueryFailed("INVALID_ARGUMENTS", f"Iceberg snapshot ID does not exists: {number}")
    return _rows(found, table, snapshot, table.schemas()[snapshot.schema_id])


def at_reference(found: Table, name: str) -> Table:
    """Return a table as of a branch or tag; raise QueryFailed if it has none of this name."""
    reference = found.iceberg.table.metadata.refs.get(name)
    if reference is None:
        text = f"Cannot find snapshot with reference name: {name}"
        raise QueryFailed("INVALID_ARGUMENTS", text)
    return at_snapshot(found, reference.snapshot_id)


def _rows(found: Table, table: Any, snapshot: Any, schema: Schema) -> Table:
    columns = (*columns_of(schema), *HIDDEN)
    return replace(found, columns=columns, iceberg=Source(table, snapshot, schema))


def _refuse(table: Any) -> None:
    name = ".".join(table.name())
    if table.metadata.format_version >= _DELETION_VECTORS:
        raise not_supported(f"{name}, an Iceberg table of format version 3")
    if "schema.name-mapping.default" in table.properties:
        raise not_supported(f"{name}, whose files are read by a mapping of names")
    names: dict[int, str] = {}
    for schema in table.schemas().values():
        top = {field.field_id for field in schema.fields}
        for number, field in index_by_id(schema).items():
            if number not in top and names.setdefault(number, field.name) != field.name:
                raise not_supported(f"{name}, in which a field of a row was renamed")
