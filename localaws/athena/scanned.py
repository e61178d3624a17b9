"""How many bytes a query scans: compressed chunks of the columns it names, whole files for text."""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

from typing import Any

from sqlglot import exp

from localaws.athena.partitions import DataFile
from localaws.athena.tables import Table
from localaws.athena.trino_types import text


def used_columns(tree: Any) -> set[str] | None:
    """Return the lower-case names a query mentions, or None if a star means all."""
    if tree.find(exp.Star) and any(not _counts(star) for star in tree.find_all(exp.Star)):
        return None
    return {name.name.lower() for name in tree.find_all(exp.Identifier)}


def scanned_bytes(
    connection: Any, table: Table, files: list[DataFile], used: set[str] | None
) -> int:
    """Return the bytes a query that uses these columns reads of these files."""
    described = table.glue["StorageDescriptor"]
    parquet = "parquet" in str(described.get("InputFormat", "")).lower()
    if not files or not parquet or used is None:
        return sum(file.size for file in files)
    paths = ", ".join(text(file.path) for file in files)
    chunks = connection.execute(
        "SELECT lower(split_part(path_in_schema, ', ', 1)), sum(total_compressed_size) "
        f"FROM parquet_metadata([{paths}]) GROUP BY 1"
    ).fetchall()
    return int(sum(size for name, size in chunks if name.split(".")[0] in used))


def _counts(star: Any) -> bool:
    return isinstance(star.parent, exp.Anonymous)
