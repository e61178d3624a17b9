"""A new Iceberg table: its columns, partition transforms and properties, as Athena names them."""

import re
from typing import Any

from pyiceberg import transforms as tr
from pyiceberg.exceptions import NoSuchNamespaceError, TableAlreadyExistsError
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema

from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.iceberg_io import CallerCatalog, committed
from localaws.athena.iceberg_types import schema_of
from localaws.athena.statements import Name
from localaws.athena.trino_types import Type
from localaws.caller import Caller

KEPT = (
    *("vacuum_min_snapshots_to_keep", "vacuum_max_snapshot_age_seconds"),
    *("vacuum_max_metadata_files_to_keep", "optimize_rewrite_min_data_file_size_bytes"),
    *("optimize_rewrite_max_data_file_size_bytes", "optimize_rewrite_data_file_threshold"),
    *("optimize_rewrite_delete_file_threshold", "write_target_data_file_size_bytes"),
)
FORMAT, CODEC = "write.format.default", "write.parquet.compression-codec"
_CODECS = ("zstd", "snappy", "gzip", "none", "uncompressed", "lz4")
_TRANSFORMS: dict[str, Any] = {
    "year": (tr.YearTransform, "year"),
    "month": (tr.MonthTransform, "month"),
    "day": (tr.DayTransform, "day"),
    "hour": (tr.HourTransform, "hour"),
    "bucket": (tr.BucketTransform, "bucket"),
    "truncate": (tr.TruncateTransform, "trunc"),
}
_CALL = re.compile(r"(\w+)\s*\(\s*([^,()]+?)\s*(?:,\s*([^,()]+?)\s*)?\)")


def stage(
    name: Name,
    columns: tuple[tuple[str, Type, str], ...],
    partitioning: tuple[str, ...],
    location: str,
    properties: dict[str, str],
    caller: Caller,
) -> Any:
    """Return a transaction that makes a table once it is committed; nothing exists before."""
    schema = schema_of(columns)
    spec = _spec(schema, partitioning)
    return committed(
        ".".join(name),
        lambda: CallerCatalog(caller).create_table_transaction(
            name, schema, location.rstrip("/"), spec, properties=properties
        ),
    )


def create(transaction: Any, files: list[Any]) -> None:
    """Make a staged table exist, with one snapshot of these files."""
    table = transaction._table
    name = ".".join(table.name())

    def change() -> None:
        with transaction.update_snapshot().fast_append() as snapshot:
            for file in files:
                snapshot.append_data_file(file)
        transaction.commit_transaction()

    try:
        committed(name, change)
    except TableAlreadyExistsError as error:
        raise QueryFailed("TABLE_ALREADY_EXISTS", f"Table {name} already exists") from error
    except NoSuchNamespaceError as error:
        raise QueryFailed("SCHEMA_NOT_FOUND", f"Schema {name} does not exist") from error


def properties_of(given: Any) -> dict[str, str]:
    """Return Iceberg's properties of Athena's; raise QueryFailed for an unknown or unusable one."""
    found = {FORMAT: "PARQUET", CODEC: "zstd"}
    for name, value in given.items():
        if name in KEPT:
            found[name] = _whole(name, value)
            if name == "vacuum_max_metadata_files_to_keep":
                found["write.metadata.previous-versions-max"] = found[name]
        elif name == "format":
            if str(value).lower() != "parquet":
                raise not_supported(f"an Iceberg table of format {value}")
        elif name in ("write_compression", "parquet_compression"):
            found[CODEC] = _codec(value)
        elif name != "table_type":
            text = f"Unsupported table property key: {name}"
            raise QueryFailed("INVALID_TABLE_PROPERTY", text)
    return found


def _whole(name: str, value: Any) -> str:
    if not str(value).isdigit():
        text = f"Invalid value for table property {name}: {value}"
        raise QueryFailed("INVALID_TABLE_PROPERTY", text)
    return str(value)


def _codec(value: Any) -> str:
    if str(value).lower() not in _CODECS:
        raise QueryFailed("INVALID_TABLE_PROPERTY", f"Unknown compression: {value}")
    return str(value).lower()


def _spec(schema: Schema, partitioning: tuple[str, ...]) -> PartitionSpec:
    fields: list[PartitionField] = []
    for number, text in enumerate(partitioning):
        field = _field(schema, text.strip(), 1000 + number)
        for other in fields:
            same = other.source_id == field.source_id
            if same and other.transform.dedup_name == field.transform.dedup_name:
                words = f"{number + 1000}: {field.name} conflicts with {other.name}"
                raise _unusable(f"Cannot add redundant partition: {words}")
        fields.append(field)
    return PartitionSpec(*fields)


def _field(schema: Schema, text: str, number: int) -> PartitionField:
    call = _CALL.fullmatch(text)
    if call is None:
        source = _source(schema, text)
        return PartitionField(source.field_id, number, tr.IdentityTransform(), source.name)
    word, *arguments = call.groups()
    if word.lower() not in _TRANSFORMS:
        raise _unusable(f"Invalid partition field declaration: {text}")
    make, ending = _TRANSFORMS[word.lower()]
    numbers = [int(a) for a in arguments if a and a.isdigit()]
    names = [a for a in arguments if a and not a.isdigit()]
    if len(names) != 1 or len(numbers) != (word.lower() in ("bucket", "truncate")):
        raise _unusable(f"Invalid partition field declaration: {text}")
    source, transform = _source(schema, names[0]), make(*numbers)
    if not transform.can_transform(source.field_type):
        kind = f"{source.field_type} for transform: {word.lower()}"
        raise _unusable(f"Invalid source type {kind}")
    return PartitionField(source.field_id, number, transform, f"{source.name}_{ending}")


def _source(schema: Schema, text: str) -> Any:
    name = text.strip().strip('`"').lower()
    hits = [field for field in schema.fields if field.name == name]
    if not hits:
        raise _unusable(f"Cannot find source column: {name}")
    return hits[0]


def _unusable(text: str) -> QueryFailed:
    return QueryFailed("INVALID_TABLE_PROPERTY", f"Unable to parse partitioning value: {text}")
