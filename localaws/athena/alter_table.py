"""ALTER TABLE on Glue: partitions, properties, columns, location, name."""

from collections.abc import Callable
from typing import Any

from localaws.athena import clients
from localaws.athena.catalog import Catalog, is_iceberg
from localaws.athena.ddl import add_partitions
from localaws.athena.failures import QueryFailed
from localaws.athena.partition_files import partition_folder
from localaws.athena.statements import AlterTable, Properties
from localaws.athena.trino_types import hive, parse

_KEPT = (
    *("Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys"),
    *("ViewOriginalText", "ViewExpandedText", "TableType", "Parameters"),
)


def alter_table(statement: AlterTable, catalog: Catalog) -> None:
    """Carry out one ALTER TABLE; raise QueryFailed if its table or partition is missing."""
    schema, name = statement.name
    found = catalog.described(schema, name)
    if found is None:
        text = f"FAILED: SemanticException [Error 10001]: Table not found {schema}.{name}"
        raise QueryFailed("", text)
    if is_iceberg(found) and statement.action != "RENAME":
        from localaws.athena import iceberg_ddl  # noqa: PLC0415 -- pyiceberg loads slowly

        iceberg_ddl.alter(statement, catalog)
        return
    action = _ACTIONS.get(statement.action)
    if action is None:
        text = f"ALTER TABLE {statement.action} is supported for Iceberg tables only"
        raise QueryFailed("NOT_SUPPORTED", f"{text}: {schema}.{name}")
    action(statement, catalog, found)


def _set_properties(statement: AlterTable, catalog: Catalog, found: Any) -> None:
    parameters = {**(found.get("Parameters") or {}), **statement.properties}
    _update(statement, catalog, {**found, "Parameters": parameters})


def _set_location(statement: AlterTable, catalog: Catalog, found: Any) -> None:
    storage = {**found["StorageDescriptor"], "Location": statement.location}
    _update(statement, catalog, {**found, "StorageDescriptor": storage})


def _add_columns(statement: AlterTable, catalog: Catalog, found: Any) -> None:
    storage = found["StorageDescriptor"]
    columns = [*storage["Columns"], *_columns(statement)]
    _update(statement, catalog, {**found, "StorageDescriptor": {**storage, "Columns": columns}})


def _replace_columns(statement: AlterTable, catalog: Catalog, found: Any) -> None:
    storage = {**found["StorageDescriptor"], "Columns": _columns(statement)}
    _update(statement, catalog, {**found, "StorageDescriptor": storage})


def _rename(statement: AlterTable, catalog: Catalog, found: Any) -> None:
    (schema, name), (new_schema, new_name) = statement.name, statement.new_name
    if catalog.described(new_schema, new_name) is not None:
        text = f"line 1:1: Target table '{new_schema}.{new_name}' already exists"
        raise QueryFailed("TABLE_ALREADY_EXISTS", text)
    partitions = catalog.partitions(schema, name) if found.get("PartitionKeys") else []
    entry = {**_kept(found), "Name": new_name}
    clients.asked(lambda: catalog.glue.create_table(DatabaseName=new_schema, TableInput=entry))
    places = {tuple(p["Values"]): p["StorageDescriptor"]["Location"] for p in partitions}
    add_partitions(catalog, new_schema, new_name, found["StorageDescriptor"], places)
    clients.asked(lambda: catalog.glue.delete_table(DatabaseName=schema, Name=name))


def _add_partitions(statement: AlterTable, catalog: Catalog, found: Any) -> None:
    (schema, name), keys = statement.name, _keys(found)
    known = {tuple(p["Values"]) for p in catalog.partitions(schema, name)}
    root = found["StorageDescriptor"]["Location"].rstrip("/")
    places = {}
    for spec, location in statement.partitions:
        values = _values(spec, keys)
        if values in known and not statement.lenient:
            text = "AlreadyExistsException(message:Partition already exists.)"
            raise QueryFailed("", f"FAILED: Execution Error, return code 1. {text}")
        if values not in known:
            places[values] = location or root + partition_folder(keys, values)
    add_partitions(catalog, schema, name, found["StorageDescriptor"], places)


def _drop_partitions(statement: AlterTable, catalog: Catalog, found: Any) -> None:
    (schema, name), keys = statement.name, _keys(found)
    present = [tuple(p["Values"]) for p in catalog.partitions(schema, name)]
    for spec, _ in statement.partitions:
        _known_keys(spec, keys)
        hits = [v for v in present if all(v[keys.index(k)] == spec[k] for k in spec)]
        if not hits and not statement.lenient:
            text = f"FAILED: SemanticException [Error 10006]: Partition not found {dict(spec)}"
            raise QueryFailed("", text)
        for values in hits:
            _drop_partition(catalog, schema, name, list(values))


def _drop_partition(catalog: Catalog, schema: str, name: str, values: list[str]) -> None:
    clients.asked(
        lambda: catalog.glue.delete_partition(
            DatabaseName=schema, TableName=name, PartitionValues=values
        )
    )


def _partition_location(statement: AlterTable, catalog: Catalog, found: Any) -> None:
    spec, location = statement.partitions[0]
    _change_partition(statement, catalog, found, _values(spec, _keys(found)), location, None)


def _rename_partition(statement: AlterTable, catalog: Catalog, found: Any) -> None:
    keys = _keys(found)
    old, new = (_values(spec, keys) for spec, _ in statement.partitions)
    _change_partition(statement, catalog, found, old, None, new)


def _change_partition(
    statement: AlterTable,
    catalog: Catalog,
    found: Any,
    values: tuple[str, ...],
    location: str | None,
    renamed: tuple[str, ...] | None,
) -> None:
    schema, name = statement.name
    present = {tuple(p["Values"]): p for p in catalog.partitions(schema, name)}
    if values not in present:
        text = f"FAILED: SemanticException [Error 10006]: Partition not found {list(values)}"
        raise QueryFailed("", text)
    place = location or present[values]["StorageDescriptor"]["Location"]
    storage = {**found["StorageDescriptor"], "Location": place}
    entry = {"Values": list(renamed or values), "StorageDescriptor": storage}
    clients.asked(
        lambda: catalog.glue.update_partition(
            DatabaseName=schema,
            TableName=name,
            PartitionValueList=list(values),
            PartitionInput=entry,
        )
    )


def _update(statement: AlterTable, catalog: Catalog, entry: Any) -> None:
    schema = statement.name[0]
    kept = _kept(entry)
    clients.asked(lambda: catalog.glue.update_table(DatabaseName=schema, TableInput=kept))


def _kept(found: Any) -> dict[str, Any]:
    return {key: found[key] for key in _KEPT if found.get(key) not in (None, "")}


def _columns(statement: AlterTable) -> list[dict[str, str]]:
    return [
        {"Name": name, "Type": hive(parse(kind)), **({"Comment": comment} if comment else {})}
        for name, kind, comment in statement.columns
    ]


def _keys(found: Any) -> list[str]:
    return [str(key["Name"]).lower() for key in found.get("PartitionKeys") or []]


def _known_keys(spec: Properties, keys: list[str]) -> None:
    for key in spec:
        if key not in keys:
            text = f"FAILED: SemanticException: {key} is not a partition column"
            raise QueryFailed("", text)


def _values(spec: Properties, keys: list[str]) -> tuple[str, ...]:
    _known_keys(spec, keys)
    if set(spec) != set(keys):
        text = f"FAILED: SemanticException: partition spec {dict(spec)} must name {keys}"
        raise QueryFailed("", text)
    return tuple(str(spec[key]) for key in keys)


_ACTIONS: dict[str, Callable[[AlterTable, Catalog, Any], None]] = {
    "ADD COLUMNS": _add_columns,
    "ADD PARTITION": _add_partitions,
    "DROP PARTITION": _drop_partitions,
    "PARTITION LOCATION": _partition_location,
    "RENAME": _rename,
    "RENAME PARTITION": _rename_partition,
    "REPLACE COLUMNS": _replace_columns,
    "SET LOCATION": _set_location,
    "SET TBLPROPERTIES": _set_properties,
}
