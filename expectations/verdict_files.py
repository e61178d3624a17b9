"""Verdict rows <-> the Parquet file people query as `quality_verdicts`."""

import io
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from contracts.columns import Column
from contracts.verdicts import VERDICTS, Verdict

_TYPES: Final = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "timestamp": pa.timestamp("ms"),
}
_OF_THE_RUN: Final = frozenset({
    "tenant_id", "run_id", "recorded_at", "elapsed_seconds", "code_version",
})  # fmt: skip


def render_verdicts(verdicts: Sequence[Verdict]) -> bytes:
    """Return the rows of one tenant and run as Parquet; the tenant stands in the file's path."""
    rows = [asdict(verdict) for verdict in verdicts]
    for row in rows:
        row["recorded_at"] = _timestamp(row["recorded_at"])
    schema = pa.schema([(column.name, _arrow(column)) for column in VERDICTS.columns])
    body = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), body, compression="zstd")
    return body.getvalue()


def say_the_same(verdicts: Sequence[Verdict], recorded: bytes | None) -> bool:
    """Return whether a stored file says of the same rows what `verdicts` say.

    Run, time and version of the code are not compared: a night that finds nothing new is not news.
    """
    if recorded is None:
        return False
    before = pq.read_table(pa.BufferReader(recorded)).to_pylist()
    return [_said(row) for row in before] == [_said(asdict(each)) for each in verdicts]


def _said(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _OF_THE_RUN}


def _arrow(column: Column) -> pa.DataType:
    return _TYPES[column.type]


def _timestamp(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
