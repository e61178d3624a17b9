"""CSV and JSON objects -> rows, by the rules of the serde the table names.

LazySimple knows no quoting and has a word for NULL; OpenCSV quotes and escapes, all is text; the
JSON serdes match keys whatever their case and differ in what they make of a line that is no JSON.
"""

import bz2
import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from localaws.athena import clients
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.partitions import DataFile
from localaws.athena.tables import Columns, Table
from localaws.athena.trino_types import Type
from localaws.caller import Caller

OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPENX_JSON = "org.openx.data.jsonserde.JsonSerDe"
HIVE_JSON = "org.apache.hive.hcatalog.data.JsonSerDe"
_ESCAPES = {"\\t": "\t", "\\n": "\n", "\\001": "\x01", "\\u0001": "\x01", "1": "\x01"}


def read(table: Table, data: Columns, files: list[DataFile], caller: Caller) -> pa.Table:
    """Return the rows of text files: the data columns and `filename`.

    Raise QueryFailed HIVE_CURSOR_ERROR or HIVE_BAD_DATA where the serde would fail.
    """
    serde = table.glue["StorageDescriptor"].get("SerdeInfo") or {}
    library, options = serde.get("SerializationLibrary", ""), serde.get("Parameters") or {}
    parse_line = line_parser(library, options, data)
    skipped = int((table.glue.get("Parameters") or {}).get("skip.header.line.count", 0))
    rows: list[list[Any]] = []
    for file in files:
        lines = list(_lines(file.path, caller))[skipped:]
        rows += [[*parse_line(line), file.path] for line in lines]
    columns = list(zip(*rows, strict=True)) or [() for _ in range(len(data) + 1)]
    arrays = [
        pa.array(values, type=_arrow(kind))
        for values, (_, kind) in zip(columns, data, strict=False)
    ]
    names = [*(name for name, _ in data), "filename"]
    return pa.table([*arrays, pa.array(columns[-1], type=pa.string())], names=names)


def _lines(path: str, caller: Caller) -> Iterator[str]:
    bucket, key = clients.split_location(path)
    found = clients.asked(lambda: clients.s3(caller).get_object(Bucket=bucket, Key=key))
    body = found["Body"].read()
    try:
        yield from _unpacked(key, body).decode("utf-8", "replace").splitlines()
    except (OSError, zlib.error) as error:
        raise QueryFailed("HIVE_CURSOR_ERROR", f"Failed to read file: {path}") from error


def _unpacked(key: str, body: bytes) -> bytes:
    if key.endswith(".gz"):
        return gzip.decompress(body)
    if key.endswith(".bz2"):
        return bz2.decompress(body)
    if key.endswith((".zst", ".snappy", ".lz4", ".deflate")):
        raise not_supported(f"the compression of {key}")
    return body


def line_parser(library: str, options: dict[str, str], data: Columns) -> Any:
    """Return what turns a line into the values of the data columns, by the rules of a serde."""
    if library == OPEN_CSV:
        return _open_csv(options, data)
    if library == LAZY_SIMPLE:
        return _lazy_simple(options, data)
    if library in (OPENX_JSON, HIVE_JSON):
        return _json(library, options, data)
    raise not_supported(f"the serde {library or '(none)'}")


def _open_csv(options: dict[str, str], data: Columns) -> Any:
    separator = options.get("separatorChar", ",")
    quote, escape = options.get("quoteChar", '"'), options.get("escapeChar", "\\")

    def parse(line: str) -> list[Any]:
        reader = csv.reader(
            [line], delimiter=separator, quotechar=quote, escapechar=_other(escape, quote)
        )
        found = next(reader, [])
        return [_open_csv_value(value, kind) for value, kind in _padded(found, data, "")]

    return parse


def _other(escape: str, quote: str) -> str | None:
    return None if escape == quote else escape


def _open_csv_value(value: str | None, kind: Type) -> Any:
    if kind.name == "varchar" or value is None:
        return value
    if kind.name in ("date", "timestamp"):
        raise not_supported(f"{kind.name} columns of an OpenCSV table")
    if value == "":
        return None
    try:
        return _number(value, kind)
    except ValueError as error:
        raise QueryFailed("HIVE_BAD_DATA", f"Error parsing field value '{value}'") from error


def _lazy_simple(options: dict[str, str], data: Columns) -> Any:
    delimiter = options.get("field.delim", options.get("serialization.format", "\x01"))
    delimiter = _ESCAPES.get(delimiter, delimiter)
    null, escape = options.get("serialization.null.format", "\\N"), options.get("escape.delim")
    nested = [name for name, kind in data if kind.parts]
    if nested:
        raise not_supported(f"the column {nested[0]} of a delimited text table, a collection")

    def parse(line: str) -> list[Any]:
        found = _escaped(line, delimiter, escape) if escape else line.split(delimiter)
        values = [None if value == null else value for value in found]
        return [_lenient(value, kind) for value, kind in _padded(values, data, None)]

    return parse


def _escaped(line: str, delimiter: str, escape: str) -> list[str]:
    reader = csv.reader([line], delimiter=delimiter, escapechar=escape, quoting=csv.QUOTE_NONE)
    return next(reader, [""])


def _lenient(value: str | None, kind: Type) -> Any:
    if value is None or kind.name == "varchar":
        return value
    try:
        return _number(value, kind)
    except ValueError:
        return None


def _number(value: str, kind: Type) -> Any:
    if kind.name == "boolean":
        if value.lower() not in ("true", "false"):
            raise ValueError(value)
        return value.lower()
    if kind.name in ("date", "timestamp", "decimal"):
        return value
    if kind.name in ("double", "real"):
        return str(float(value))
    return str(int(value))


def _padded(values: list[Any], data: Columns, missing: Any) -> Iterator[tuple[Any, Type]]:
    for i, (_, kind) in enumerate(data):
        yield (values[i] if i < len(values) else missing), kind


def _json(library: str, options: dict[str, str], data: Columns) -> Any:
    openx = library == OPENX_JSON
    forgiving = openx and options.get("ignore.malformed.json", "").lower() == "true"
    keys = {n: options.get(f"mapping.{n}", n).lower() for n, _ in data}

    def parse(line: str) -> list[Any]:
        try:
            found = json.loads(line)
            if not isinstance(found, dict):
                raise ValueError(line)
        except ValueError as error:
            if forgiving:
                return [None] * len(data)
            text = "Row is not a valid JSON Object"
            raise QueryFailed("HIVE_CURSOR_ERROR", text) from error
        folded = {key.lower(): value for key, value in found.items()}
        return [_json_value(folded.get(keys[name]), kind, openx=openx) for name, kind in data]

    return parse


def _json_value(value: Any, kind: Type, *, openx: bool) -> Any:
    if value is None:
        return None
    if kind.name == "array" and isinstance(value, list):
        return [_json_value(item, kind.parts[0], openx=openx) for item in value]
    if kind.name == "map" and isinstance(value, dict):
        return [(k, _json_value(v, kind.parts[1], openx=openx)) for k, v in value.items()]
    if kind.name == "row" and isinstance(value, dict):
        folded = {key.lower(): item for key, item in value.items()}
        pairs = zip(kind.names, kind.parts, strict=True)
        return {n: _json_value(folded.get(n), part, openx=openx) for n, part in pairs}
    return _json_scalar(value, kind, openx=openx)


def _json_scalar(value: Any, kind: Type, *, openx: bool) -> Any:
    bad = QueryFailed("HIVE_CURSOR_ERROR", f"Error parsing JSON value for type {kind.name}")
    if kind.name == "varchar":
        if isinstance(value, str):
            return value
        if isinstance(value, dict | list) and not openx:
            raise bad
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    written_as_text = isinstance(value, str) and kind.name in ("date", "timestamp", "decimal")
    nested = bool(kind.parts) or isinstance(value, dict | list)
    if (nested or (isinstance(value, str) and not openx)) and not written_as_text:
        raise bad
    try:
        return _number(str(int(value)) if _whole(value, kind) else str(value), kind)
    except ValueError as error:
        raise bad from error


def _whole(value: Any, kind: Type) -> bool:
    return isinstance(value, float) and kind.name in ("tinyint", "smallint", "integer", "bigint")


def _arrow(kind: Type) -> pa.DataType:
    # Scalars travel as text and are cast in SQL, where NULL and overflow are the engine's.
    if kind.name == "array":
        return pa.list_(_arrow(kind.parts[0]))
    if kind.name == "map":
        return pa.map_(pa.string(), _arrow(kind.parts[1]))
    if kind.name == "row":
        pairs = zip(kind.names, kind.parts, strict=True)
        return pa.struct([(name, _arrow(part)) for name, part in pairs])
    return pa.string()
