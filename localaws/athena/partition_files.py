"""The rows of a query -> Parquet objects below a location, one folder per partition.

Files are made on disk and uploaded whole, so nothing is half written; at most 100 partitions.
"""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb

from localaws.athena import clients
from localaws.athena.engine import Work
from localaws.athena.failures import QueryFailed, from_duckdb
from localaws.athena.partitions import DEFAULT
from localaws.athena.scopes import Column
from localaws.athena.trino_types import duck, quote, text

MOST_PARTITIONS = 100


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: rows, object paths, and each partition's values with its location."""

    rows: int
    paths: tuple[str, ...]
    partitions: Mapping[tuple[str, ...], str]


class Destination(Protocol):
    """Where and how to write."""

    work: Work
    location: str
    compression: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    with_data: bool


def write_files(target: Destination, connection: Any, query: Any, scratch: Path) -> Written:
    """Run a translated query and upload its rows; return what was written.

    Raise QueryFailed HIVE_TOO_MANY_OPEN_PARTITIONS at the 101st partition, before any upload.
    """
    try:
        rows = _computed(target, connection, query)
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            if not rows:
                return Written(0, (), {})
            if target.keys:
                folders = _partitioned(target, connection, Path(folder))
            else:
                _copy(connection, "SELECT * FROM written", f"{folder}/0.parquet", target, "")
                folders = {(): Path(folder)}
            return _uploaded(target, rows, folders)
    except duckdb.Error as error:
        raise from_duckdb(error, query.sql) from error


def partition_folder(keys: Sequence[str], values: Sequence[str]) -> str:
    """Return `/k=v/…` as Hive names a partition's folder."""
    return "".join(f"/{key}={_encoded(value)}" for key, value in zip(keys, values, strict=True))


def _computed(target: Destination, connection: Any, query: Any) -> int:
    items = ", ".join(f"{stored(c)} AS {quote(c.name.lower())}" for c in target.columns)
    limit = "" if target.with_data else " LIMIT 0"
    source = f"SELECT {items} FROM ({query.sql}) AS q{limit}"
    connection.execute(f"CREATE TEMP TABLE written AS {source}")
    return int(connection.execute("SELECT count(*) FROM written").fetchone()[0])


def stored(column: Column) -> str:
    """Return a column of the query `q` as its target column holds it."""
    value = f"CAST({f'q.{quote(column.slot)}' if column.slot else 'NULL'} AS {duck(column.type)})"
    if column.type.name == "varchar" and column.type.numbers:
        return f"text_that_fits({value}, {column.type.numbers[0]})"
    return value


def _partitioned(target: Destination, connection: Any, folder: Path) -> dict[tuple[str, ...], Path]:
    keys = [
        f"coalesce(nullif(CAST({quote(key)} AS VARCHAR), ''), '{DEFAULT}') AS k{i}"
        for i, key in enumerate(target.keys)
    ]
    connection.execute(f"CREATE TEMP TABLE keyed AS SELECT DISTINCT {', '.join(keys)} FROM written")
    found = connection.execute("SELECT * FROM keyed ORDER BY ALL").fetchall()
    if len(found) > MOST_PARTITIONS:
        text_ = f"Exceeded limit of {MOST_PARTITIONS} open writers for partitions/buckets"
        raise QueryFailed("HIVE_TOO_MANY_OPEN_PARTITIONS", text_)
    _refuse_values(found)
    names = [column.name.lower() for column in target.columns]
    data = ", ".join(f"w.{quote(name)}" for name in names if name not in target.keys)
    slots = ", ".join(f"k{i}" for i in range(len(target.keys)))
    matches = " AND ".join(
        f"p.k{i} = coalesce(nullif(CAST(w.{quote(key)} AS VARCHAR), ''), '{DEFAULT}')"
        for i, key in enumerate(target.keys)
    )
    numbered = f"(SELECT *, row_number() OVER (ORDER BY {slots}) - 1 AS part FROM keyed)"
    rows = f"SELECT {data}, p.part FROM written w JOIN {numbered} p ON {matches}"
    _copy(connection, rows, str(folder), target, ", PARTITION_BY (part), FILENAME_PATTERN 'f_{i}'")
    return {tuple(values): folder / f"part={i}" for i, values in enumerate(found)}


def _copy(connection: Any, rows: str, path: str, target: Destination, options: str) -> None:
    connection.execute(
        f"COPY ({rows}) TO {text(path)} (FORMAT PARQUET, COMPRESSION {target.compression}{options})"
    )


def _refuse_values(found: list[Any]) -> None:
    for values in found:
        for value in values:
            if not all(" " <= letter <= "~" for letter in value):
                shown = " ".join(f"{byte:02X}" for byte in value.encode())
                text_ = "Hive partition values can only contain printable ASCII characters "
                text_ += f"(0x20 - 0x7E). Invalid value: {shown}"
                raise QueryFailed("HIVE_INVALID_PARTITION_VALUE", text_)


def _uploaded(target: Destination, rows: int, folders: Mapping[tuple[str, ...], Path]) -> Written:
    root = target.location.rstrip("/")
    partitions, jobs = {}, []
    for values, folder in folders.items():
        place = root + partition_folder(target.keys, values)
        if target.keys:
            partitions[values] = place
        files = sorted(folder.glob("*.parquet"))
        jobs += [(f"{place}/{target.work.id}_{i:05d}.parquet", f) for i, f in enumerate(files)]
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(lambda job: _put(target.work, *job), jobs))
    return Written(rows, tuple(path for path, _ in jobs), partitions)


def _put(work: Work, path: str, file: Path) -> None:
    clients.put(work.caller, path, file.read_bytes(), work.encryption)


def _encoded(value: str) -> str:
    # Hive encodes what would break a path or a `k=v`; all else stays readable.
    unsafe = set("\"#%'*/:=?\\{[]^")
    return "".join(f"%{ord(c):02X}" if c in unsafe else c for c in value)
