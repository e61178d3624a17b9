"""Rows of a relation -> Parquet objects of an Iceberg table, with field ids and column bounds.

Files are made on disk and uploaded whole; map columns go through DuckDB's Parquet writer, because
an Arrow cast of a map with a NULL row ends the process.
"""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
from pyiceberg.io.pyarrow import (
    compute_statistics_plan,
    data_file_statistics_from_parquet_metadata,
    parquet_path_to_id_mapping,
)
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.schema import Schema

from localaws.athena import clients
from localaws.athena.engine import Work
from localaws.athena.failures import from_duckdb
from localaws.athena.iceberg_partitions import Group, groups
from localaws.athena.iceberg_types import field_ids
from localaws.athena.trino_types import text

_CODECS = {"none": "uncompressed", "lz4": "lz4_raw"}


@dataclass(frozen=True, slots=True)
class Output:
    """Where files of a table go: DuckDB's connection, the work they are for, a scratch folder."""

    connection: Any
    work: Work
    scratch: Path


def write(output: Output, relation: str, table: Any) -> list[DataFile]:
    """Upload the rows of `relation`, a file for each partition; return them for a commit."""
    connection = output.connection
    if not connection.execute(f"SELECT 1 FROM {relation} LIMIT 1").fetchall():
        return []
    try:
        parts = groups(connection, relation, table)
        with tempfile.TemporaryDirectory(dir=output.scratch) as folder:
            files = [(part, Path(folder) / f"{n}.parquet") for n, part in enumerate(parts)]
            for part, file in files:
                _copy(connection, part, file, table)
            with ThreadPoolExecutor(max_workers=8) as pool:
                return list(pool.map(lambda pair: _uploaded(output.work, table, *pair), files))
    except duckdb.Error as error:
        raise from_duckdb(error, relation) from error


def _copy(connection: Any, part: Group, file: Path, table: Any) -> None:
    codec = str(table.properties.get("write.parquet.compression-codec", "zstd")).lower()
    codec = _CODECS.get(codec, codec)
    connection.execute(
        f"COPY ({part.rows}) TO {text(str(file))} (FORMAT PARQUET, COMPRESSION {codec}, "
        f"FIELD_IDS {field_ids(table.schema())})"
    )


def _uploaded(work: Work, table: Any, part: Group, file: Path) -> DataFile:
    folder = f"{table.location().rstrip('/')}/data"
    folder = table.properties.get("write.data.path", folder).rstrip("/")
    middle = f"{part.path}/" if part.path else ""
    path = f"{folder}/{middle}{work.id}-{file.stem}.parquet"
    clients.put(work.caller, path, file.read_bytes(), work.encryption)
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=path,
        file_format=FileFormat.PARQUET,
        partition=part.values,
        file_size_in_bytes=file.stat().st_size,
        sort_order_id=None,
        spec_id=table.metadata.default_spec_id,
        equality_ids=None,
        key_metadata=None,
        **_statistics(table, file),
    )


def _statistics(table: Any, file: Path) -> dict[str, Any]:
    schema = Schema(*(f.model_copy(update={"name": f.name.lower()}) for f in table.schema().fields))
    found = data_file_statistics_from_parquet_metadata(
        parquet_metadata=pq.read_metadata(file),
        stats_columns=compute_statistics_plan(schema, table.properties),
        parquet_column_mapping=parquet_path_to_id_mapping(schema),
    )
    return dict(found.to_serialized_dict())
