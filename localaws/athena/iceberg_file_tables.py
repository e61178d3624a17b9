"""`"t$files"` and `"t$partitions"`: what the manifests of a snapshot say of its files."""

from collections.abc import Callable, Iterator
from typing import Any

from pyiceberg import types as i
from pyiceberg.schema import index_name_by_id
from pyiceberg.transforms import DayTransform, IdentityTransform

from localaws.athena import iceberg_values as v
from localaws.athena import trino_types as t
from localaws.athena.iceberg_types import trino_type
from localaws.athena.tables import Columns
from localaws.athena.trino_types import Type

Rows = Iterator[tuple[Any, ...]]
_COUNTS = Type("map", parts=(t.INTEGER, t.BIGINT))
_BOUNDS = Type("map", parts=(t.INTEGER, t.VARCHAR))


def columns_of(table: Any, part: str) -> Columns:
    """Return the columns of `$files` or `$partitions`; only a partitioned table has `partition`."""
    kinds = [_result(field, table.schema()) for field in table.spec().fields]
    partition: Columns = ()
    if kinds:
        names = tuple(field.name for field in table.spec().fields)
        parts = tuple(trino_type(kind) for kind in kinds)
        partition = (("partition", Type("row", parts=parts, names=names)),)
    if part == "files":
        return (*_FILE[:4], *partition, *_FILE[4:])
    counts = ((name, t.BIGINT) for name in ("record_count", "file_count", "total_size"))
    plain = _plain_columns(table)
    data = Type(
        "row",
        parts=tuple(_range(trino_type(field.field_type)) for field in plain),
        names=tuple(field.name.lower() for field in plain),
    )
    return (*partition, *counts, *((("data", data),) if plain else ()))


def _files(source: Any) -> Rows:
    table, schema = source.table, source.table.schema()
    for file in _data_files(source, {0, 1, 2}):
        counts = (
            dict(found or {})
            for found in (
                file.column_sizes,
                file.value_counts,
                file.null_value_counts,
                file.nan_value_counts,
            )
        )
        bounds = (_bounds(schema, found) for found in (file.lower_bounds, file.upper_bounds))
        yield (
            file.content.value,
            file.file_path,
            file.file_format.value,
            file.spec_id,
            *_partition(table, file),
            file.record_count,
            file.file_size_in_bytes,
            *counts,
            *bounds,
            file.key_metadata,
            file.split_offsets,
            file.equality_ids or None,
            file.sort_order_id,
            v.json_text(_metrics(schema, file)),
        )


def _partitions(source: Any) -> Rows:
    table = source.table
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for file in _data_files(source, {0}):
        groups.setdefault(_partition(table, file), []).append(file)
    plain = _plain_columns(table)
    for key, files in groups.items():
        counts = (
            sum(file.record_count for file in files),
            len(files),
            sum(file.file_size_in_bytes for file in files),
        )
        data = tuple(_column_range(field, files) for field in plain)
        yield (*key, *counts, *((data,) if plain else ()))


def _data_files(source: Any, contents: set[int]) -> Iterator[Any]:
    if source.snapshot is None:
        return
    io = source.table.io
    for manifest in source.snapshot.manifests(io):
        for entry in manifest.fetch_manifest_entry(io, discard_deleted=True):
            if entry.data_file.content.value in contents:
                yield entry.data_file


def _partition(table: Any, file: Any) -> tuple[Any, ...]:
    current = table.spec()
    if not current.fields:
        return ()
    spec = table.specs()[file.spec_id]
    known = {field.field_id: n for n, field in enumerate(spec.fields)}
    values = []
    for field in current.fields:
        at = known.get(field.field_id)
        stored = file.partition[at] if at is not None else None
        values.append(v.python_value(_result(field, table.schema()), stored))
    return (tuple(values),)


def _result(field: Any, schema: Any) -> Any:
    if isinstance(field.transform, DayTransform):
        return i.DateType()
    return field.transform.result_type(schema.find_type(field.source_id))


def _plain_columns(table: Any) -> list[Any]:
    keys = {f.source_id for f in table.spec().fields if isinstance(f.transform, IdentityTransform)}
    return [
        field
        for field in table.schema().fields
        if field.field_id not in keys and isinstance(field.field_type, i.PrimitiveType)
    ]


def _range(kind: Type) -> Type:
    names = ("min", "max", "null_count", "nan_count")
    return Type("row", parts=(kind, kind, t.BIGINT, t.BIGINT), names=names)


def _column_range(field: Any, files: list[Any]) -> tuple[Any, ...]:
    number, kind = field.field_id, field.field_type
    lows = [v.bound(kind, (file.lower_bounds or {}).get(number)) for file in files]
    highs = [v.bound(kind, (file.upper_bounds or {}).get(number)) for file in files]
    found = (
        min((low for low in lows if low is not None), default=None),
        max((high for high in highs if high is not None), default=None),
    )
    return (*found, _summed(files, "null_value_counts", number), _nans(files, number))


def _summed(files: list[Any], name: str, number: int) -> int | None:
    counts = [(getattr(file, name) or {}).get(number) for file in files]
    return None if None in counts else sum(count for count in counts if count is not None)


def _nans(files: list[Any], number: int) -> int | None:
    found = _summed(files, "nan_value_counts", number)
    return found or None


def _bounds(schema: Any, found: Any) -> dict[int, str]:
    names = index_name_by_id(schema)
    kinds = {number: schema.find_type(number) for number in found or {} if number in names}
    return {n: v.shown(kind, v.bound(kind, found[n])) for n, kind in kinds.items()}


def _metrics(schema: Any, file: Any) -> dict[str, Any]:
    found = {}
    for number, name in sorted(index_name_by_id(schema).items(), key=lambda item: item[1]):
        kind = schema.find_type(number)
        if not isinstance(kind, i.PrimitiveType) or number not in (file.column_sizes or {}):
            continue
        lower = v.bound(kind, (file.lower_bounds or {}).get(number))
        upper = v.bound(kind, (file.upper_bounds or {}).get(number))
        found[name] = {
            "column_size": file.column_sizes[number],
            "value_count": (file.value_counts or {}).get(number),
            "null_value_count": (file.null_value_counts or {}).get(number),
            "nan_value_count": (file.nan_value_counts or {}).get(number),
            "lower_bound": v.as_json(kind, lower),
            "upper_bound": v.as_json(kind, upper),
        }
    return found


_FILE: Columns = (
    ("content", t.INTEGER),
    ("file_path", t.VARCHAR),
    ("file_format", t.VARCHAR),
    ("spec_id", t.INTEGER),
    ("record_count", t.BIGINT),
    ("file_size_in_bytes", t.BIGINT),
    ("column_sizes", _COUNTS),
    ("value_counts", _COUNTS),
    ("null_value_counts", _COUNTS),
    ("nan_value_counts", _COUNTS),
    ("lower_bounds", _BOUNDS),
    ("upper_bounds", _BOUNDS),
    ("key_metadata", t.VARBINARY),
    ("split_offsets", t.array(t.BIGINT)),
    ("equality_ids", t.array(t.INTEGER)),
    ("sort_order_id", t.INTEGER),
    ("readable_metrics", t.JSON),
)
ROWS: dict[str, Callable[[Any], Rows]] = {"files": _files, "partitions": _partitions}
