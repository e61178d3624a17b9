"""A table and what a query demands of it -> the files to read; what is excluded is never listed.

Pruning is correctness: with authorization on, a role may list its own prefixes only.
"""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import duckdb

from localaws.athena import clients
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.listings import Listing, listings
from localaws.athena.plans import Condition
from localaws.athena.tables import Columns, Table
from localaws.athena.trino_types import duck, quote
from localaws.athena.trino_types import text as literal

DEFAULT = "__HIVE_DEFAULT_PARTITION__"
Values = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One partition: its values in key order (None is NULL) and the prefix its files lie under."""

    values: Values
    location: str


@dataclass(frozen=True, slots=True)
class DataFile:
    """One object of a table: `s3://` path, bytes, its partition's values, its time of change."""

    path: str
    size: int
    values: Values
    modified: Any = None


def kept(
    connection: Any, parts: list[Part], keys: Columns, wanted: list[list[Condition]]
) -> list[Part]:
    """Return the partitions any reader may need; what cannot be decided is kept.

    The connection knows the macros and functions the conditions call.
    """
    deciding = demanded(keys, wanted)
    if not parts or (wanted and not deciding):
        return parts
    listed = ", ".join(
        f"({i}, {', '.join('NULL' if v is None else literal(v) for v in part.values)})"
        for i, part in enumerate(parts)
    )
    slots = ", ".join(f"k{i}" for i in range(len(keys)))
    connection.execute(
        f"CREATE TEMP TABLE parts AS SELECT * FROM (VALUES {listed}) AS p(i, {slots})"
    )
    places: set[int] = set()
    for conditions in deciding:
        places |= _meeting(connection, conditions, keys)
    connection.execute("DROP TABLE parts")
    return [part for i, part in enumerate(parts) if i in places]


def demanded(keys: Columns, wanted: list[list[Condition]]) -> list[list[Condition]]:
    """Return what each reader demands of the partition keys; nothing if one reader needs all."""
    names = {name for name, _ in keys}
    found = [
        [c for c in conditions if c.names and set(c.names.values()) <= names]
        for conditions in wanted
    ]
    return found if all(found) else []


def files_of(
    table: Table, parts: list[Part], every: list[Part], caller: Any, *, whole: bool
) -> list[DataFile]:
    """Return the data files of these partitions (`every`: all the table has), in path order.

    A file under the locations of two partitions is read for both. `whole`: nothing was demanded
    of the keys, so the table's own folder may be listed.
    """
    root = _folder(table.glue["StorageDescriptor"]["Location"])
    wanted, present = ([_folder(part.location) for part in some] for some in (parts, every))
    calls = listings(root, wanted, present, whole=whole)
    with ThreadPoolExecutor(max_workers=8) as pool:
        listed = list(pool.map(lambda one: _found_by(one, caller), calls))
    by_folder: dict[str, list[Values]] = {}
    for part in parts:
        by_folder.setdefault(_folder(part.location), []).append(part.values)
    found = []
    for path, size, time in sorted({item for items in listed for item in items}):
        for folder in _folders_above(path):
            found += [DataFile(path, size, values, time) for values in by_folder.get(folder, [])]
    return found


def listed_objects(location: str, caller: Any) -> list[tuple[str, int]]:
    """Return (path, size) of the data objects under a location, at any depth.

    Objects of 0 bytes and paths with a part that begins with `_` or `.` are not data.
    """
    return [(path, size) for path, size, _ in _listed(location, caller)]


def _listed(location: str, caller: Any, start: str = "") -> list[tuple[str, int, Any]]:
    bucket, key = clients.split_location(_folder(location))
    pages = (
        clients.s3(caller)
        .get_paginator("list_objects_v2")
        .paginate(Bucket=bucket, Prefix=key + start)
    )
    objects = clients.asked(lambda: [o for page in pages for o in page.get("Contents", [])])
    return [
        (f"s3://{bucket}/{item['Key']}", int(item["Size"]), item["LastModified"])
        for item in objects
        if item["Size"] and not _hidden(item["Key"][len(key) :])
    ]


def listed_ages(location: str, caller: Any) -> list[tuple[str, Any]]:
    """Return path and time of change of every object under a location, hidden ones too."""
    bucket, key = clients.split_location(_folder(location))
    pages = clients.s3(caller).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
    objects = clients.asked(lambda: [o for page in pages for o in page.get("Contents", [])])
    return [(f"s3://{bucket}/{item['Key']}", item["LastModified"]) for item in objects]


def parts_of(table: Table, described: list[Any]) -> list[Part]:
    """Return Glue's partitions as parts; an unpartitioned table is one part without values."""
    if not table.keys:
        return [Part((), table.glue["StorageDescriptor"]["Location"])]
    for item in described:
        _refuse_other_form(table, item["StorageDescriptor"], item["Values"])
    return [
        Part(
            tuple(None if value == DEFAULT else value for value in item["Values"]),
            item["StorageDescriptor"]["Location"],
        )
        for item in described
    ]


def _refuse_other_form(table: Table, storage: Any, values: list[str]) -> None:
    own = table.glue["StorageDescriptor"]
    serdes = [(one.get("SerdeInfo") or {}).get("SerializationLibrary") for one in (own, storage)]
    readers = [one.get("InputFormat") for one in (own, storage)]
    columns = [[c["Type"] for c in one.get("Columns") or []] for one in (own, storage)]
    fewer = columns[1] == columns[0][: len(columns[1])]
    # Hand-made partitions may name no classes at all; the table's then count.
    named = [pair for pair in (serdes, readers) if pair[1]]
    if not fewer or any(one != other for one, other in named):
        text = f"partition {values} of {table.schema}.{table.name}, which differs from its table"
        raise not_supported(text)


def _meeting(connection: Any, conditions: list[Condition], keys: Columns) -> set[int]:
    places = {i for (i,) in connection.execute("SELECT i FROM parts").fetchall()}
    slots = {name: (f"k{i}", duck(kind)) for i, (name, kind) in enumerate(keys)}
    for condition in conditions:
        columns = ", ".join(
            f"CAST({slots[key][0]} AS {slots[key][1]}) AS {quote(name)}"
            for name, key in condition.names.items()
        )
        source = f"(SELECT i, {columns} FROM parts) AS {quote(condition.alias)}"
        try:
            found = connection.execute(f"SELECT i FROM {source} WHERE {condition.sql}").fetchall()
        except duckdb.Error:
            continue  # undecidable here: the query itself will decide
        places &= {i for (i,) in found}
    return places


def _found_by(one: Listing, caller: Any) -> list[tuple[str, int, Any]]:
    try:
        return _listed(one.folder, caller, one.start)
    except QueryFailed as error:
        if error.name != "PERMISSION_DENIED" or one.instead == (one.folder,):
            raise
        # A policy may allow each folder and not what their names have in common.
        return [item for place in one.instead for item in _listed(place, caller)]


def _folders_above(path: str) -> list[str]:
    # Projection may describe a hundred thousand places: a file looks up its own, not the reverse.
    return [path[: match.end()] for match in re.finditer("/", path)]


def _folder(location: str) -> str:
    bucket, key = clients.split_location(location)
    return f"s3://{bucket}/{key if key.endswith('/') or not key else key + '/'}"


def _hidden(path: str) -> bool:
    return any(part.startswith(("_", ".")) for part in path.split("/"))
