"""CTAS, INSERT and UNLOAD: checks before reading, files first, Glue last.

Rows are computed once into a temporary table; a query that fails leaves no table and no partition.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from localaws.athena import clients, file_forms, results
from localaws.athena import trino_types as t
from localaws.athena.catalog import Catalog, columns_of, is_iceberg, table_of
from localaws.athena.ddl import add_partitions
from localaws.athena.engine import Outcome, Work
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.file_forms import Form
from localaws.athena.insertions import insertion
from localaws.athena.partition_files import Written, write_files
from localaws.athena.partitions import listed_objects
from localaws.athena.scopes import Column, with_own_names
from localaws.athena.statements import CreateTableAs, Insert, Unload

_CTAS_PROPERTIES = {
    *("format", "write_compression", "external_location", "is_external"),
    *("parquet_compression", "orc_compression"),
    *("partitioned_by", "bucketed_by", "bucket_count", "field_delimiter", "table_type"),
}
_UNLOAD_PROPERTIES = {"format", "compression", "partitioned_by", "field_delimiter"}


@dataclass(slots=True)
class Target:
    """Where rows go: `columns` in the order of the files, the last of them partition keys."""

    work: Work
    location: str
    form: Form
    keys: tuple[str, ...]
    finish: Callable[[tuple[Column, ...], Written], None]
    checks: Callable[[tuple[Column, ...]], tuple[Column, ...]]
    exists: bool = False
    with_data: bool = True
    columns: tuple[Column, ...] = ()
    places: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    def check(self, columns: tuple[Column, ...]) -> None:
        """Raise QueryFailed unless a query with these columns may be written here."""
        self.columns = self.checks(columns)

    def write(self, connection: Any, query: Any, scratch: Path, scanned: int) -> Outcome:
        """Run the query, write files, then register them; return the outcome."""
        manifest = results.manifest_location(self.work)
        try:
            written = write_files(self, connection, query, scratch)
            self.finish(self.columns, written)
        except QueryFailed as error:
            raise results.left_behind(error, manifest) from error
        results.write_manifest(self.work, written.paths)
        location = self.location if isinstance(self.work.statement, CreateTableAs) else ""
        return Outcome(updated=written.rows, scanned=scanned, manifest=manifest, location=location)


def target(work: Work, catalog: Catalog) -> Any:
    """Return where a statement writes, or None for a query that only reads.

    Raise QueryFailed for a target that exists, is missing or has properties Athena refuses.
    """
    if _of_iceberg(work.statement, catalog):
        from localaws.athena import iceberg_targets  # noqa: PLC0415 -- pyiceberg loads slowly

        return iceberg_targets.target(work, catalog)
    match work.statement:
        case CreateTableAs():
            return _new_table(work, work.statement, catalog)
        case Insert():
            return _existing_table(work, work.statement, catalog)
        case Unload():
            return _folder(work, work.statement)
    return None


def _of_iceberg(statement: Any, catalog: Catalog) -> bool:
    if isinstance(statement, CreateTableAs):
        return str(statement.properties.get("table_type", "HIVE")).upper() == "ICEBERG"
    found = catalog.described(*statement.name) if isinstance(statement, Insert) else None
    return found is not None and is_iceberg(found)


def _new_table(work: Work, statement: CreateTableAs, catalog: Catalog) -> Target:
    (schema, name), properties = statement.name, statement.properties
    _refuse_properties(properties, _CTAS_PROPERTIES)
    keys = tuple(key.lower() for key in properties.get("partitioned_by", []))
    location = _new_location(work, properties)
    form = file_forms.of_properties(properties)

    def finish(columns: tuple[Column, ...], written: Written) -> None:
        described = _described(name, location, form, columns, keys)
        _create(catalog, schema, described)
        _add_partitions(catalog, schema, name, described, keys, written)

    found = Target(work, location, form, keys, finish, lambda c: _storable(c, keys))
    found.with_data = statement.with_data
    if catalog.has_destination(schema, name, allowed=statement.if_not_exists):
        found.exists = True
    elif listed_objects(location, work.caller):
        _path_exists(f"{schema}.{name}", location)
    return found


def _existing_table(work: Work, statement: Insert, catalog: Catalog) -> Target:
    schema, name = statement.name
    described = catalog.described(schema, name)
    if described is None:
        raise catalog.missing(schema, name)
    if described["TableType"] == "VIRTUAL_VIEW":
        raise QueryFailed("NOT_SUPPORTED", "Inserting into views is not supported")
    table = table_of(schema, described)
    form = file_forms.of_table(described)
    columns = tuple(
        Column(name, kind, name)
        for name, kind in (*columns_of(described["StorageDescriptor"]["Columns"]), *table.keys)
    )
    keys = tuple(key for key, _ in table.keys)

    def finish(_columns: tuple[Column, ...], written: Written) -> None:
        _add_partitions(catalog, schema, name, described, keys, written)

    location = described["StorageDescriptor"]["Location"]
    found = Target(
        work, location, form, keys, finish, lambda c: assigned(c, columns, statement.columns)
    )
    if keys:
        present = catalog.partitions(schema, name)
        found.places = {tuple(p["Values"]): p["StorageDescriptor"]["Location"] for p in present}
    return found


def _folder(work: Work, statement: Unload) -> Target:
    _refuse_properties(statement.properties, _UNLOAD_PROPERTIES)
    keys = tuple(key.lower() for key in statement.properties.get("partitioned_by", []))
    form = file_forms.of_properties(statement.properties)
    if "format" not in statement.properties:
        raise QueryFailed("INVALID_TABLE_PROPERTY", "UNLOAD needs the property format")
    if listed_objects(statement.location, work.caller):
        _path_exists("unload", statement.location)
    return Target(
        work, statement.location, form, keys, lambda _c, _w: None,
        lambda c: _storable(c, keys),
    )  # fmt: skip


def _new_location(work: Work, properties: Any) -> str:
    given = properties.get("external_location")
    if given and work.enforced:
        text = "external_location cannot be set: the work group enforces its output location"
        raise QueryFailed("INVALID_TABLE_PROPERTY", text)
    return given or f"{work.output}tables/{work.id}"


def _refuse_properties(properties: Any, known: set[str]) -> None:
    for name in properties:
        if name not in known:
            text = f"line 1:1: Catalog 'awsdatacatalog' table property '{name}' does not exist"
            raise QueryFailed("INVALID_TABLE_PROPERTY", text)
    kind = str(properties.get("table_type", "HIVE")).upper()
    if kind != "HIVE":
        raise QueryFailed("INVALID_TABLE_PROPERTY", f"Unknown table_type: {kind}")


def _path_exists(name: str, location: str) -> None:
    text = f"Target directory for table '{name}' already exists: {location}"
    raise QueryFailed("HIVE_PATH_ALREADY_EXISTS", text)


def _storable(columns: tuple[Column, ...], keys: tuple[str, ...]) -> tuple[Column, ...]:
    for column in with_own_names(columns):
        _refuse_type(column)
    names = [column.name.lower() for column in columns]
    if keys and tuple(names[-len(keys) :]) != keys:
        text = "Partition keys must be the last columns in the table and in the same order as the"
        raise QueryFailed("HIVE_COLUMN_ORDER_MISMATCH", f"{text} table properties: {list(keys)}")
    if len(keys) == len(names):
        raise QueryFailed("INVALID_TABLE_PROPERTY", "Table contains only partition columns")
    return columns


def _refuse_type(column: Column) -> None:
    if column.type.name == "unknown":
        text = f"line 1:1: Column type is unknown: {column.name}"
        raise QueryFailed("COLUMN_TYPE_UNKNOWN", text)
    if column.type.name == "timestamp" and column.type.numbers != (3,):
        text = f"Incorrect timestamp precision for {t.trino(column.type)}"
        text += f"; the configured precision is MILLISECONDS; column name: {column.name}"
        raise QueryFailed("NOT_SUPPORTED", text)
    t.hive(column.type)


def assigned(
    columns: tuple[Column, ...], table: tuple[Column, ...], named: tuple[str, ...]
) -> tuple[Column, ...]:
    """Return a table's columns, each with the slot of the query's column that fills it."""
    known = {column.name: column for column in table}
    for name in named:
        if name not in known:
            text = f"line 1:1: Insert column name does not exist in target table: {name}"
            raise QueryFailed("COLUMN_NOT_FOUND", text)
    order = [known[name] for name in named] if named else list(table)
    pairs = list(zip(columns, order, strict=False))
    kinds = [insertion(given.type, wanted.type) for given, wanted in pairs]
    if len(order) != len(columns) or "mismatched" in kinds:
        lists = (", ".join(t.trino(c.type) for c in side) for side in (order, columns))
        text = "Insert query has mismatched column types: Table: [{}], Query: [{}]".format(*lists)
        raise QueryFailed("TYPE_MISMATCH", f"line 1:1: {text}")
    if "narrowed" in kinds:
        given, wanted = pairs[kinds.index("narrowed")]
        text = f"INSERT of {t.trino(given.type)} into {wanted.name}, {t.trino(wanted.type)}"
        raise not_supported(f"{text}, without a CAST")
    slots = {wanted.name: given.slot for wanted, given in zip(order, columns, strict=True)}
    return tuple(Column(c.name, c.type, slots.get(c.name, "")) for c in table)


def _described(
    name: str, location: str, form: Form, columns: tuple[Column, ...], keys: tuple[str, ...]
) -> dict[str, Any]:
    listed = [{"Name": c.name.lower(), "Type": t.hive(c.type)} for c in columns]
    data = len(listed) - len(keys)
    classification = "csv" if form.format == "TEXTFILE" else form.format.lower()
    options = {"serialization.format": "1", **form.options}
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "has_encrypted_data": "false",
                       "classification": classification},
        "PartitionKeys": listed[data:],
        "StorageDescriptor": {
            "Columns": listed[:data],
            "Location": location,
            **form.classes.descriptor(options),
        },
    }  # fmt: skip


def _create(catalog: Catalog, schema: str, described: Any) -> None:
    try:
        clients.asked(lambda: catalog.glue.create_table(DatabaseName=schema, TableInput=described))
    except ClientError as error:
        raise QueryFailed("HIVE_METASTORE_ERROR", clients.message(error)) from error


def _add_partitions(
    catalog: Catalog,
    schema: str,
    name: str,
    described: Any,
    keys: tuple[str, ...],
    written: Written,
) -> None:
    if keys:
        present = {tuple(p["Values"]) for p in catalog.partitions(schema, name)}
        new = {v: place for v, place in written.partitions.items() if v not in present}
        add_partitions(catalog, schema, name, described["StorageDescriptor"], new)
