"""A table's files -> the DuckDB relation a query reads: columns by name, in the table's types."""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

from typing import Any

import pyarrow as pa

from localaws.athena import avro_files, orc_files, text_files
from localaws.athena.failures import QueryFailed, marked, not_supported
from localaws.athena.hidden_columns import file_facts
from localaws.athena.partition_files import partition_folder
from localaws.athena.partitions import DEFAULT, DataFile, Values
from localaws.athena.tables import Columns, Table
from localaws.athena.trino_types import DIGITS, Type, duck, parse, quote, trino
from localaws.athena.trino_types import text as literal
from localaws.caller import Caller


def create(
    connection: Any,
    read: str,
    table: Table,
    files: list[DataFile],
    named: set[str],
    caller: Caller,
) -> None:
    """Make the relation `read` in the connection hold the rows of these files.

    `named` are the names the query mentions: hidden columns beyond the path are looked up for them.
    Raise QueryFailed HIVE_BAD_DATA if a file's types cannot be read as the table's.
    """
    data = tuple(c for c in table.columns if c not in table.keys and not c[0].startswith("$"))
    once = list({file.path: file for file in files}.values())
    if not files:
        source = f"(SELECT {_nulls((*data, ('filename', parse('varchar'))))} WHERE FALSE)"
        shown = [f"{quote(name)}" for name, _ in data]
    elif "parquet" in _format(table):
        source, shown = _parquet(connection, once, data, table)
    else:
        rows = _reader(table)(table, data, once, caller)
        connection.register(f"{read}_rows", rows)
        source, shown = quote(f"{read}_rows"), [_rounded(name, kind) for name, kind in data]
    keys, join = _keys(table, files)
    hidden, facts = file_facts(files, named)
    items = ", ".join([*shown, *keys, *hidden])
    rows = f"{source} AS s{join}{facts}"
    connection.execute(f"CREATE TEMP VIEW {quote(read)} AS SELECT {items} FROM {rows}")


def create_from_rows(connection: Any, read: str, columns: Columns, rows: list[list[Any]]) -> None:
    """Make the relation `read` hold rows that exist in memory."""
    arrays = [
        pa.array([row[i] for row in rows], type=_ARROW[kind.name])
        for i, (_, kind) in enumerate(columns)
    ]
    connection.register(read, pa.table(arrays, names=[name for name, _ in columns]))


def create_empty(connection: Any, read: str, table: Table) -> None:
    """Make the relation `read` have the table's columns and no row, to check a query against."""
    named = ", ".join(f"{quote(name.lower())} {duck(kind)}" for name, kind in table.columns)
    connection.execute(f"CREATE TEMP TABLE {quote(read)} ({named})")


def read_parquet(files: list[DataFile]) -> str:
    """Return the DuckDB call that reads these files by column name."""
    paths = ", ".join(literal(file.path) for file in files)
    options = "union_by_name=true, hive_partitioning=false, filename=true, binary_as_string=true"
    return f"read_parquet([{paths}], {options})"


def _format(table: Table) -> str:
    described = table.glue["StorageDescriptor"]
    serde = (described.get("SerdeInfo") or {}).get("SerializationLibrary", "")
    return f"{described.get('InputFormat', '')} {serde}".lower()


def _reader(table: Table) -> Any:
    described = _format(table)
    if ".orc." in described:
        return orc_files.read
    return avro_files.read if ".avro." in described else text_files.read


def _rounded(name: str, kind: Type) -> str:
    if kind.name == "timestamp":
        return f"moment_rounded(CAST({quote(name)} AS TIMESTAMP), 1000) AS {quote(name)}"
    return quote(name)


def _parquet(
    connection: Any, files: list[DataFile], data: Columns, table: Table
) -> tuple[str, list[str]]:
    source = read_parquet(files)
    if any(kind.name == "varbinary" for _, kind in data):
        source = source.replace("binary_as_string=true", "binary_as_string=false")
    found = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    present = {name.lower(): (name, kind) for name, kind, *_ in found}
    shown = []
    for name, kind in data:
        if name not in present:
            shown.append(f"CAST(NULL AS {duck(kind)}) AS {quote(name)}")
            continue
        stored_name, stored = present[name]
        shown.append(
            f"{_as_type(f's.{quote(stored_name)}', stored, kind, table, name)} AS {quote(name)}"
        )
    return source, shown


def _as_type(column: str, stored: str, kind: Type, table: Table, name: str) -> str:
    if kind.name == "timestamp" and stored.startswith("TIMESTAMP"):
        return f"moment_rounded(CAST({column} AS TIMESTAMP), 1000)"
    if stored == "VARCHAR" and kind.name in ("varchar", "char") and kind.numbers:
        cut = f"left({column}, {kind.numbers[0]})"
        return f"rpad({cut}, {kind.numbers[0]}, ' ')" if kind.name == "char" else cut
    if stored == duck(kind):
        return column
    try:
        found = parse(stored)
    except QueryFailed:
        found = Type(stored)
    if _only_trino(found, kind):
        raise not_supported(f"the Parquet type {stored} as the column {name}, {trino(kind)}")
    if not _readable(found, kind):
        text = f"Column {name} of table {table.schema}.{table.name} is declared {trino(kind)}"
        raise QueryFailed("HIVE_BAD_DATA", f"{text}, but the Parquet file declares {stored}")
    if found.name in DIGITS and kind.name in DIGITS and DIGITS[found.name] > DIGITS[kind.name]:
        overflow = literal(marked("GENERIC_INTERNAL_ERROR", f"{kind.name} overflow"))
        narrow = f"TRY_CAST({column} AS {duck(kind)})"
        return f"coalesce({narrow}, CASE WHEN {column} IS NOT NULL THEN error({overflow}) END)"
    return f"CAST({column} AS {duck(kind)})"


def _only_trino(stored: Type, kind: Type) -> bool:
    # Trino reads these; of Athena both answers are reported.
    if stored.name in DIGITS:
        bounded = kind.name == "varchar" and bool(kind.numbers)
        return bounded or kind.name in ("real", "double", "decimal", "date")
    text = kind.name == "varchar" and stored.name in ("real", "double")
    return text or (stored.name, kind.name) == ("varchar", "varbinary")


def _readable(stored: Type, kind: Type) -> bool:
    if stored.name == kind.name == "decimal":
        return stored.numbers[1] == kind.numbers[1]
    if stored.name in DIGITS and kind.name in DIGITS:
        return True
    if stored.name == kind.name == "row":
        known = dict(zip(stored.names, stored.parts, strict=True))
        pairs = zip(kind.names, kind.parts, strict=True)
        return all(n not in known or _readable(known[n], part) for n, part in pairs)
    if stored.name == kind.name:
        return all(_readable(a, b) for a, b in zip(stored.parts, kind.parts, strict=True))
    if kind.name == "varchar":
        return stored.name in DIGITS
    return (stored.name, kind.name) in (("real", "double"), ("unknown", kind.name))


def _keys(table: Table, files: list[DataFile]) -> tuple[list[str], str]:
    if not table.keys:
        return [], ""
    if not files:
        return [_nulls((*table.keys, ("$partition", parse("varchar"))))], ""
    folders = sorted({(file.path.rpartition("/")[0], file.values) for file in files}, key=str)
    rows = ", ".join(
        f"({literal(folder)}, {_partition(table, values)}, "
        f"{', '.join('NULL' if v is None else literal(v) for v in values)})"
        for folder, values in folders
    )
    slots = ", ".join(f"k{i}" for i in range(len(table.keys)))
    typed = [f"CAST(p.k{i} AS {duck(k)}) AS {quote(n)}" for i, (n, k) in enumerate(table.keys)]
    folder = "regexp_replace(s.filename, '/[^/]*$', '')"
    named = [*typed, 'p.partition AS "$partition"']
    return named, f" JOIN (VALUES {rows}) AS p(folder, partition, {slots}) ON {folder} = p.folder"


def _partition(table: Table, values: Values) -> str:
    filled = [DEFAULT if value is None else value for value in values]
    return literal(partition_folder([name for name, _ in table.keys], filled).lstrip("/"))


def _nulls(columns: Columns) -> str:
    return ", ".join(f"CAST(NULL AS {duck(kind)}) AS {quote(name)}" for name, kind in columns)


_ARROW = {"varchar": pa.string(), "bigint": pa.int64()}
