"""Contract tables -> Glue tables: the last step of a deploy.

Columns are only ever added at the end, so a table is brought up to date in place, and with it its
partitions: Athena refuses to read a partition whose types differ from its table's (lake.md §1).
Configuration copies are made by `config_copy.py` with their first rows: a missing copy must stay an
error, never an empty table.
"""

from collections.abc import Mapping
from typing import Any

from contracts.columns import Table
from contracts.keys import LAKE_TABLES_PREFIX
from contracts.names import LAKE_DATABASE
from contracts.tables import LAKE_TABLES, glue_table_input
from transforms.aws import Aws
from transforms.ports import Catalog
from transforms.settings import read_settings


def run(lake_bucket: str) -> dict[str, str]:
    """Migrate the tables of the AWS that the environment names; return what was done to each."""
    return migrate(Aws(read_settings()).catalog(LAKE_DATABASE), lake_bucket)


def migrate(catalog: Catalog, lake_bucket: str) -> dict[str, str]:
    """Create or update every lake table; return table -> created, updated or unchanged."""
    location = f"s3://{lake_bucket}/{LAKE_TABLES_PREFIX}"
    return {
        table.name: migrate_table(catalog, table, glue_table_input(table, location))
        for table in LAKE_TABLES
    }


def migrate_table(catalog: Catalog, table: Table, wanted: Mapping[str, Any]) -> str:
    """Bring one table and its partitions to `wanted`; return created, updated or unchanged."""
    found = catalog.read_table(table.name)
    if found is None:
        catalog.create_table(wanted)
        return "created"
    if _covers(found, wanted):
        return "unchanged"
    catalog.update_table(wanted)
    columns = wanted["StorageDescriptor"]["Columns"]
    catalog.update_partitions(
        table.name, [_with_columns(one, columns) for one in catalog.read_partitions(table.name)]
    )
    return "updated"


def _covers(found: Any, wanted: Any) -> bool:
    """Say whether Glue's answer holds all of `wanted`; it adds times, owners and defaults."""
    if isinstance(wanted, Mapping):
        return all(name in found and _covers(found[name], wanted[name]) for name in wanted)
    if isinstance(wanted, list):
        pairs = zip(found, wanted, strict=False)
        return len(found) == len(wanted) and all(_covers(one, other) for one, other in pairs)
    return bool(found == wanted)


def _with_columns(partition: Mapping[str, Any], columns: list[dict[str, str]]) -> dict[str, Any]:
    kept = ("Values", "StorageDescriptor", "Parameters")
    found = {name: partition[name] for name in kept if name in partition}
    return {**found, "StorageDescriptor": {**found["StorageDescriptor"], "Columns": columns}}
