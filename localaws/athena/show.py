"""SHOW and DESCRIBE: Glue's catalog as the lines Athena prints."""

import re
from collections.abc import Callable
from typing import Any

from localaws.athena import views
from localaws.athena.catalog import Catalog, is_iceberg
from localaws.athena.engine import ResultColumn
from localaws.athena.failures import QueryFailed
from localaws.athena.statements import Describe, Name, Show
from localaws.athena.trino_types import VARCHAR

_OF_TABLES = ("COLUMNS", "CREATE TABLE", "DESCRIBE", "PARTITIONS", "TBLPROPERTIES")
Lines = tuple[tuple[ResultColumn, ...], list[str]]
_HEADINGS = {
    "DATABASES": ("database_name",),
    "TABLES": ("tab_name",),
    "VIEWS": ("views",),
    "PARTITIONS": ("partition",),
    "COLUMNS": ("field",),
    "CREATE TABLE": ("createtab_stmt",),
    "CREATE VIEW": ("Create View",),
    "TBLPROPERTIES": ("prpt_name", "prpt_value"),
    "DESCRIBE": ("col_name", "data_type", "comment"),
}


def show(statement: Show, catalog: Catalog) -> Lines:
    """Return the columns and lines of a SHOW statement."""
    lines = _of_iceberg(statement.what, statement.name, catalog, statement.pattern)
    if lines is None:
        lines = _SHOWS[statement.what](statement, catalog)
    return columns_of(statement.what), lines


def describe(statement: Describe, catalog: Catalog) -> Lines:
    """Return the lines of DESCRIBE: each column, then the partition keys again under a heading."""
    listed = _of_iceberg("DESCRIBE", statement.name, catalog)
    if listed is not None:
        return columns_of("DESCRIBE"), listed
    found = _need(catalog, *statement.name)
    keys = found.get("PartitionKeys") or []
    lines = [_padded(column) for column in [*found["StorageDescriptor"]["Columns"], *keys]]
    if keys:
        heading = {"Name": "# col_name", "Type": "data_type", "Comment": "comment"}
        lines += ["\t \t ", "# Partition Information\t \t ", _padded(heading), "\t \t "]
        lines += [_padded(key) for key in keys]
    return columns_of("DESCRIBE"), lines


def columns_of(what: str) -> tuple[ResultColumn, ...]:
    """Return the columns of a utility statement's result."""
    return tuple(ResultColumn(name, VARCHAR) for name in _HEADINGS[what])


def _of_iceberg(what: str, name: Name, catalog: Catalog, pattern: str = "") -> list[str] | None:
    found = catalog.described(*name) if what in _OF_TABLES else None
    if found is None or not is_iceberg(found):
        return None
    from localaws.athena import iceberg_show  # noqa: PLC0415 -- pyiceberg loads slowly

    return iceberg_show.lines(what, name, catalog.caller, pattern)


def _databases(statement: Show, catalog: Catalog) -> list[str]:
    return _matching(catalog.databases(), statement.pattern)


def _tables(statement: Show, catalog: Catalog) -> list[str]:
    catalog.need_database(statement.name[0])
    names = [str(found["Name"]) for found in catalog.tables(statement.name[0])]
    return _matching(names, statement.pattern)


def _views(statement: Show, catalog: Catalog) -> list[str]:
    catalog.need_database(statement.name[0])
    found = catalog.tables(statement.name[0])
    names = [str(f["Name"]) for f in found if f.get("TableType") == "VIRTUAL_VIEW"]
    return _matching(names, statement.pattern)


def _partitions(statement: Show, catalog: Catalog) -> list[str]:
    found = _need(catalog, *statement.name)
    keys = [key["Name"] for key in found.get("PartitionKeys") or []]
    if not keys:
        text = f"FAILED: SemanticException: {'.'.join(statement.name)} is not a partitioned table"
        raise QueryFailed("", text)
    listed = catalog.partitions(*statement.name)
    return sorted(
        "/".join(f"{key}={value}" for key, value in zip(keys, p["Values"], strict=True))
        for p in listed
    )


def _columns(statement: Show, catalog: Catalog) -> list[str]:
    found = _need(catalog, *statement.name)
    listed = [*found["StorageDescriptor"]["Columns"], *(found.get("PartitionKeys") or [])]
    return [f"{column['Name']:<20}" for column in listed]


def _properties(statement: Show, catalog: Catalog) -> list[str]:
    parameters = _need(catalog, *statement.name).get("Parameters") or {}
    if statement.pattern:
        return [str(parameters.get(statement.pattern, ""))]
    return [f"{name}\t{value}" for name, value in sorted(parameters.items())]


def _create_view(statement: Show, catalog: Catalog) -> list[str]:
    schema, name = statement.name
    found = _need(catalog, schema, name)
    if found.get("TableType") != "VIRTUAL_VIEW":
        raise QueryFailed("NOT_SUPPORTED", f"{schema}.{name} is a table, not a view")
    text = f"CREATE VIEW {schema}.{name} AS\n{views.decode(found).sql}"
    return text.splitlines()


def _create_table(statement: Show, catalog: Catalog) -> list[str]:
    schema, name = statement.name
    found = _need(catalog, schema, name)
    if found.get("TableType") == "VIRTUAL_VIEW":
        raise QueryFailed("NOT_SUPPORTED", f"{schema}.{name} is a view, not a table")
    storage = found["StorageDescriptor"]
    lines = [f"CREATE EXTERNAL TABLE `{schema}.{name}`(", *_listed(storage["Columns"])]
    if found.get("Description"):
        lines.append(f"COMMENT {_quoted(found['Description'])}")
    if found.get("PartitionKeys"):
        lines += ["PARTITIONED BY ( ", *_listed(found["PartitionKeys"])]
    return lines + _storage_lines(storage, found.get("Parameters") or {})


def _storage_lines(storage: Any, parameters: dict[str, str]) -> list[str]:
    serde = storage.get("SerdeInfo") or {}
    lines = ["ROW FORMAT SERDE ", f"  {_quoted(serde.get('SerializationLibrary', ''))} "]
    if serde.get("Parameters"):
        lines += ["WITH SERDEPROPERTIES ( ", *_pairs(serde["Parameters"])]
    lines += [
        "STORED AS INPUTFORMAT ",
        f"  {_quoted(storage.get('InputFormat', ''))} ",
        "OUTPUTFORMAT ",
        f"  {_quoted(storage.get('OutputFormat', ''))}",
        "LOCATION",
        f"  {_quoted(storage['Location'])}",
    ]
    shown = {name: value for name, value in parameters.items() if name != "EXTERNAL"}
    return [*lines, "TBLPROPERTIES (", *_pairs(shown)] if shown else lines


def _listed(columns: list[Any]) -> list[str]:
    texts = []
    for column in columns:
        comment = f" COMMENT {_quoted(column['Comment'])}" if column.get("Comment") else ""
        texts.append(f"  `{column['Name']}` {column['Type']}{comment}")
    return [f"{text}, " for text in texts[:-1]] + [f"{texts[-1]})"]


def _pairs(values: dict[str, str]) -> list[str]:
    texts = [f"  {_quoted(name)}={_quoted(value)}" for name, value in sorted(values.items())]
    return [f"{text}, " for text in texts[:-1]] + [f"{texts[-1]})"]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    shown = (c if " " <= c <= "~" else f"\\u{ord(c):04x}" for c in escaped)
    return "'" + "".join(shown) + "'"


def _padded(column: Any) -> str:
    parts = (column["Name"], column["Type"], column.get("Comment") or "")
    return "\t".join(f"{part:<20}" for part in parts)


def _need(catalog: Catalog, schema: str, name: str) -> Any:
    found = catalog.described(schema, name)
    if found is None:
        text = f"FAILED: SemanticException [Error 10001]: Table not found {schema}.{name}"
        raise QueryFailed("", text)
    return found


def _matching(names: list[str], pattern: str) -> list[str]:
    if not pattern:
        return names
    wanted = re.compile(re.escape(pattern.lower()).replace(r"\*", ".*").replace(r"\|", "|"))
    return [name for name in names if wanted.fullmatch(name)]


_SHOWS: dict[str, Callable[[Show, Catalog], list[str]]] = {
    "COLUMNS": _columns,
    "CREATE TABLE": _create_table,
    "CREATE VIEW": _create_view,
    "DATABASES": _databases,
    "PARTITIONS": _partitions,
    "TABLES": _tables,
    "TBLPROPERTIES": _properties,
    "VIEWS": _views,
}
