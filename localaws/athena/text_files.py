"""Text objects -> rows, by the rules of the serde their table names."""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from localaws.athena import hive_json, lazy_simple, open_csv, openx_json, regex_lines
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.partitions import DataFile
from localaws.athena.tables import Columns, Table
from localaws.athena.text_lines import lines_of
from localaws.athena.text_values import arrow
from localaws.caller import Caller

Parse = Callable[[str], list[Any]]
_PARSERS: dict[str, Callable[[Mapping[str, str], Columns], Parse]] = {
    hive_json.HIVE_JSON: hive_json.parser,
    lazy_simple.LAZY_SIMPLE: lazy_simple.parser,
    open_csv.OPEN_CSV: open_csv.parser,
    openx_json.OPENX_JSON: openx_json.parser,
    **dict.fromkeys(regex_lines.REGEX, regex_lines.parser),
}


def read(table: Table, data: Columns, files: list[DataFile], caller: Caller) -> pa.Table:
    """Return the rows of text files: the data columns and `filename`.

    Raise QueryFailed HIVE_CURSOR_ERROR or HIVE_BAD_DATA where the serde would fail.
    """
    serde = table.glue["StorageDescriptor"].get("SerdeInfo") or {}
    parse = line_parser(serde.get("SerializationLibrary", ""), serde.get("Parameters") or {}, data)
    header = _skipped(table, "skip.header.line.count")
    footer = _skipped(table, "skip.footer.line.count")
    rows: list[list[Any]] = []
    for file in files:
        rows += _rows(file.path, parse, lines_of(file.path, header, footer, caller))
    return arrow_table(rows, data)


def line_parser(library: str, options: Mapping[str, str], data: Columns) -> Parse:
    """Return what turns a line into the values of the data columns, by the rules of a serde."""
    if library not in _PARSERS:
        raise not_supported(f"the serde {library or '(none)'}")
    return _PARSERS[library](options, data)


def arrow_table(rows: list[list[Any]], data: Columns) -> pa.Table:
    """Return rows, each the values of the data columns and its file's path, as an Arrow table."""
    columns = list(zip(*rows, strict=True)) or [() for _ in range(len(data) + 1)]
    arrays = [
        pa.array(values, type=arrow(k)) for values, (_, k) in zip(columns, data, strict=False)
    ]
    names = [*(name for name, _ in data), "filename"]
    return pa.table([*arrays, pa.array(columns[-1], type=pa.string())], names=names)


def _rows(path: str, parse: Parse, lines: list[str]) -> list[list[Any]]:
    try:
        return [[*parse(line), path] for line in lines]
    except QueryFailed as error:
        if error.name != "HIVE_CURSOR_ERROR":
            raise
        raise QueryFailed(error.name, f"Failed to read file at {path}") from error


def _skipped(table: Table, name: str) -> int:
    text = (table.glue.get("Parameters") or {}).get(name, "0")
    if not str(text).isdigit():
        described = f"Failed to construct table metadata for table {table.schema}.{table.name}"
        raise QueryFailed("GENERIC_INTERNAL_ERROR", described)
    return int(text)
