"""Datasets -> the tables and views people query in `cci_lite`.

`<dataset>__runs` holds the partitions of every kept run; the view shows those of the run the
tenant's pointer names. Views are replaced only when their text changed: replacing one is a moment
in which it is not there.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from contracts.datasets import DATASETS, Dataset
from contracts.names import BUILD_DATABASE, PUBLISHED_DATABASE
from contracts.tables import glue_table_input
from contracts.tenant import TenantId
from contracts.verdicts import VERDICTS
from serving.ports import Ports
from serving.runs import POINTER_COLUMNS

RUN_PARTITIONS: Final = ("tenant_id", "run_id", "call_month")
POINTERS: Final = "published_runs"
STATUS_VIEW: Final = "quality_status"
_VIEW_HASH: Final = "cci.view_sha256"
_PARQUET: Final = "org.apache.hadoop.hive.ql.io.parquet"
_STATUS_COLUMNS: Final = (
    "tenant_id",
    "dataset",
    "run_id",
    "status",
    "severity",
    "row_count",
    "unexpected_count",
    "observed",
    "why",
    "what_to_do",
    "owner",
    "recorded_at",
)


def ensure_tables(ports: Ports) -> None:
    """Make every table and view people query exist and say what the marts say now.

    A mart that is not built is left as it is: its tenants are blocked by the gate.
    """
    _ensure_pointers(ports)
    for dataset in DATASETS:
        built = ports.catalogue.table(BUILD_DATABASE, dataset.name)
        if built and not dataset.is_alone:
            columns = data_columns(built)
            name = runs_table(dataset)
            table = external_table(
                name, columns, RUN_PARTITIONS, f"s3://{ports.bucket}/published/{dataset.name}/"
            )
            _ensure_table(ports, table)
            _ensure_view(ports, dataset.published_as, name, view_sql(dataset, columns))
    _ensure_verdicts(ports)


def runs_table(dataset: Dataset) -> str:
    """Return the name of the table that holds every run of a dataset."""
    return f"{dataset.published_as}__runs"


def data_columns(table: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the columns of a Glue table without its partition columns, in order."""
    partitions = {column["Name"] for column in table.get("PartitionKeys", [])}
    return [
        {"Name": column["Name"], "Type": column["Type"]}
        for column in table["StorageDescriptor"]["Columns"]
        if column["Name"] not in partitions
    ]


def view_sql(dataset: Dataset, columns: Sequence[Mapping[str, str]]) -> str:
    """Return the statement that makes a dataset's view: tenant first, columns in mart order."""
    names = ["tenant_id", *(column["Name"] for column in columns)]
    names += ["call_month", "run_id"] if dataset.has_month else ["run_id"]
    chosen = ", ".join(f'published."{name}"' for name in names)
    return (
        f"create or replace view {PUBLISHED_DATABASE}.{dataset.published_as} as\n"
        f"select {chosen}\n"
        f"from {PUBLISHED_DATABASE}.{runs_table(dataset)} as published\n"
        f"inner join {PUBLISHED_DATABASE}.{POINTERS} as runs\n"
        "    on runs.tenant_id = published.tenant_id and runs.run_id = published.run_id"
    )


def status_sql() -> str:
    """Return the statement of `quality_status`: the newest verdict of each tenant and dataset.

    Not joined to the run pointer, because a tenant that is held back must see why.
    """
    names = ", ".join(_STATUS_COLUMNS)
    return (
        f"create or replace view {PUBLISHED_DATABASE}.{STATUS_VIEW} as\n"  # noqa: S608
        f"select {names}\n"
        f"from (\n    select {names}, row_number() over (\n"
        "        partition by tenant_id, dataset order by recorded_at desc, run_id desc\n"
        f"    ) as newest_first\n    from {PUBLISHED_DATABASE}.{VERDICTS.name}\n"
        "    where expectation_id = '*'\n) as ranked\nwhere newest_first = 1"
    )


def external_table(
    name: str, columns: Sequence[Mapping[str, str]], partitions: Sequence[str], location: str
) -> dict[str, Any]:
    """Return the Glue TableInput of Parquet files at `location`, partitioned by texts."""
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "classification": "parquet"},
        "PartitionKeys": [{"Name": partition, "Type": "string"} for partition in partitions],
        "StorageDescriptor": {
            "Columns": [dict(column) for column in columns],
            "Location": location,
            "InputFormat": f"{_PARQUET}.MapredParquetInputFormat",
            "OutputFormat": f"{_PARQUET}.MapredParquetOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": f"{_PARQUET}.serde.ParquetHiveSerDe",
                "Parameters": {"serialization.format": "1"},
            },
        },
    }


def partition_at(table: Mapping[str, Any], values: Sequence[str], location: str) -> dict[str, Any]:
    """Return the PartitionInput of a table's partition that lies at `location`."""
    storage = {**table["StorageDescriptor"], "Location": location}
    return {"Values": list(values), "StorageDescriptor": storage}


def register_partition(ports: Ports, name: str, values: Sequence[str], prefix: str) -> None:
    """Make a partition of a table of ours exist at `prefix` of the lake bucket."""
    table = ports.catalogue.table(PUBLISHED_DATABASE, name)
    if table is None:
        raise KeyError(f"{PUBLISHED_DATABASE}.{name} is missing: ensure_tables makes it")
    partition = partition_at(table, values, f"s3://{ports.bucket}/{prefix}")
    ports.catalogue.add_partitions(PUBLISHED_DATABASE, name, [partition])


def register_verdicts(ports: Ports, tenant: TenantId, verdicts_key: str) -> None:
    """Make a tenant's verdict file visible in `quality_verdicts`."""
    folder = f"{verdicts_key.rpartition('/')[0]}/"
    month = folder.rstrip("/").rpartition("run_month=")[2]
    register_partition(ports, VERDICTS.name, (tenant, month), folder)


def _ensure_pointers(ports: Ports) -> None:
    columns = [{"Name": name, "Type": kind} for name, kind in POINTER_COLUMNS]
    location = f"s3://{ports.bucket}/published/runs/"
    _ensure_table(ports, external_table(POINTERS, columns, ("tenant_id",), location))


def _ensure_verdicts(ports: Ports) -> None:
    base = f"s3://{ports.bucket}/quality"
    described = glue_table_input(VERDICTS, base)
    table = external_table(
        VERDICTS.name, data_columns(described), VERDICTS.partitions, f"{base}/verdicts/"
    )
    _ensure_table(ports, table)
    _ensure_view(ports, STATUS_VIEW, VERDICTS.name, status_sql())


def _ensure_table(ports: Ports, table: dict[str, Any]) -> None:
    found = ports.catalogue.table(PUBLISHED_DATABASE, table["Name"])
    if found is None:
        ports.catalogue.put_table(PUBLISHED_DATABASE, table)
    elif data_columns(found) != data_columns(table):
        kept = {**found.get("Parameters", {}), **table["Parameters"]}
        ports.catalogue.put_table(PUBLISHED_DATABASE, {**table, "Parameters": kept})


def _ensure_view(ports: Ports, view: str, table_name: str, sql: str) -> None:
    """Replace a view whose text changed; its hash is kept on the table it reads."""
    table = ports.catalogue.table(PUBLISHED_DATABASE, table_name) or {}
    digest = hashlib.sha256(sql.encode()).hexdigest()
    parameters = table.get("Parameters", {})
    exists = ports.catalogue.table(PUBLISHED_DATABASE, view) is not None
    if exists and parameters.get(_VIEW_HASH) == digest:
        return
    ports.queries.run(sql)
    changed = {
        **external_table(
            table_name,
            data_columns(table),
            [column["Name"] for column in table["PartitionKeys"]],
            table["StorageDescriptor"]["Location"],
        ),
        "Parameters": {**parameters, _VIEW_HASH: digest},
    }
    ports.catalogue.put_table(PUBLISHED_DATABASE, changed)
