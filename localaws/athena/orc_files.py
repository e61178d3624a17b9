"""ORC objects -> rows: columns by position, as Athena reads them, whatever the files call them."""

import io
from typing import Any

import pyarrow as pa
from pyarrow import orc

from localaws.athena import clients
from localaws.athena.arrow_types import type_of
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.partitions import DataFile
from localaws.athena.tables import Columns, Table
from localaws.athena.text_values import arrow, fitted, unbounded
from localaws.athena.trino_types import Type
from localaws.caller import Caller


def read(table: Table, data: Columns, files: list[DataFile], caller: Caller) -> pa.Table:
    """Return the rows of ORC files: the data columns and `filename`.

    Raise QueryFailed HIVE_BAD_DATA for a file that is none, NOT_SUPPORTED for types that differ.
    """
    serde = table.glue["StorageDescriptor"].get("SerdeInfo") or {}
    if (serde.get("Parameters") or {}).get("orc.column.index.access") == "false":
        raise not_supported("ORC columns by name")
    schema = pa.schema([*((name, arrow(kind)) for name, kind in data), ("filename", pa.string())])
    return pa.concat_tables([_rows(file.path, data, schema, caller) for file in files])


def _rows(path: str, data: Columns, schema: pa.Schema, caller: Caller) -> pa.Table:
    bucket, key = clients.split_location(path)
    found = clients.asked(lambda: clients.s3(caller).get_object(Bucket=bucket, Key=key))
    try:
        stored = orc.ORCFile(io.BytesIO(found["Body"].read())).read()
    except (pa.ArrowException, OSError) as error:
        raise QueryFailed("HIVE_BAD_DATA", f"Malformed ORC file: {path}") from error
    columns = [_column(stored, i, name, kind) for i, (name, kind) in enumerate(data)]
    return pa.table([*columns, pa.array([path] * stored.num_rows, pa.string())], schema=schema)


def _column(stored: pa.Table, place: int, name: str, kind: Type) -> Any:
    if place >= stored.num_columns:
        return pa.nulls(stored.num_rows, arrow(kind))
    found = stored.column(place)
    if not _readable(type_of(found.type), unbounded(kind)):
        raise not_supported(f"ORC's {found.type} as the column {name}")
    if kind.name == "timestamp":
        return found.cast(pa.timestamp("us"), safe=False)
    if kind != unbounded(kind):
        return pa.array([fitted(value, kind) for value in found.to_pylist()], type=arrow(kind))
    return found.cast(arrow(kind))


def _readable(stored: Type | None, kind: Type) -> bool:
    if stored is None:
        return False
    order = ("tinyint", "smallint", "integer", "bigint")
    if stored.name in order and kind.name in order:
        return order.index(stored.name) <= order.index(kind.name)
    return stored == kind or (stored.name, kind.name) == ("real", "double")
