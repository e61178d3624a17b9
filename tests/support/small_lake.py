"""A lake written by hand on a localaws: the contract's tables and a few rows.

Columns a row leaves out get NULL, or a plain value where the contract forbids NULL.
"""

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow.parquet as pq

from contracts.columns import Column, Table
from contracts.names import BUILD_DATABASE, DBT_WORKGROUP, LAKE_DATABASE, Buckets
from contracts.tables import COPY_TABLES, LAKE_TABLES, glue_table_input, table_named
from tests.support.localaws_server import ACCOUNT, REGION, LocalAws
from transforms.schemas import build_table

Row = Mapping[str, Any]

BUCKETS = Buckets(ACCOUNT, REGION)
_PLAIN: dict[str, Any] = {
    "string": "x",
    "int": 0,
    "bigint": 0,
    "double": 0.0,
    "boolean": False,
    "date": "2026-01-05",
    "timestamp": "2026-01-05T12:00:00Z",
}


def create_lake(aws: LocalAws) -> None:
    """Create buckets, databases, the work group of dbt and every lake table, all empty."""
    for bucket in (BUCKETS.lake, BUCKETS.staging):
        aws.client("s3").create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
    for database in (LAKE_DATABASE, BUILD_DATABASE):
        aws.client("glue").create_database(DatabaseInput={"Name": database})
    aws.client("athena").create_work_group(
        Name=DBT_WORKGROUP, Configuration={"EnforceWorkGroupConfiguration": False}
    )
    for table in (*LAKE_TABLES, *COPY_TABLES):
        aws.client("glue").create_table(
            DatabaseName=LAKE_DATABASE,
            TableInput=glue_table_input(table, f"s3://{BUCKETS.lake}/tables/"),
        )


def add_rows(aws: LocalAws, table_name: str, rows: Sequence[Row]) -> None:
    """Append rows, which carry their partition columns too, as one file per partition."""
    table = table_named(table_name)
    parts: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        parts[tuple(row[name] for name in table.partitions)].append(row)
    for values, members in parts.items():
        _add_file(aws, table, values, members)


def _add_file(aws: LocalAws, table: Table, values: tuple[str, ...], rows: Sequence[Row]) -> None:
    folder = "".join(
        f"{name}={value}/" for name, value in zip(table.partitions, values, strict=True)
    )
    prefix = f"tables/{table.name}/{folder}g000000/"
    columns = {
        column.name: [row.get(column.name, _default(column)) for row in rows]
        for column in table.columns
    }
    buffer = io.BytesIO()
    pq.write_table(build_table(table, columns), buffer, compression="zstd")
    listed = aws.client("s3").list_objects_v2(Bucket=BUCKETS.lake, Prefix=prefix)
    name = f"part-{listed['KeyCount']:05d}.parquet"
    aws.client("s3").put_object(Bucket=BUCKETS.lake, Key=prefix + name, Body=buffer.getvalue())
    if listed["KeyCount"] == 0:
        _add_partition(aws, table, values, f"s3://{BUCKETS.lake}/{prefix}")


def _add_partition(aws: LocalAws, table: Table, values: tuple[str, ...], location: str) -> None:
    described = glue_table_input(table, f"s3://{BUCKETS.lake}/tables/")["StorageDescriptor"]
    aws.client("glue").create_partition(
        DatabaseName=LAKE_DATABASE,
        TableName=table.name,
        PartitionInput={
            "Values": list(values),
            "StorageDescriptor": {**described, "Location": location},
        },
    )


def _default(column: Column) -> Any:
    if column.nullable:
        return None
    if column.words:
        return column.words[0]
    return [] if column.type.startswith("array") else _PLAIN.get(column.type, "1")
