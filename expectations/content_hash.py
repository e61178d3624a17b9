"""A frame -> one hash of what it says, whatever order, files or engine it came in.

Computed from the frames that were judged, so no SQL dialect is involved. Each row becomes a text
(columns in contract order, NULL a mark of its own, separators escaped), the texts are sorted, and
the sha256 of all is the answer.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

_NULL: Final = "\\N"
_SEPARATOR: Final = "\x1f"
_NANO: Final = 1e9


def hash_content(table: pa.Table, columns: Sequence[str]) -> str:
    """Return the sha256 of the rows of `table`, read in the order of `columns`.

    Doubles count to nine places, because engines differ in the last bits; times in microseconds.
    Raise KeyError when a column is missing.
    """
    digest = hashlib.sha256(json.dumps(list(columns)).encode())
    if not table.num_rows:
        return digest.hexdigest()
    texts = [_texts(table.column(name).combine_chunks()) for name in columns]
    rows = pc.binary_join_element_wise(*texts, pa.scalar(_SEPARATOR, pa.large_string()))
    for row in rows.take(pc.sort_indices(rows)):
        digest.update(row.as_buffer())
        digest.update(b"\n")
    return digest.hexdigest()


def _texts(values: pa.Array) -> pa.Array:
    text = _escaped(_cast(values)).cast(pa.large_string())
    return pc.fill_null(text, pa.scalar(_NULL, pa.large_string()))


def _cast(values: pa.Array) -> pa.Array:
    kind = values.type
    if pa.types.is_nested(kind):
        return pa.array([_json(each) for each in values.to_pylist()], pa.string())
    if pa.types.is_floating(kind):
        return _nanos(values.cast(pa.float64()))
    if pa.types.is_timestamp(kind):
        return values.cast(pa.timestamp("us")).cast(pa.int64()).cast(pa.string())
    return values.cast(pa.string())


def _nanos(values: pa.Array) -> pa.Array:
    """NaN, infinities and what is too big for nine places keep their own text."""
    fits = pc.less(pc.abs(values), pa.scalar(9e9))
    nanos = pc.round(pc.multiply(pc.if_else(fits, values, 0.0), _NANO)).cast(pa.int64())
    return pc.if_else(fits, nanos.cast(pa.string()), values.cast(pa.string()))


def _escaped(texts: pa.Array) -> pa.Array:
    escaped = pc.replace_substring(texts, "\\", "\\\\")
    escaped = pc.replace_substring(escaped, _SEPARATOR, "\\u")
    return pc.replace_substring(escaped, "\n", "\\n")


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, sort_keys=True, default=str)
