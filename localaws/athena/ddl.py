"""CREATE, DROP, ALTER, MSCK and views: statements that change Glue and read no data."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from localaws.athena import clients, formats, views
from localaws.athena.catalog import Catalog, is_iceberg
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.partitions import listed_objects
from localaws.athena.scopes import Column
from localaws.athena.statements import (
    CreateDatabase,
    CreateIceberg,
    CreateTable,
    CreateView,
    Drop,
    Repair,
)
from localaws.athena.trino_types import hive, parse
from localaws.caller import Caller

DescribeQuery = Callable[[str, str, Caller], tuple[Column, ...]]
_METASTORE = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "


def create_database(statement: CreateDatabase, catalog: Catalog) -> None:
    """Create a database; raise QueryFailed if it exists."""
    described = {"Name": statement.name, "Parameters": dict(statement.properties)}
    if statement.comment:
        described["Description"] = statement.comment
    if statement.location:
        described["LocationUri"] = statement.location
    _make(
        lambda: catalog.glue.create_database(DatabaseInput=described),
        f"Database {statement.name} already exists",
        lenient=statement.if_not_exists,
    )


def create_table(statement: CreateTable, catalog: Catalog) -> None:
    """Create an external table; raise QueryFailed if it exists or a key is also a column."""
    schema, name = statement.name
    both = {c[0] for c in statement.columns} & {k[0] for k in statement.keys}
    if both:
        text = f"Column repeated in partitioning columns: {sorted(both)[0]}"
        raise QueryFailed("", f"FAILED: SemanticException [Error 10035]: {text}")
    if str(statement.properties.get("table_type", "")).upper() == "ICEBERG":
        raise QueryFailed("", f"{_METASTORE}An Iceberg table is not created as EXTERNAL")
    catalog.need_database(schema)
    described = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", **statement.properties},
        "PartitionKeys": [_glue_column(*key) for key in statement.keys],
        "StorageDescriptor": {
            "Columns": [_glue_column(*column) for column in statement.columns],
            "Location": statement.location,
            **_format(statement),
        },
    }
    if statement.comment:
        described["Description"] = statement.comment
    _make(
        lambda: catalog.glue.create_table(DatabaseName=schema, TableInput=described),
        f"AlreadyExistsException(message:Table {name} already exists.)",
        lenient=statement.if_not_exists,
    )


def create_iceberg(statement: CreateIceberg, catalog: Catalog) -> None:
    """Create an Iceberg table; raise QueryFailed if it exists."""
    from localaws.athena import iceberg_ddl  # noqa: PLC0415 -- pyiceberg loads slowly

    iceberg_ddl.create_table(statement, catalog)


def create_view(
    statement: CreateView, catalog: Catalog, describe: DescribeQuery, database: str, caller: Caller
) -> None:
    """Create or replace a view after checking its query; raise QueryFailed if a table is there."""
    (schema, name), query = statement.name, statement.query.strip()
    found = catalog.described(schema, name)
    if found is not None and found.get("TableType") != "VIRTUAL_VIEW":
        text = f"line 1:1: '{schema}.{name}' already exists as a table"
        raise QueryFailed("TABLE_ALREADY_EXISTS", text)
    if found is not None and not statement.replace:
        raise QueryFailed("TABLE_ALREADY_EXISTS", f"line 1:1: View already exists: {schema}.{name}")
    columns = describe(statement.query, database, caller)
    for i, column in enumerate(columns):
        if not column.name:
            text = f"line 1:1: Column name not specified at position {i + 1}"
            raise QueryFailed("MISSING_COLUMN_NAME", text)
    entry = views.encode(name, query, database, columns)
    glue = catalog.glue
    write = glue.create_table if found is None else glue.update_table
    clients.asked(lambda: write(DatabaseName=schema, TableInput=entry))


def drop(statement: Drop, catalog: Catalog) -> None:
    """Drop a table, view or database from Glue; only an Iceberg table's files go with it."""
    if statement.kind == "DATABASE":
        _drop_database(statement, catalog)
        return
    schema, name = statement.name
    found = catalog.described(schema, name)
    if found is None:
        if statement.if_exists:
            return
        text = f"FAILED: SemanticException [Error 10001]: Table not found {schema}.{name}"
        raise QueryFailed("", text)
    is_view = found.get("TableType") == "VIRTUAL_VIEW"
    if is_view != (statement.kind == "VIEW"):
        kind = "view" if is_view else "table"
        raise QueryFailed("", f"FAILED: SemanticException: {schema}.{name} is a {kind}")
    if is_iceberg(found):
        from localaws.athena import iceberg_ddl  # noqa: PLC0415 -- pyiceberg loads slowly

        iceberg_ddl.drop(statement.name, catalog)
        return
    clients.asked(lambda: catalog.glue.delete_table(DatabaseName=schema, Name=name))


def repair(statement: Repair, catalog: Catalog, caller: Caller) -> list[str]:
    """Add the `k=v` folders of a table that Glue lacks; return the lines Athena prints."""
    schema, name = statement.name
    found = catalog.described(schema, name)
    if found is None:
        raise QueryFailed("", f"FAILED: SemanticException table not found {schema}.{name}")
    if is_iceberg(found):
        text = f"MSCK REPAIR TABLE is not supported for Iceberg tables: {schema}.{name}"
        raise QueryFailed("NOT_SUPPORTED", text)
    keys = [str(key["Name"]).lower() for key in found.get("PartitionKeys") or []]
    storage = found["StorageDescriptor"]
    root = storage["Location"].rstrip("/") + "/"
    folders = {path[len(root) :].rpartition("/")[0] for path, _ in listed_objects(root, caller)}
    known = {tuple(p["Values"]) for p in catalog.partitions(schema, name)}
    new = {}
    for folder in sorted(folders):
        steps = [step.partition("=") for step in folder.split("/")][: len(keys)]
        if [step[0].lower() for step in steps] == keys and all(step[1] for step in steps):
            values = tuple(unquote(step[2]) for step in steps)
            new[values] = root + "/".join("=".join((s[0], s[2])) for s in steps)
    added = {values: place for values, place in new.items() if values not in known}
    add_partitions(catalog, schema, name, storage, added)
    spec = ("/".join(f"{k}={v}" for k, v in zip(keys, v_, strict=True)) for v_ in added)
    return [f"Repair: Added partition to metastore {schema}.{name}:{place}" for place in spec]


def add_partitions(
    catalog: Catalog, schema: str, name: str, storage: Any, places: dict[tuple[str, ...], str]
) -> None:
    """Register partitions with a table's storage at their own locations, 100 a call."""
    entries = [
        {"Values": list(values), "StorageDescriptor": {**storage, "Location": place}}
        for values, place in places.items()
    ]
    for i in range(0, len(entries), 100):
        _register(catalog, schema, name, entries[i : i + 100])


def _register(catalog: Catalog, schema: str, name: str, batch: list[Any]) -> None:
    clients.asked(
        lambda: catalog.glue.batch_create_partition(
            DatabaseName=schema, TableName=name, PartitionInputList=batch
        )
    )


def _drop_database(statement: Drop, catalog: Catalog) -> None:
    name = statement.name[0]
    if catalog.database(name) is None:
        if statement.if_exists:
            return
        raise QueryFailed("", f"FAILED: SemanticException [Error 10072]: no such database: {name}")
    if catalog.tables(name) and not statement.cascade:
        text = f"InvalidOperationException(message:Database {name} is not empty.)"
        raise QueryFailed("", _METASTORE + text)
    clients.asked(lambda: catalog.glue.delete_database(Name=name))


def _make(call: Callable[[], Any], text: str, *, lenient: bool) -> None:
    try:
        clients.asked(call)
    except ClientError as error:
        if clients.code(error) != "AlreadyExistsException":
            raise QueryFailed("", _METASTORE + clients.message(error)) from error
        if not lenient:
            raise QueryFailed("", _METASTORE + text) from error


def _glue_column(name: str, kind: str, comment: str) -> dict[str, str]:
    found = {"Name": name, "Type": hive(parse(kind))}
    return {**found, "Comment": comment} if comment else found


def _format(statement: CreateTable) -> dict[str, Any]:
    properties = {str(k): str(v) for k, v in statement.serde_properties.items()}
    if statement.formats[0]:
        read_by, written_by = statement.formats
        serde = statement.serde or formats.TEXT.serde
        return formats.Format(read_by, written_by, serde).descriptor(properties)
    found = formats.BY_NAME.get(statement.stored_as)
    if found is None:
        raise not_supported(f"STORED AS {statement.stored_as.upper()}")
    serde = statement.serde or found.serde
    return formats.Format(found.input, found.output, serde).descriptor(properties)
