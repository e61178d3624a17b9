"""The rows of a query on one connection -> one file on disk, in the form a table wants."""

import bz2
import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
from pyarrow import orc

from localaws.athena import lazy_simple
from localaws.athena.failures import not_supported
from localaws.athena.file_forms import Form
from localaws.athena.tables import Columns
from localaws.athena.text_values import arrow
from localaws.athena.text_writers import delimited, json_line
from localaws.athena.trino_types import Type, text

_ZIPPED: dict[str, Callable[[bytes], bytes]] = {
    "GZIP": lambda body: gzip.compress(body, mtime=0),
    "DEFLATE": zlib.compress,
    "BZIP2": bz2.compress,
    "ZSTD": lambda body: bytes(pa.Codec("zstd").compress(body, asbytes=True)),
    "NONE": lambda body: body,
}
_ORC_NAMES = {"NONE": "uncompressed", "GZIP": "zlib"}
_AVRO_CODECS = {"GZIP": "deflate", "DEFLATE": "deflate", "BZIP2": "bzip2", "NONE": "null"}


def write(connection: Any, query: str, columns: Columns, form: Form, path: Path) -> None:
    """Write the rows of a DuckDB query, whose columns are these, as one file."""
    match form.format:
        case "PARQUET":
            packed = "UNCOMPRESSED" if form.compression == "NONE" else form.compression
            options = f"FORMAT PARQUET, COMPRESSION {packed}"
            connection.execute(f"COPY ({query}) TO {text(str(path))} ({options})")
        case "ORC":
            _orc(connection, query, columns, form, path)
        case "AVRO":
            _avro(connection, query, columns, form, path)
        case _:
            _text(connection, query, columns, form, path)


def _orc(connection: Any, query: str, columns: Columns, form: Form, path: Path) -> None:
    schema = pa.schema([(name, arrow(kind)) for name, kind in columns])
    rows = connection.execute(query).fetchall()
    values = list(zip(*rows, strict=True)) or [() for _ in columns]
    arrays = [
        pa.array([_arrow_value(one, kind) for one in column], type=arrow(kind))
        for column, (_, kind) in zip(values, columns, strict=True)
    ]
    packed = _ORC_NAMES.get(form.compression, form.compression.lower())
    orc.write_table(pa.table(arrays, schema=schema), str(path), compression=packed)


def _avro(connection: Any, query: str, columns: Columns, form: Form, path: Path) -> None:
    fields = [_avro_field(name, kind, (str(i),)) for i, (name, kind) in enumerate(columns)]
    schema = fastavro.parse_schema({"type": "record", "name": "row", "fields": fields})
    names = [name for name, _ in columns]
    rows = connection.execute(query).fetchall()
    records = [dict(zip(names, row, strict=True)) for row in rows]
    with path.open("wb") as file:
        fastavro.writer(file, schema, records, codec=_AVRO_CODECS[form.compression])


def _text(connection: Any, query: str, columns: Columns, form: Form, path: Path) -> None:
    line = json_line(columns)
    if form.format == "TEXTFILE":
        line = delimited(lazy_simple.delimiters(form.options), columns)
    rows = connection.execute(query).fetchall()
    body = "".join(f"{line(row)}\n" for row in rows).encode()
    path.write_bytes(_ZIPPED[form.compression](body))


def _arrow_value(value: Any, kind: Type) -> Any:
    if value is None:
        return None
    match kind.name:
        case "array":
            return [_arrow_value(item, kind.parts[0]) for item in value]
        case "map":
            return [(key, _arrow_value(item, kind.parts[1])) for key, item in value.items()]
        case "row":
            pairs = zip(kind.names, kind.parts, value.values(), strict=True)
            return {name: _arrow_value(item, part) for name, part, item in pairs}
    return value


def _avro_field(name: str, kind: Type, place: tuple[str, ...]) -> dict[str, Any]:
    return {"name": name, "type": ["null", _avro_type(kind, place)], "default": None}


def _avro_type(kind: Type, place: tuple[str, ...]) -> Any:
    match kind.name:
        case "array":
            inner = _avro_type(kind.parts[0], (*place, "0"))
            return {"type": "array", "items": ["null", inner]}
        case "map" if kind.parts[0].name == "varchar":
            inner = _avro_type(kind.parts[1], (*place, "1"))
            return {"type": "map", "values": ["null", inner]}
        case "row":
            pairs = enumerate(zip(kind.names, kind.parts, strict=True))
            fields = [_avro_field(name, part, (*place, str(i))) for i, (name, part) in pairs]
            return {"type": "record", "name": "row_" + "_".join(place), "fields": fields}
        case "decimal":
            precision, scale = kind.numbers
            numbers = {"precision": precision, "scale": scale}
            return {"type": "bytes", "logicalType": "decimal", **numbers}
    if kind.name not in _AVRO_TYPES:
        raise not_supported(f"a column of type {kind.name} in an Avro file")
    return _AVRO_TYPES[kind.name]


_AVRO_TYPES: dict[str, Any] = {
    "boolean": "boolean",
    "integer": "int",
    "bigint": "long",
    "real": "float",
    "double": "double",
    "varchar": "string",
    "varbinary": "bytes",
    "date": {"type": "int", "logicalType": "date"},
    "timestamp": {"type": "long", "logicalType": "local-timestamp-millis"},
}
