"""Writes by Trino: checks Athena makes before, the manifest of what appeared after."""

from collections.abc import Callable
from typing import Any

from localaws.athena import clients, results, trino_text
from localaws.athena import trino_types as t
from localaws.athena.catalog import Catalog
from localaws.athena.engine import Outcome, Work
from localaws.athena.failures import QueryFailed
from localaws.athena.partitions import listed_objects
from localaws.athena.scopes import Column
from localaws.athena.statements import (
    ChangeRows,
    CreateTableAs,
    Insert,
    Name,
    Optimize,
    Unload,
    Vacuum,
    Writing,
)
from localaws.athena.trino_client import Answer
from localaws.athena.trino_text import TrinoText
from localaws.caller import Caller

Ask = Callable[[TrinoText], Answer]
Describe = Callable[[str, str, Caller], tuple[Column, ...]]


def write(
    work: Work, statement: Writing, catalog: Catalog, ask: Ask, describe: Describe
) -> Outcome:
    """Run a writing statement; raise QueryFailed with Athena's tail when it fails on the way."""
    match statement:
        case CreateTableAs():
            return _create_table(work, statement, catalog, ask, describe)
        case Unload():
            return _unload(work, statement, catalog, ask)
        case Insert():
            return _changed(work, statement.name, catalog, ask, trino_text.insert(statement))
        case ChangeRows():
            return _changed(work, statement.name, catalog, ask, TrinoText(statement.text))
        case Optimize():
            return _maintained(ask, (trino_text.optimize(statement),))
        case Vacuum():
            properties = _iceberg_properties(statement.name, ask)
            return _maintained(ask, trino_text.vacuum(statement.name, properties))


def _create_table(
    work: Work, statement: CreateTableAs, catalog: Catalog, ask: Ask, describe: Describe
) -> Outcome:
    (schema, name), location = statement.name, _new_location(work, statement)
    text = trino_text.create_table(statement, location)
    if catalog.has_destination(schema, name, allowed=statement.if_not_exists):
        return Outcome()
    if trino_text.is_iceberg(statement):
        _refuse_moments(describe(statement.query, work.database, work.caller))
    _need_empty(f"{schema}.{name}", location, work.caller)
    return _written(work, ask, text, location, set(), location)


def _unload(work: Work, statement: Unload, catalog: Catalog, ask: Ask) -> Outcome:
    database = f"unload_{work.id.replace('-', '_')}"
    text = trino_text.unload(statement, (database, "rows"))
    _need_empty("unload", statement.location, work.caller)
    clients.asked(lambda: catalog.glue.create_database(DatabaseInput={"Name": database}))
    try:
        return _written(work, ask, text, statement.location, set())
    finally:
        if catalog.described(database, "rows") is not None:
            catalog.glue.delete_table(DatabaseName=database, Name="rows")
        catalog.glue.delete_database(Name=database)


def _changed(work: Work, name: Name, catalog: Catalog, ask: Ask, text: TrinoText) -> Outcome:
    found = catalog.described(*name)
    location = str(((found or {}).get("StorageDescriptor") or {}).get("Location") or "")
    before = _paths(location, work.caller)
    return _written(work, ask, text, location, before)


def _written(
    work: Work, ask: Ask, text: TrinoText, place: str, before: set[str], location: str = ""
) -> Outcome:
    manifest = results.manifest_location(work)
    try:
        answer = ask(text)
        counted = [row[0] for row in answer.rows]
    except QueryFailed as error:
        raise results.left_behind(error, manifest) from error
    updated = answer.updated
    if updated is None:
        updated = int(counted[0] or 0) if counted else 0
    results.write_manifest(work, tuple(sorted(_paths(place, work.caller) - before)))
    return Outcome(updated=updated, scanned=answer.scanned, manifest=manifest, location=location)


def _maintained(ask: Ask, texts: tuple[TrinoText, ...]) -> Outcome:
    scanned = 0
    for text in texts:
        answer = ask(text)
        list(answer.rows)
        scanned += answer.scanned
    return Outcome(scanned=scanned)


def _iceberg_properties(name: Name, ask: Ask) -> dict[str, str]:
    table = f'"awsdatacatalog".{t.quote(name[0])}.{t.quote(f"{name[1]}$properties")}'
    rows: list[Any] = list(ask(TrinoText(f"SELECT key, value FROM {table}")).rows)  # noqa: S608
    return dict(rows)


def _new_location(work: Work, statement: CreateTableAs) -> str:
    word = "location" if trino_text.is_iceberg(statement) else "external_location"
    given = statement.properties.get(word)
    if given and work.enforced:
        text = f"{word} cannot be set: the work group enforces its output location"
        raise QueryFailed("INVALID_TABLE_PROPERTY", text)
    return str(given or f"{work.output}tables/{work.id}")


def _refuse_moments(columns: tuple[Column, ...]) -> None:
    for column in columns:
        if column.type.name.startswith("timestamp") and column.type.numbers != (6,):
            text = f"Timestamp precision ({column.type.numbers[0]}) not supported for Iceberg. "
            raise QueryFailed("NOT_SUPPORTED", f'{text}Use "timestamp(6)" instead.')


def _need_empty(name: str, location: str, caller: Caller) -> None:
    if listed_objects(location, caller):
        text = f"Target directory for table '{name}' already exists: {location}"
        raise QueryFailed("HIVE_PATH_ALREADY_EXISTS", text)


def _paths(location: str, caller: Caller) -> set[str]:
    return {path for path, _ in listed_objects(location, caller)} if location else set()
