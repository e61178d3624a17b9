"""CREATE, DROP and ALTER of Iceberg tables: commits of metadata, without rows."""

from collections.abc import Callable
from typing import Any

from pyiceberg import types as i
from pyiceberg.exceptions import ValidationError

from localaws.athena import clients, iceberg_create, iceberg_tables
from localaws.athena.catalog import Catalog
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.iceberg_io import committed
from localaws.athena.iceberg_types import declared, iceberg_type
from localaws.athena.partitions import listed_ages
from localaws.athena.statements import AlterTable, CreateIceberg, Name

_FAILED = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "


def create_table(statement: CreateIceberg, catalog: Catalog) -> None:
    """Create an empty Iceberg table; raise QueryFailed if it exists."""
    schema, name = statement.name
    catalog.need_database(schema)
    if catalog.described(schema, name) is not None:
        if statement.if_not_exists:
            return
        text = f"AlreadyExistsException(message:Table {name} already exists.)"
        raise QueryFailed("", _FAILED + text)
    columns = tuple((c, declared(c, kind), comment) for c, kind, comment in statement.columns)
    properties = iceberg_create.properties_of(statement.properties)
    if statement.comment:
        properties["comment"] = statement.comment
    staged = iceberg_create.stage(
        statement.name,
        columns,
        statement.partitioning,
        statement.location,
        properties,
        catalog.caller,
    )
    iceberg_create.create(staged, [])


def drop(name: Name, catalog: Catalog) -> None:
    """Drop an Iceberg table and delete its data and metadata."""
    schema, table = name
    found = catalog.described(schema, table) or {}
    location = str((found.get("StorageDescriptor") or {}).get("Location", ""))
    clients.asked(lambda: catalog.glue.delete_table(DatabaseName=schema, Name=table))
    if location:
        paths = [path for path, _ in listed_ages(location, catalog.caller)]
        delete_objects(paths, catalog.caller)


def alter(statement: AlterTable, catalog: Catalog) -> None:
    """Carry out one ALTER TABLE; raise QueryFailed for what Iceberg tables do not know."""
    action = _ACTIONS.get(statement.action)
    name = ".".join(statement.name)
    if action is None:
        text = f"ALTER TABLE {statement.action} is not supported for Iceberg tables: {name}"
        raise QueryFailed("NOT_SUPPORTED", text)
    table = iceberg_tables.load(*statement.name, catalog.caller)
    try:
        committed(name, lambda: action(statement, table))
    except (ValueError, ValidationError) as error:
        raise QueryFailed("", f"{_FAILED}{error}") from error


def delete_objects(paths: list[str], caller: Any) -> None:
    """Delete objects, a thousand a call."""
    by_bucket: dict[str, list[str]] = {}
    for path in paths:
        bucket, key = clients.split_location(path)
        by_bucket.setdefault(bucket, []).append(key)
    for bucket, keys in by_bucket.items():
        for start in range(0, len(keys), 1000):
            _delete(bucket, keys[start : start + 1000], caller)


def _delete(bucket: str, keys: list[str], caller: Any) -> None:
    listed = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
    clients.asked(lambda: clients.s3(caller).delete_objects(Bucket=bucket, Delete=listed))


def _add_columns(statement: AlterTable, table: Any) -> None:
    with table.update_schema() as update:
        for name, kind, comment in statement.columns:
            _refuse_existing(table, name)
            update.add_column(name, _new_type(name, kind), comment or None)


def _change_column(statement: AlterTable, table: Any) -> None:
    (old, _, _), (new, kind, comment) = statement.columns
    field = _need(table, old)
    wanted = _new_type(new, kind)
    place = str(statement.properties.get("place", ""))
    with table.update_schema() as update:
        _retype(update, field, wanted)
        if comment:
            update.update_column((field.name,), doc=comment)
        if new != field.name.lower():
            _refuse_existing(table, new)
            update.rename_column((field.name,), new)
        if place == "first":
            update.move_first((field.name,))
        elif place:
            update.move_after((field.name,), _need(table, place.removeprefix("after ")).name)


def _retype(update: Any, field: Any, wanted: Any) -> None:
    if isinstance(field.field_type, i.PrimitiveType) and isinstance(wanted, i.PrimitiveType):
        if wanted != field.field_type:
            update.update_column((field.name,), field_type=wanted)
    elif _shape(field.field_type) != _shape(wanted):
        raise not_supported(f"a change of the type inside column {field.name}")


def _shape(kind: Any) -> Any:
    if isinstance(kind, i.ListType):
        return "list", _shape(kind.element_type)
    if isinstance(kind, i.MapType):
        return "map", _shape(kind.key_type), _shape(kind.value_type)
    if isinstance(kind, i.StructType):
        return "struct", *((f.name.lower(), _shape(f.field_type)) for f in kind.fields)
    return kind


def _drop_column(statement: AlterTable, table: Any) -> None:
    field = _need(table, statement.columns[0][0])
    if any(part.source_id == field.field_id for part in table.spec().fields):
        text = f"Cannot drop partition field: {field.name}"
        raise QueryFailed("NOT_SUPPORTED", text)
    if len(table.schema().fields) == 1:
        raise QueryFailed("NOT_SUPPORTED", "Cannot drop the only column in a table")
    with table.update_schema(allow_incompatible_changes=True) as update:
        update.delete_column((field.name,))


def _set_properties(statement: AlterTable, table: Any) -> None:
    given = iceberg_create.properties_of(statement.properties)
    named = {name: value for name, value in given.items() if _asked(name, statement)}
    with table.transaction() as transaction:
        transaction.set_properties(named)


def _asked(name: str, statement: AlterTable) -> bool:
    if name == iceberg_create.FORMAT:
        return "format" in statement.properties
    if name == iceberg_create.CODEC:
        return bool({"write_compression", "parquet_compression"} & set(statement.properties))
    return True


def _unset_properties(statement: AlterTable, table: Any) -> None:
    iceberg_create.properties_of(dict.fromkeys(statement.properties, "0"))
    with table.transaction() as transaction:
        transaction.remove_properties(*statement.properties)


def _new_type(name: str, kind: str) -> Any:
    numbers = iter(range(1_000_000, 2_000_000))
    return iceberg_type(declared(name, kind), numbers)


def _need(table: Any, name: str) -> Any:
    hits = [field for field in table.schema().fields if field.name.lower() == name]
    if not hits:
        raise QueryFailed("COLUMN_NOT_FOUND", f"Column '{name}' does not exist")
    return hits[0]


def _refuse_existing(table: Any, name: str) -> None:
    if any(field.name.lower() == name for field in table.schema().fields):
        raise QueryFailed("COLUMN_ALREADY_EXISTS", f"Column '{name}' already exists")


_ACTIONS: dict[str, Callable[[AlterTable, Any], None]] = {
    "ADD COLUMNS": _add_columns,
    "CHANGE COLUMN": _change_column,
    "DROP COLUMN": _drop_column,
    "SET TBLPROPERTIES": _set_properties,
    "UNSET TBLPROPERTIES": _unset_properties,
}
