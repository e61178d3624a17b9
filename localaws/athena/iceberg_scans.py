"""An Iceberg table's snapshot -> the DuckDB relation a query reads: files left by its filter.

pyiceberg plans files by partitions and column bounds; DuckDB reads them by field id and leaves out
the rows that position delete files name.
"""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

from dataclasses import dataclass
from typing import Any

from pyiceberg.manifest import DataFileContent, FileFormat
from sqlglot import exp

from localaws.athena import clients, iceberg_metadata
from localaws.athena.failures import not_supported
from localaws.athena.iceberg_pruning import row_filter
from localaws.athena.iceberg_types import by_field_id
from localaws.athena.plans import Condition
from localaws.athena.tables import Table
from localaws.athena.trino_types import duck, quote
from localaws.athena.trino_types import text as literal
from localaws.caller import Caller

POSITION = "$row_position"
_DELETES = (
    "MAP {2147483546: {name: 'file_path', type: 'VARCHAR', default_value: NULL}, "
    "2147483545: {name: 'pos', type: 'BIGINT', default_value: NULL}}"
)


@dataclass(frozen=True, slots=True)
class Scan:
    """The files of a table that are left to read, each with its delete files."""

    table: Table
    tasks: tuple[Any, ...]


def planned(
    connection: Any, table: Table, wanted: list[list[Condition]] | None, *, every: bool = False
) -> Scan:
    """Return the files readers with these conditions need (None: no reader; `every`: all)."""
    source = table.iceberg
    if source.part or source.snapshot is None or (wanted is None and not every):
        return Scan(table, ())
    found = row_filter(connection, table, wanted or [[]])
    scan = source.table.scan(row_filter=found, snapshot_id=source.snapshot.snapshot_id)
    try:
        tasks = tuple(clients.asked(scan.plan_files))
    except ValueError as error:
        if "equality deletes" not in str(error):
            raise
        raise not_supported(f"{table.schema}.{table.name}, which has equality deletes") from error
    for task in tasks:
        _refuse(table, task.file)
        for file in task.delete_files:
            _refuse(table, file)
    return Scan(table, tasks)


def scanned_bytes(scan: Scan, used: set[str] | None) -> int:
    """Return the bytes that reading these columns (None: all) takes."""
    deletes = {file.file_path: file for task in scan.tasks for file in task.delete_files}
    size = sum(int(file.file_size_in_bytes) for file in deletes.values())
    ids = _used_ids(scan.table.iceberg.schema, used)
    return size + sum(_file_bytes(task.file, ids) for task in scan.tasks)


def create(connection: Any, read: str, scan: Scan, trees: tuple[Any, ...], caller: Caller) -> None:
    """Make the relation `read` in the connection hold the rows of these files."""
    table = scan.table
    if table.iceberg.part:
        rows = iceberg_metadata.select(table.iceberg, table.columns)
        connection.execute(f"CREATE TEMP TABLE {quote(read)} AS {rows}")
        return
    mentioned = {name.name.lower() for tree in trees for name in tree.find_all(exp.Identifier)}
    rows = select(scan, mentioned, caller)
    connection.execute(f"CREATE TEMP VIEW {quote(read)} AS {rows}")


def select(scan: Scan, mentioned: set[str], caller: Caller) -> str:
    """Return DuckDB's query of the rows of a scan, with the hidden columns a query mentions."""
    schema = scan.table.iceberg.schema
    items = [f"s.c{field.field_id} AS {quote(field.name.lower())}" for field in schema.fields]
    hidden = [c for c in scan.table.columns if c[0].startswith("$")]
    if not scan.tasks:
        typed = [f"CAST(NULL AS {duck(kind)}) AS {quote(n)}" for n, kind in scan.table.columns]
        return f"SELECT {', '.join(typed)} WHERE FALSE"
    shown = [f"{_hidden(name, mentioned)} AS {quote(name)}" for name, _ in hidden]
    join = _facts(scan, mentioned, caller)
    return f"SELECT {', '.join([*items, *shown])} FROM {_files(scan)} AS s{join}{_left(scan)}"


def _files(scan: Scan) -> str:
    paths = ", ".join(literal(task.file.file_path) for task in scan.tasks)
    schema = by_field_id(scan.table.iceberg.schema)
    options = f"schema={schema}, filename=true, file_row_number=true"
    return f"read_parquet([{paths}], {options})"


def _left(scan: Scan) -> str:
    paths = sorted({file.file_path for task in scan.tasks for file in task.delete_files})
    if not paths:
        return ""
    listed = ", ".join(literal(path) for path in paths)
    deleted = f"read_parquet([{listed}], schema={_DELETES})"
    match = "d.file_path = s.filename AND d.pos = s.file_row_number"
    return f" WHERE NOT EXISTS (SELECT 1 FROM {deleted} AS d WHERE {match})"


def _hidden(name: str, mentioned: set[str]) -> str:
    if name == "$path":
        return "s.filename"
    if name == POSITION:
        return "s.file_row_number"
    return f"f.{quote(name)}" if name in mentioned else "NULL"


def _facts(scan: Scan, mentioned: set[str], caller: Caller) -> str:
    if not mentioned & {"$partition", "$file_modified_time"}:
        return ""
    table = scan.table.iceberg.table
    rows = []
    for task in scan.tasks:
        path = task.file.file_path
        spec = table.specs()[task.file.spec_id]
        partition = spec.partition_to_path(task.file.partition, table.schema())
        modified = "NULL"
        if "$file_modified_time" in mentioned:
            modified = f"{literal(_modified(path, caller))}::TIMESTAMPTZ"
        rows.append(f"({literal(path)}, {literal(partition)}, {modified})")
    names = 'path, "$partition", "$file_modified_time"'
    return f" JOIN (VALUES {', '.join(rows)}) AS f({names}) ON f.path = s.filename"


def _modified(path: str, caller: Caller) -> str:
    bucket, key = clients.split_location(path)
    found = clients.asked(lambda: clients.s3(caller).head_object(Bucket=bucket, Key=key))
    return str(found["LastModified"].isoformat())


def _used_ids(schema: Any, used: set[str] | None) -> set[int] | None:
    if used is None:
        return None
    tops = [field for field in schema.fields if field.name.lower() in used]
    return {number for top in tops for number in iceberg_metadata.leaves(top)}


def _file_bytes(file: Any, ids: set[int] | None) -> int:
    if ids is None or not file.column_sizes:
        return int(file.file_size_in_bytes)
    return sum(int(size) for number, size in file.column_sizes.items() if number in ids)


def _refuse(table: Table, file: Any) -> None:
    name = f"{table.schema}.{table.name}"
    if file.file_format != FileFormat.PARQUET:
        raise not_supported(f"{name}, which has files of format {file.file_format}")
    if file.content == DataFileContent.EQUALITY_DELETES:
        raise not_supported(f"{name}, which has equality deletes")
