"""Where INSERT and CTAS of Iceberg tables write: what exists, or what is staged to be created."""

from typing import Any

from localaws.athena import iceberg_commits, iceberg_create, iceberg_tables
from localaws.athena.catalog import Catalog
from localaws.athena.engine import Work
from localaws.athena.failures import QueryFailed
from localaws.athena.iceberg_types import columns_of, storable
from localaws.athena.iceberg_writes import Begun, IcebergTarget
from localaws.athena.partitions import listed_objects
from localaws.athena.scopes import Column
from localaws.athena.statements import CreateTableAs, Insert
from localaws.athena.writes import assigned

_OWN = ("location", "partitioning", "is_external")


def target(work: Work, catalog: Catalog) -> IcebergTarget:
    """Return the target of a CTAS or INSERT; raise QueryFailed for one Athena refuses."""
    if isinstance(work.statement, Insert):
        return _existing(work, work.statement)
    if not isinstance(work.statement, CreateTableAs):
        raise TypeError(f"{type(work.statement).__name__} writes no Iceberg table")
    return _new(work, work.statement, catalog)


def _existing(work: Work, statement: Insert) -> IcebergTarget:
    table = iceberg_tables.load(*statement.name, work.caller)
    columns = tuple(Column(name, kind, name) for name, kind in columns_of(table.schema()))

    def commit(files: list[Any]) -> None:
        if files:
            iceberg_commits.append(table, files)

    def checks(given: tuple[Column, ...]) -> tuple[Column, ...]:
        for position, name in enumerate(statement.columns):
            if name in statement.columns[:position]:
                text = f"line 1:1: Insert column name is specified more than once: {name}"
                raise QueryFailed("DUPLICATE_COLUMN_NAME", text)
        return assigned(given, columns, statement.columns)

    return IcebergTarget(work, checks, lambda _: Begun(table, commit))


def _new(work: Work, statement: CreateTableAs, catalog: Catalog) -> IcebergTarget:
    (schema, name), given = statement.name, statement.properties
    properties = iceberg_create.properties_of({k: v for k, v in given.items() if k not in _OWN})
    if given.get("is_external") is not False:
        text = "An Iceberg table is not external: set the table property is_external = false"
        raise QueryFailed("INVALID_TABLE_PROPERTY", text)
    location = _location(work, given)

    def begin(columns: tuple[Column, ...]) -> Begun:
        listed = tuple((c.name.lower(), c.type, "") for c in columns)
        partitioning = tuple(given.get("partitioning", ()))
        staged = iceberg_create.stage(
            statement.name, listed, partitioning, location, properties, work.caller
        )
        return Begun(staged._table, lambda files: iceberg_create.create(staged, files))

    found = IcebergTarget(work, storable, begin, with_data=statement.with_data)
    if catalog.has_destination(schema, name, allowed=statement.if_not_exists):
        found.exists = True
    elif listed_objects(location, work.caller):
        text = f"Cannot create a table on a non-empty location: {location}"
        raise QueryFailed("ICEBERG_FILESYSTEM_ERROR", text)
    return found


def _location(work: Work, given: Any) -> str:
    location = given.get("location")
    if location and work.enforced:
        text = "location cannot be set: the work group enforces its output location"
        raise QueryFailed("INVALID_TABLE_PROPERTY", text)
    return str(location or f"{work.output}tables/{work.id}")
