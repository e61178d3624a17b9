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

_FOOTER_END = 8  # its length, and the magic word


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
    paths = f"[{', '.join(map(text, sizes))}]"
    footers = connection.execute(
        f"SELECT sum(footer_size + {_FOOTER_END}) FROM parquet_file_metadata({paths})"
    ).fetchone()[0]
    try:
        chunks = _chunks(connection, paths, used, groups)
    except duckdb.Error:
        chunks = _chunks(connection, paths, used, EVERY)  # bounds that cannot be compared
    return int(footers) + chunks


def _chunks(connection: Any, paths: str, used: set[str] | None, groups: str) -> int:
    column = "lower(split_part(path_in_schema, ', ', 1))"
    names = "TRUE" if used is None else f"{column} IN ({', '.join(map(text, sorted(used)))})"
    found = connection.execute(
        "SELECT sum(bytes) FROM ("
        f"SELECT sum(total_compressed_size) FILTER ({names}) AS bytes "
        f"FROM parquet_metadata({paths}) GROUP BY file_name, row_group_id HAVING {groups})"
    ).fetchone()[0]
    return int(found or 0)


def _counts(star: Any) -> bool:
    return isinstance(star.parent, exp.Anonymous)
