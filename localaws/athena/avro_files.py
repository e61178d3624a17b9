"""Avro objects -> rows: fields by name; one the file lacks is NULL."""

import io
from typing import Any

import fastavro
import pyarrow as pa

from localaws.athena import clients
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.partitions import DataFile
from localaws.athena.tables import Columns, Table
from localaws.athena.text_files import arrow_table
from localaws.athena.text_values import fitted, unbounded
from localaws.athena.trino_types import Type
from localaws.caller import Caller

_PLAIN = {
    "boolean": ("boolean",),
    "int": ("tinyint", "smallint", "integer", "bigint"),
    "long": ("bigint",),
    "float": ("real", "double"),
    "double": ("double",),
    "string": ("varchar",),
    "bytes": ("varbinary",),
}
_LOGICAL = {
    "date": "date",
    "timestamp-millis": "timestamp",
    "timestamp-micros": "timestamp",
    "local-timestamp-millis": "timestamp",
    "local-timestamp-micros": "timestamp",
    "decimal": "decimal",
}


def read(table: Table, data: Columns, files: list[DataFile], caller: Caller) -> pa.Table:
    """Return the rows of Avro files: the data columns and `filename`.

    Raise QueryFailed HIVE_BAD_DATA for a file that is none, NOT_SUPPORTED for types that differ.
    """
    serde = table.glue["StorageDescriptor"].get("SerdeInfo") or {}
    options = {**(table.glue.get("Parameters") or {}), **(serde.get("Parameters") or {})}
    if any(options.get(name) for name in ("avro.schema.url", "avro.schema.literal")):
        raise not_supported("an Avro table with a schema of its own")
    return arrow_table([row for file in files for row in _rows(file.path, data, caller)], data)


def _rows(path: str, data: Columns, caller: Caller) -> list[list[Any]]:
    bucket, key = clients.split_location(path)
    found = clients.asked(lambda: clients.s3(caller).get_object(Bucket=bucket, Key=key))
    try:
        reader = fastavro.reader(io.BytesIO(found["Body"].read()))
        records: list[Any] = list(reader)
    except (ValueError, EOFError, IndexError) as error:
        raise QueryFailed("HIVE_BAD_DATA", f"Malformed Avro file: {path}") from error
    schema: Any = reader.writer_schema
    fields = {field["name"].lower(): field for field in schema["fields"]}
    for name, kind in data:
        if name in fields and not _readable(fields[name]["type"], unbounded(kind)):
            raise not_supported(f"Avro's {fields[name]['type']} as the column {name}")
    names = {name: fields[name]["name"] for name, _ in data if name in fields}
    return [
        [*(_field(record, names.get(name), kind) for name, kind in data), path]
        for record in records
    ]


def _field(record: Any, name: str | None, kind: Type) -> Any:
    return None if name is None else fitted(_value(record.get(name), kind), kind)


def _readable(schema: Any, kind: Type) -> bool:
    if isinstance(schema, list):
        inner = [one for one in schema if one != "null"]
        return len(inner) == 1 and _readable(inner[0], kind)
    if isinstance(schema, str):
        return kind.name in _PLAIN.get(schema, ())
    if "logicalType" in schema:
        return _logical(schema, kind)
    match schema["type"], kind.name:
        case "array", "array":
            return _readable(schema["items"], kind.parts[0])
        case "map", "map":
            return kind.parts[0].name == "varchar" and _readable(schema["values"], kind.parts[1])
        case "record", "row":
            fields = {field["name"].lower(): field["type"] for field in schema["fields"]}
            pairs = zip(kind.names, kind.parts, strict=True)
            return all(name in fields and _readable(fields[name], part) for name, part in pairs)
    return isinstance(schema["type"], str) and _readable(schema["type"], kind)


def _logical(schema: Any, kind: Type) -> bool:
    if _LOGICAL.get(schema["logicalType"]) != kind.name:
        return False
    return kind.name != "decimal" or kind.numbers == (schema["precision"], schema.get("scale", 0))


def _value(value: Any, kind: Type) -> Any:
    if value is None:
        return None
    match kind.name:
        case "timestamp":
            return value.replace(tzinfo=None)
        case "array":
            return [_value(item, kind.parts[0]) for item in value]
        case "map":
            return [(key, _value(item, kind.parts[1])) for key, item in value.items()]
        case "row":
            folded = {key.lower(): item for key, item in value.items()}
            pairs = zip(kind.names, kind.parts, strict=True)
            return {name: _value(folded.get(name), part) for name, part in pairs}
    return value
