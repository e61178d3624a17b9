"""How many bytes a query scans: what Athena would read of the files that pruning left.

Parquet: the footers, and the compressed chunks of the columns named in the row groups whose bounds
do not rule the conditions out. Every other form counts its whole files (ORC and Avro too, of which
Athena reads less). A file that two partitions share is counted once.
"""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

from typing import Any

import duckdb
from sqlglot import exp

from localaws.athena.partitions import DataFile
from localaws.athena.plans import Condition
from localaws.athena.row_groups import EVERY, kept
from localaws.athena.tables import Table
from localaws.athena.trino_types import text

_BEGIN = "coalesce(nullif(dictionary_page_offset, 0), data_page_offset)"


def used_columns(tree: Any) -> set[str] | None:
    """Return the lower-case names a query mentions, or None if a star means all."""
    if tree.find(exp.Star) and any(not _counts(star) for star in tree.find_all(exp.Star)):
        return None
    return {name.name.lower() for name in tree.find_all(exp.Identifier)}


def scanned_bytes(
    connection: Any,
    table: Table,
    files: list[DataFile],
    used: set[str] | None,
    wanted: list[list[Condition]],
) -> int:
    """Return the bytes a query reads of these files: columns used (None: all), for its readers."""
    described = table.glue["StorageDescriptor"]
    sizes = {file.path: file.size for file in files}
    parquet = "parquet" in str(described.get("InputFormat", "")).lower()
    groups = kept(table.columns, wanted) if parquet else EVERY
    if not sizes or not parquet or (used is None and groups == EVERY):
        return sum(sizes.values())
    try:
        chunks, ends = _read(connection, sizes, used, groups)
    except duckdb.Error:
        chunks, ends = _read(connection, sizes, used, EVERY)  # bounds that cannot be compared
    return chunks + sum(sizes.values()) - ends


def _read(
    connection: Any, sizes: dict[str, int], used: set[str] | None, groups: str
) -> tuple[int, int]:
    # All that lies behind a file's last chunk is its footer: asked for once, not file by file.
    paths = ", ".join(map(text, sizes))
    column = "lower(split_part(path_in_schema, ', ', 1))"
    names = "TRUE" if used is None else f"{column} IN ({', '.join(map(text, sorted(used)))})"
    every = (
        f"SELECT file_name, sum(total_compressed_size) FILTER ({names}) AS bytes, "
        f"max({_BEGIN} + total_compressed_size) AS ending, {groups} AS kept "
        f"FROM parquet_metadata([{paths}]) GROUP BY file_name, row_group_id"
    )
    of_files = (
        "SELECT sum(bytes) FILTER (kept) AS bytes, max(ending) AS ending "
        f"FROM ({every}) GROUP BY file_name"
    )
    found = connection.execute(f"SELECT sum(bytes), sum(ending) FROM ({of_files})").fetchone()
    return int(found[0] or 0), int(found[1] or 0)


def _counts(star: Any) -> bool:
    return isinstance(star.parent, exp.Anonymous)
