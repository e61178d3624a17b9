"""Columns -> Parquet files named by their content, and the partitions that point at them.

Same rows, same libraries -> same bytes, same name: a rerun writes nothing. No clock value goes
into a file (lake.md §4 "Files").
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
from pyarrow import compute, parquet

from contracts.columns import Table
from contracts.keys import LakeFileKey, lake_partition, parse_lake_file
from contracts.tables import LAKE_CONTRACT, LAKE_TABLES, glue_table_input, table_named
from contracts.tenant import TenantId
from transforms.kernel import CALLS, REJECTS, Columns
from transforms.ports import Catalog
from transforms.schemas import build_table

# The lease's fence gives a new partition its generation once there is a lease.
GENERATION: Final = 1

# Stable: the members of a document stay in their order.
_DOCUMENT_ORDER: Final = ("call_date", "call_id", "document_key")
_ROW_GROUP: Final = 65_536
_SMALL_BYTES: Final = 1024 * 1024
_UNIQUE: Final = ("_hash", "_etag", "_id", "_key")
_REPEATED: Final = frozenset({"call_id", "document_key", "agent_id", "model_id", "criterion_id"})


@dataclass(frozen=True, slots=True)
class LakeFile:
    """One Parquet file, ready to be written; `sha256` is that of `body`."""

    key: str
    table: str
    rows: int
    sha256: str
    body: bytes


def build_files(tenant: TenantId, month: str, tables: Mapping[str, Columns]) -> list[LakeFile]:
    """Return the files of one tenant and month, one per table that has rows, `calls` last.

    `calls` comes last so that no call shows without its children. Raise UnfitValue, naming table
    and column, for a value that the contract does not allow.
    """
    is_sorted = _in_order(tables)
    files = []
    for table in sorted(LAKE_TABLES, key=lambda table: table is CALLS):
        if not next(iter(tables[table.name].values())):
            continue
        rows = build_table(table, tables[table.name])
        if table is REJECTS:
            rows = _sort(rows, table.sort)
        elif not is_sorted:
            rows = _sort(rows, _DOCUMENT_ORDER)
        files.append(_file(tenant, month, table, rows))
    return files


def parquet_bytes(table: Table, rows: pa.Table, footer: Mapping[str, str]) -> bytes:
    """Return the one byte form of these rows; `footer` lets a file say what it is."""
    sink = pa.BufferOutputStream()
    small = rows.nbytes < _SMALL_BYTES
    with parquet.ParquetWriter(
        sink,
        rows.schema,
        version="2.6",
        data_page_version="1.0",
        store_schema=False,
        write_page_index=True,
        use_dictionary=_repeating(table),
        compression="snappy" if small else "zstd",
        compression_level=None if small else 3,
    ) as writer:
        writer.write_table(rows, row_group_size=_ROW_GROUP)
        writer.add_key_value_metadata(dict(footer))
    return bytes(sink.getvalue())


def register(catalog: Catalog, keys: Iterable[str], lake_bucket: str) -> None:
    """Create the partitions of these files where the catalogue has none, in the files' order."""
    wanted: dict[str, dict[tuple[str, str], str]] = {}
    for key in keys:
        file = parse_lake_file(key)
        folder = lake_partition(file.table, file.tenant, file.call_month, file.generation)
        wanted.setdefault(file.table, {})[file.tenant, file.call_month] = folder
    for name, folders in wanted.items():
        table = table_named(name)
        missing = catalog.find_missing(name, [list(values) for values in sorted(folders)])
        inputs = [
            partition_input(table, values, f"s3://{lake_bucket}/{folders[values[0], values[1]]}")
            for values in missing
        ]
        catalog.create_partitions(name, inputs)


def partition_input(table: Table, values: list[str], location: str) -> dict[str, Any]:
    """Return the Glue PartitionInput of a table at `location`, an `s3://` folder."""
    storage = glue_table_input(table, location)["StorageDescriptor"]
    return {
        "Values": values,
        "StorageDescriptor": {**storage, "Location": location},
        "Parameters": {"cci.contract": str(LAKE_CONTRACT)},
    }


def _file(tenant: TenantId, month: str, table: Table, rows: pa.Table) -> LakeFile:
    footer = {
        "cci.tenant_id": tenant,
        "cci.call_month": month,
        "cci.table": table.name,
        "cci.contract": str(LAKE_CONTRACT),
    }
    body = parquet_bytes(table, rows, footer)
    sha256 = hashlib.sha256(body).hexdigest()
    key = LakeFileKey(table.name, tenant, month, GENERATION, f"a-{sha256[:32]}.parquet")
    return LakeFile(str(key), table.name, rows.num_rows, sha256, body)


def _in_order(tables: Mapping[str, Columns]) -> bool:
    calls = tables[CALLS.name]
    keys = list(zip(*(calls[name] for name in _DOCUMENT_ORDER), strict=True))
    return keys == sorted(keys)


def _sort(rows: pa.Table, names: Iterable[str]) -> pa.Table:
    keys = [(name, "ascending") for name in names]
    return rows.take(compute.sort_indices(rows, sort_keys=keys))


def _repeating(table: Table) -> list[str]:
    names = [
        column.name
        for column in table.columns
        if column.type == "string" and column.kind != "text" and _repeats(column.name, table)
    ]
    if table.name == "evaluations":
        fields = ("criterion_id", "question", "section", "result", "result_raw")
        names += [f"criteria.list.element.{name}" for name in fields]
    return names


def _repeats(name: str, table: Table) -> bool:
    if table is CALLS and name in ("call_id", "document_key"):
        return False
    return name in _REPEATED or not name.endswith(_UNIQUE)
