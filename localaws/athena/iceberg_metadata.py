"""An Iceberg table's metadata tables, `"t$history"` and its like -> columns and rows."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from localaws.athena import clients, iceberg_file_tables, iceberg_values
from localaws.athena import trino_types as t
from localaws.athena.literals import literal
from localaws.athena.tables import Columns
from localaws.athena.trino_types import Type, quote

Rows = Iterator[tuple[Any, ...]]
_SUMMARY = Type("map", parts=(t.VARCHAR, t.VARCHAR))
_PARTS = Type(
    "row",
    parts=(t.BOOLEAN, t.BOOLEAN, t.VARCHAR, t.VARCHAR),
    names=("contains_null", "contains_nan", "lower_bound", "upper_bound"),
)
_COLUMNS: dict[str, Columns] = {
    "history": (
        ("made_current_at", t.ZONED),
        ("snapshot_id", t.BIGINT),
        ("parent_id", t.BIGINT),
        ("is_current_ancestor", t.BOOLEAN),
    ),
    "snapshots": (
        ("committed_at", t.ZONED),
        ("snapshot_id", t.BIGINT),
        ("parent_id", t.BIGINT),
        ("operation", t.VARCHAR),
        ("manifest_list", t.VARCHAR),
        ("summary", _SUMMARY),
    ),
    "refs": (
        ("name", t.VARCHAR),
        ("type", t.VARCHAR),
        ("snapshot_id", t.BIGINT),
        ("max_reference_age_in_ms", t.BIGINT),
        ("min_snapshots_to_keep", t.INTEGER),
        ("max_snapshot_age_in_ms", t.BIGINT),
    ),
    "properties": (("key", t.VARCHAR), ("value", t.VARCHAR)),
    "manifests": (
        ("path", t.VARCHAR),
        ("length", t.BIGINT),
        ("partition_spec_id", t.INTEGER),
        ("added_snapshot_id", t.BIGINT),
        ("added_data_files_count", t.INTEGER),
        ("added_rows_count", t.BIGINT),
        ("existing_data_files_count", t.INTEGER),
        ("existing_rows_count", t.BIGINT),
        ("deleted_data_files_count", t.INTEGER),
        ("deleted_rows_count", t.BIGINT),
        ("partition_summaries", t.array(_PARTS)),
    ),
}


def columns_of(table: Any, part: str) -> Columns | None:
    """Return the columns of a metadata table, or None if there is none of this name."""
    if part in iceberg_file_tables.ROWS:
        return iceberg_file_tables.columns_of(table, part)
    return _COLUMNS.get(part)


def select(source: Any, columns: Columns) -> str:
    """Return DuckDB's query of a metadata table's rows."""
    read = {**_ROWS, **iceberg_file_tables.ROWS}[source.part]
    rows = [
        "SELECT "
        + ", ".join(
            f"{literal(value, kind)} AS {quote(name)}"
            for (name, kind), value in zip(columns, row, strict=True)
        )
        for row in clients.asked(lambda: list(read(source)))
    ]
    nothing = ", ".join(f"{literal(None, kind)} AS {quote(name)}" for name, kind in columns)
    return " UNION ALL ".join(rows) or f"SELECT {nothing} WHERE FALSE"


def leaves(field: Any) -> set[int]:
    """Return the ids of a field and of all inside it."""
    return {field.field_id, *iceberg_values.inner_ids(field.field_type)}


def _history(source: Any) -> Rows:
    metadata = source.table.metadata
    current, ancestors = metadata.current_snapshot(), set()
    while current is not None:
        ancestors.add(current.snapshot_id)
        parent = current.parent_snapshot_id
        current = metadata.snapshot_by_id(parent) if parent is not None else None
    for entry in metadata.snapshot_log:
        snapshot = metadata.snapshot_by_id(entry.snapshot_id)
        parent = snapshot.parent_snapshot_id if snapshot is not None else None
        yield _moment(entry), entry.snapshot_id, parent, entry.snapshot_id in ancestors


def _snapshots(source: Any) -> Rows:
    for found in source.table.snapshots():
        summary = dict(found.summary.additional_properties)
        operation = found.summary.operation.value
        number, parent = found.snapshot_id, found.parent_snapshot_id
        yield _moment(found), number, parent, operation, found.manifest_list, summary


def _refs(source: Any) -> Rows:
    for name, ref in source.table.metadata.refs.items():
        ages = ref.max_ref_age_ms, ref.min_snapshots_to_keep, ref.max_snapshot_age_ms
        yield name, str(ref.snapshot_ref_type.value).upper(), ref.snapshot_id, *ages


def _properties(source: Any) -> Rows:
    table = source.table
    snapshot = table.metadata.current_snapshot_id
    yield "format", "iceberg/" + table.properties.get("write.format.default", "PARQUET").upper()
    yield "provider", "iceberg"
    yield "current-snapshot-id", "none" if snapshot is None else str(snapshot)
    yield "location", table.location()
    yield "format-version", str(table.metadata.format_version)
    yield from table.properties.items()


def _manifests(source: Any) -> Rows:
    if source.snapshot is None:
        return
    for found in source.snapshot.manifests(source.table.io):
        spec = source.table.specs()[found.partition_spec_id]
        kinds = [field.field_type for field in spec.partition_type(source.schema).fields]
        pairs = zip(spec.fields, kinds, found.partitions or [], strict=False)
        yield (
            found.manifest_path,
            found.manifest_length,
            found.partition_spec_id,
            found.added_snapshot_id,
            found.added_files_count,
            found.added_rows_count,
            found.existing_files_count,
            found.existing_rows_count,
            found.deleted_files_count,
            found.deleted_rows_count,
            [_summary(field, kind, part) for field, kind, part in pairs],
        )


def _summary(field: Any, kind: Any, part: Any) -> tuple[Any, ...]:
    bounds = (
        iceberg_values.human(field.transform, kind, bound)
        for bound in (part.lower_bound, part.upper_bound)
    )
    return part.contains_null, part.contains_nan, *bounds


def _moment(entry: Any) -> datetime:
    return datetime.fromtimestamp(entry.timestamp_ms / 1000, UTC)


_ROWS: dict[str, Callable[[Any], Rows]] = {
    "history": _history,
    "manifests": _manifests,
    "properties": _properties,
    "refs": _refs,
    "snapshots": _snapshots,
}
