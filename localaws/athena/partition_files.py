"""The rows of a query -> objects below a location, one folder per partition.

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
from localaws.athena.failures import QueryFailed, from_duckdb, not_supported
from localaws.athena.file_forms import Form
from localaws.athena.file_writers import write
from localaws.athena.partitions import DEFAULT
from localaws.athena.scopes import Column
from localaws.athena.tables import Columns
from localaws.athena.trino_types import duck, quote, text, trino

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
    form: Form
    places: Mapping[tuple[str, ...], str]
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
                columns = tuple((c.name.lower(), c.type) for c in target.columns)
                file = Path(folder) / "0.file"
                write(connection, "SELECT * FROM written", columns, target.form, file)
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
        length = column.type.numbers[0]
        fits = f"length(rtrim({value}, ' ')) <= {length} THEN left({value}, {length})"
        return f"CASE WHEN {fits} ELSE text_that_fits({value}, {length}) END"
    return value


def _partitioned(target: Destination, connection: Any, folder: Path) -> dict[tuple[str, ...], Path]:
    keys = [f"{_key_text(target, key)} AS k{i}" for i, key in enumerate(target.keys)]
    connection.execute(f"CREATE TEMP TABLE keyed AS SELECT DISTINCT {', '.join(keys)} FROM written")
    found = connection.execute("SELECT * FROM keyed ORDER BY ALL").fetchall()
    if len(found) > MOST_PARTITIONS:
        text_ = f"Exceeded limit of {MOST_PARTITIONS} open writers for partitions/buckets"
        raise QueryFailed("HIVE_TOO_MANY_OPEN_PARTITIONS", text_)
    _refuse_values(found)
    columns = [(c.name.lower(), c.type) for c in target.columns]
    data = tuple(column for column in columns if column[0] not in target.keys)
    items = ", ".join(f"w.{quote(name)}" for name, _ in data)
    slots = ", ".join(f"k{i}" for i in range(len(target.keys)))
    matches = " AND ".join(
        f"p.k{i} = {_key_text(target, key, 'w.')}" for i, key in enumerate(target.keys)
    )
    numbered = f"(SELECT *, row_number() OVER (ORDER BY {slots}) - 1 AS part FROM keyed)"
    rows = f"SELECT {items}, p.part FROM written w JOIN {numbered} p ON {matches}"
    _write_parts(target, connection, rows, data, folder, len(found))
    return {tuple(values): folder / f"part={i}" for i, values in enumerate(found)}


def _key_text(target: Destination, key: str, alias: str = "") -> str:
    kind = next(column.type for column in target.columns if column.name.lower() == key)
    if kind.name in ("double", "real", "timestamp", "varbinary") or kind.parts:
        raise not_supported(f"partitions by {key}, {trino(kind)}")
    return f"coalesce(nullif(CAST({alias}{quote(key)} AS VARCHAR), ''), '{DEFAULT}')"


def _write_parts(
    target: Destination, connection: Any, rows: str, data: Columns, folder: Path, number: int
) -> None:
    if target.form.format == "PARQUET":
        packed = "UNCOMPRESSED" if target.form.compression == "NONE" else target.form.compression
        options = f"FORMAT PARQUET, COMPRESSION {packed}, PARTITION_BY (part)"
        connection.execute(f"COPY ({rows}) TO {text(str(folder))} ({options})")
        return
    connection.execute(f"CREATE TEMP TABLE parted AS {rows}")
    for i in range(number):
        (folder / f"part={i}").mkdir()
        one = f"SELECT * EXCLUDE (part) FROM parted WHERE part = {i}"
        write(connection, one, data, target.form, folder / f"part={i}" / "0.file")


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
        place = target.places.get(values, root + partition_folder(target.keys, values)).rstrip("/")
        if target.keys:
            partitions[values] = place
        files = sorted(folder.iterdir())
        name, end = f"{place}/{target.work.id}", target.form.suffix
        jobs += [(f"{name}_{i:05d}{end}", file) for i, file in enumerate(files)]
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(lambda job: _put(target.work, *job), jobs))
    return Written(rows, tuple(path for path, _ in jobs), partitions)


def _put(work: Work, path: str, file: Path) -> None:
    clients.put(work.caller, path, file.read_bytes(), work.encryption)


def _encoded(value: str) -> str:
    # Hive encodes what would break a path or a `k=v`; all else stays readable.
    unsafe = set("\"#%'*/:=?\\{[]^")
    return "".join(f"%{ord(c):02X}" if c in unsafe else c for c in value)
