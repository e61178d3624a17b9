"""The tables of the conformance suite in a localaws: `calls` and its view, in schema `lake`.

The same rows as in tests/support/athena_statements.py, one Parquet file per partition.
`python -m tests.support.conformance_tables http://127.0.0.1:PORT` makes them.
"""

import sys
import tempfile
from pathlib import Path

import boto3
import duckdb

from localaws.athena.trino_types import duck, parse, quote
from tests.support.athena_api import BUCKET, Clients, run
from tests.support.athena_statements import COLUMNS, ROWS, VIEWS
from tests.support.localaws_server import REGION

KEYS = ("tenant_id", "call_month")


def create(client: Clients) -> None:
    """Make bucket, database, table and view; `client("s3")` and such reach the localaws."""
    where = {"LocationConstraint": REGION}
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
    _upload(client)
    data = ", ".join(f"`{name}` {kind}" for name, kind in COLUMNS.items() if name not in KEYS)
    keys = ", ".join(f"`{name}` string" for name in KEYS)
    run(client, "CREATE DATABASE lake")
    run(
        client,
        f"CREATE EXTERNAL TABLE calls ({data}) PARTITIONED BY ({keys}) "
        f"STORED AS PARQUET LOCATION 's3://{BUCKET}/calls/'",
    )
    run(client, "MSCK REPAIR TABLE calls")
    for name, query in VIEWS.items():
        run(client, f"CREATE VIEW {name} AS {query}")


def _upload(client: Clients) -> None:
    columns = ", ".join(f"{quote(name)} {duck(parse(kind))}" for name, kind in COLUMNS.items())
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE calls ({columns})")
        connection.execute(f"INSERT INTO calls VALUES {', '.join(ROWS)}")
        connection.execute(
            f"COPY calls TO '{folder}/calls' (FORMAT PARQUET, PARTITION_BY ({', '.join(KEYS)}))"
        )
        for file in sorted(Path(folder).rglob("*.parquet")):
            key = str(file.relative_to(folder))
            client("s3").put_object(Bucket=BUCKET, Key=key, Body=file.read_bytes())


def main() -> int:
    """Make the tables in the localaws of an address."""
    session = boto3.Session("test", "test", region_name=REGION)
    create(lambda service: session.client(service, endpoint_url=sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
