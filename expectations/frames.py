"""Build partitions -> frames to judge, each with the files it was read from.

`tenant_id` and `call_month` come from the partition, as strings, never from inside a file: the
path is what access is granted by, and pyarrow would read `tenant_id=007` as a number.
"""

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from contracts.datasets import PARTITION_OF_MONTHLESS, Dataset
from contracts.run_manifests import DataFile, RunPartition, RunTotals
from expectations.content_hash import hash_content
from expectations.ports import Build, BuildPartition, BuildTable

PARTITION_COLUMNS: Final = ("tenant_id", "call_month")
_READERS: Final = 8
_COUNT = re.compile(r".*_count")


class NotBuilt(Exception):
    """A mart is missing or unreadable: nobody's verdict on it can be given."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The rows of one dataset and tenant (None where it has no tenants), with their files."""

    dataset: Dataset
    tenant_id: str | None
    table: pa.Table
    columns: tuple[str, ...]
    partitions: tuple[RunPartition, ...]

    def totals(self) -> RunTotals:
        """Return what a query over these rows must find."""
        keys = self.table.group_by(list(self.dataset.key)).aggregate([]).num_rows
        counts = [self.table.column(name) for name in self.columns if _COUNT.fullmatch(name)]
        return RunTotals(
            dataset=self.dataset.name,
            row_count=self.table.num_rows,
            key_count=keys,
            counts_sum=sum(pa.compute.sum(column).as_py() or 0 for column in counts),
        )


def read_frames(build: Build, dataset: Dataset) -> dict[str, Frame]:
    """Return the frame of each tenant that has rows; a dataset that is alone has the key "".

    Raise NotBuilt where dbt has left no such table, or a file that is not Parquet of its columns.
    """
    found = build.table(dataset.name)
    if found is None:
        raise NotBuilt(f"{dataset.name} is not built: see why the job cci-lite-dbt left it out")
    with ThreadPoolExecutor(_READERS) as readers:
        parts = readers.map(lambda part: _read_part(build, dataset, found, part), found.partitions)
        filled = [part for part in parts if part[1].files]
    tenants: dict[str, list[tuple[pa.Table, RunPartition, str]]] = {}
    for table, partition, tenant in filled:
        tenants.setdefault(tenant, []).append((table, partition, tenant))
    frames = {
        tenant: Frame(
            dataset,
            tenant or None,
            pa.concat_tables([table for table, _, _ in parts], promote_options="permissive"),
            found.columns,
            tuple(partition for _, partition, _ in parts),
        )
        for tenant, parts in tenants.items()
    }
    if dataset.is_alone:
        frames.setdefault("", Frame(dataset, None, _empty(found.columns), found.columns, ()))
    return frames


def rows_of(frame: Frame, *columns: str) -> Iterable[Mapping[str, object]]:
    """Yield the rows as plain values; raise NotBuilt for a column the mart lacks."""
    missing = sorted(set(columns) - set(frame.table.column_names))
    if missing:
        raise NotBuilt(f"{frame.dataset.name} has no column {', '.join(missing)}")
    yield from frame.table.select(list(columns)).to_pylist()


def _read_part(
    build: Build, dataset: Dataset, table: BuildTable, part: BuildPartition
) -> tuple[pa.Table, RunPartition, str]:
    tables, files = [], []
    for key in build.keys(part.prefix):
        body, etag = build.read(key)
        tables.append(_parse(body, key, table.columns))
        files.append(DataFile(key, etag, len(body)))
    rows = pa.concat_tables(tables, promote_options="permissive") if tables else _empty(())
    partition = RunPartition(
        dataset=dataset.name,
        call_month=part.call_month or PARTITION_OF_MONTHLESS,
        prefix=part.prefix,
        files=tuple(files),
        row_count=rows.num_rows,
        content_hash=hash_content(rows, table.columns) if tables else "",
    )
    return _with_path_values(rows, part), partition, part.tenant_id or ""


def _parse(body: bytes, key: str, columns: tuple[str, ...]) -> pa.Table:
    try:
        return pq.read_table(pa.BufferReader(body)).select(list(columns))
    except (pa.ArrowException, KeyError) as problem:
        raise NotBuilt(
            f"{key} is not Parquet with the columns of its table: {problem}"
        ) from problem


def _with_path_values(rows: pa.Table, part: BuildPartition) -> pa.Table:
    for name, value in (("call_month", part.call_month), ("tenant_id", part.tenant_id)):
        if value is not None:
            rows = rows.add_column(0, name, pa.array([value] * rows.num_rows, pa.string()))
    return rows


def _empty(columns: tuple[str, ...]) -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in columns})
