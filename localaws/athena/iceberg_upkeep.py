"""OPTIMIZE packs small files of an Iceberg table; VACUUM forgets old snapshots and their files."""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from pyiceberg.transforms import IdentityTransform
from sqlglot import exp

from localaws.athena import (
    clients,
    dialect,
    iceberg_commits,
    iceberg_files,
    iceberg_scans,
    iceberg_tables,
    results,
)
from localaws.athena.catalog import Catalog
from localaws.athena.engine import Outcome, Work
from localaws.athena.failures import QueryFailed, from_duckdb
from localaws.athena.iceberg_ddl import delete_objects
from localaws.athena.iceberg_io import committed
from localaws.athena.partitions import listed_ages
from localaws.athena.relations import Relations
from localaws.athena.statements import Optimize, Vacuum
from localaws.athena.tables import Table

_TARGET_BYTES = 512 * 1024 * 1024
_FEWEST_FILES, _FEWEST_DELETES = 5, 2
_OLDEST_SECONDS, _FEWEST_SNAPSHOTS = 432_000, 1


def optimize(work: Work, statement: Optimize, connection: Any, scratch: Path) -> Outcome:
    """Write files anew that are too small, too large or have deletes; one `replace` snapshot.

    A partition with fewer such files than the table's threshold is left as it is.
    """
    try:
        return _optimized(work, statement, connection, scratch)
    except duckdb.Error as error:
        raise from_duckdb(error, repr(statement)) from error


def vacuum(work: Work, statement: Vacuum) -> Outcome:
    """Expire snapshots older than the table allows and delete the files nothing refers to."""
    name = ".".join(statement.name)
    table = iceberg_tables.load(*statement.name, work.caller)
    seconds = int(table.properties.get("vacuum_max_snapshot_age_seconds", _OLDEST_SECONDS))
    limit = datetime.now(UTC) - timedelta(seconds=seconds)
    expired = _expired(table, limit)
    before = clients.asked(lambda: set(_files(table, expired)))
    if expired:
        numbers = [snapshot.snapshot_id for snapshot in expired]
        committed(name, lambda: table.maintenance.expire_snapshots().by_ids(numbers).commit())
        table = iceberg_tables.load(*statement.name, work.caller)
    needed = clients.asked(lambda: set(_files(table, table.snapshots()))) | _metadata(table)
    aged = listed_ages(table.location(), work.caller)
    orphans = {path for path, modified in aged if modified < limit}
    delete_objects(sorted((before | orphans) - needed), work.caller)
    results.write_manifest(work, ())
    return Outcome()


def _optimized(work: Work, statement: Optimize, connection: Any, scratch: Path) -> Outcome:
    catalog = Catalog(work.caller)
    found = catalog.find(*statement.name)
    if not isinstance(found, Table):
        raise QueryFailed("NOT_SUPPORTED", f"{'.'.join(statement.name)} cannot be optimised")
    tasks, scanned = _wanted(work, statement, connection, catalog, found)
    chosen = [task for group in _by_partition(tasks) for task in _rewritable(group, found)]
    new: list[Any] = []
    if chosen:
        scan = iceberg_scans.Scan(found, tuple(chosen))
        rows = iceberg_scans.select(scan, set(), work.caller)
        connection.execute(f"CREATE TEMP TABLE packed AS {rows}")
        output = iceberg_files.Output(connection, work, scratch)
        table = found.iceberg.table
        new = iceberg_files.write(output, "packed", table)
        iceberg_commits.exchange(table, [task.file for task in chosen], new, "replace")
    results.write_manifest(work, tuple(file.file_path for file in new))
    return Outcome(scanned=scanned)


def _wanted(
    work: Work, statement: Optimize, connection: Any, catalog: Catalog, found: Table
) -> tuple[list[Any], int]:
    schema, name = statement.name
    where = f" WHERE {statement.where}" if statement.where else ""
    tree = dialect.parse(f'SELECT DISTINCT "$path" FROM "{schema}"."{name}"{where}')
    _refuse_columns(tree, found)
    query = dialect.translate(tree, work.database, catalog)
    relations = Relations(connection, work, catalog)
    relations.open(query)
    paths = {path for (path,) in connection.execute(query.sql).fetchall()}
    (scan,) = relations.iceberg.values()
    tasks = [task for task in scan.tasks if task.file.file_path in paths]
    scanned = sum(int(task.file.file_size_in_bytes) for task in tasks)
    return tasks, scanned


def _refuse_columns(tree: Any, found: Table) -> None:
    table = found.iceberg.table
    keys = {
        table.schema().find_field(field.source_id).name.lower()
        for field in table.spec().fields
        if isinstance(field.transform, IdentityTransform)
    }
    where = tree.args.get("where")
    for column in where.find_all(exp.Column) if where is not None else ():
        if column.name.lower() not in keys:
            text = f"OPTIMIZE by a condition on {column.name}, which is not a partition column"
            raise QueryFailed("NOT_SUPPORTED", text)


def _by_partition(tasks: list[Any]) -> list[list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for task in tasks:
        groups.setdefault((task.file.spec_id, task.file.partition), []).append(task)
    return list(groups.values())


def _rewritable(tasks: list[Any], found: Table) -> list[Any]:
    given = found.iceberg.table.properties
    target = int(given.get("write_target_data_file_size_bytes", _TARGET_BYTES))
    least = int(given.get("optimize_rewrite_min_data_file_size_bytes", target * 3 // 4))
    most = int(given.get("optimize_rewrite_max_data_file_size_bytes", target * 9 // 5))
    files = int(given.get("optimize_rewrite_data_file_threshold", _FEWEST_FILES))
    deletes = int(given.get("optimize_rewrite_delete_file_threshold", _FEWEST_DELETES))
    sizes = [t for t in tasks if not least <= int(t.file.file_size_in_bytes) <= most]
    many = [task for task in tasks if len(task.delete_files) >= deletes]
    if len(sizes) < files:
        return many
    return sizes + [task for task in many if task not in sizes]


def _expired(table: Any, limit: datetime) -> list[Any]:
    fewest = int(table.properties.get("vacuum_min_snapshots_to_keep", _FEWEST_SNAPSHOTS))
    newest_first = sorted(table.snapshots(), key=lambda s: int(s.timestamp_ms), reverse=True)
    referred = {reference.snapshot_id for reference in table.metadata.refs.values()}
    oldest = limit.timestamp() * 1000
    return [
        snapshot
        for snapshot in newest_first[max(1, fewest) :]
        if snapshot.timestamp_ms < oldest and snapshot.snapshot_id not in referred
    ]


def _files(table: Any, snapshots: list[Any]) -> Iterator[str]:
    seen: set[str] = set()
    for snapshot in snapshots:
        yield snapshot.manifest_list
        for manifest in snapshot.manifests(table.io):
            if manifest.manifest_path in seen:
                continue
            seen.add(manifest.manifest_path)
            yield manifest.manifest_path
            for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True):
                yield entry.data_file.file_path


def _metadata(table: Any) -> set[str]:
    logged = {entry.metadata_file for entry in table.metadata.metadata_log}
    return {table.metadata_location, *logged}
