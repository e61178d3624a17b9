"""dbt-athena on many partitions: one of a thousand replaced, 130 written in batches."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.athena_console import Console
from tests.support.dbt_acceptance import DATABASE, PARTITIONS, play, project
from tests.support.localaws_scenes import bucket
from tests.support.localaws_server import LocalAws

pytestmark = pytest.mark.pipeline

BUCKET = "acceptance"
PLACES = [(tenant, number) for tenant in ("acme", "acme-uk") for number in range(500)]
CREATED = f"""
create external table calls_by_number (call_id string, seconds int)
partitioned by (tenant_id string, number int) stored as parquet
location 's3://{BUCKET}/data/calls_by_number/'
"""


@pytest.fixture(scope="module")
def console(aws: LocalAws) -> Console:
    bucket(aws, BUCKET)
    found = Console(aws, DATABASE, f"s3://{BUCKET}/asked/")
    found.done(f"create database {DATABASE}")
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("dbt"), PARTITIONS)


def test_insert_overwrite_of_one_partition_leaves_999_others_as_they_are(
    console: Console, folder: Path
) -> None:
    aws = console.aws
    _fill(aws)
    console.done(CREATED)
    console.done("msck repair table calls_by_number")
    before = _objects(aws)
    assert len(before) == 1000
    play("run --select calls_by_number", folder, aws.environment, BUCKET)
    after = _objects(aws)
    place = "data/calls_by_number/tenant_id=acme-uk/number=7/"
    others = {key: seen for key, seen in before.items() if not key.startswith(place)}
    assert len(others) == 999
    assert {key: seen for key, seen in after.items() if not key.startswith(place)} == others
    assert not before.keys() & {key for key in after if key.startswith(place)}
    changed = "select * from calls_by_number where number = 7 order by tenant_id"
    assert console.rows(console.done(changed)) == [
        ["c1", "1", "acme", "7"],
        ["c1", "60", "acme-uk", "7"],
    ]
    counted = "select count(*), sum(seconds) from calls_by_number"
    assert console.rows(console.done(counted)) == [["1000", "1059"]]


def test_130_partitions_are_refused_and_then_written_in_two_batches(
    console: Console, folder: Path
) -> None:
    play("run --select calls_of_130_days", folder, console.aws.environment, BUCKET)
    counted = "select count(*), count(distinct day), max(day) from calls_of_130_days"
    assert console.rows(console.done(counted)) == [["260", "130", "130"]]
    asked = [text for text in _asked(console.aws) if "calls_of_130_days" in text[1].lower()]
    refused = [reason for reason, _ in asked if "TOO_MANY_OPEN_PARTITIONS" in reason]
    inserts = [text for reason, text in asked if "insert into" in text.lower() and not reason]
    assert (len(refused), len(inserts)) == (1, 1)
    tables = {row[0] for row in console.rows(console.done("show tables"))}
    assert {name for name in tables if name and "130" in name} == {"calls_of_130_days"}


def _fill(aws: LocalAws) -> None:
    body = io.BytesIO()
    rows = {"call_id": ["c1"], "seconds": pa.array([1], pa.int32())}
    pq.write_table(pa.table(rows), body)
    s3 = aws.client("s3")

    def put(place: tuple[str, int]) -> None:
        key = f"data/calls_by_number/tenant_id={place[0]}/number={place[1]}/a.parquet"
        s3.put_object(Bucket=BUCKET, Key=key, Body=body.getvalue())

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(put, PLACES))


def _objects(aws: LocalAws) -> dict[str, tuple[str, Any]]:
    pages = aws.client("s3").get_paginator("list_objects_v2")
    return {
        item["Key"]: (item["ETag"], item["LastModified"])
        for page in pages.paginate(Bucket=BUCKET, Prefix="data/calls_by_number/")
        for item in page.get("Contents", [])
    }


def _asked(aws: LocalAws) -> list[tuple[str, str]]:
    athena = aws.client("athena")
    pages = athena.get_paginator("list_query_executions").paginate()
    numbers = [number for page in pages for number in page["QueryExecutionIds"]]
    found = []
    for start in range(0, len(numbers), 50):
        batch = athena.batch_get_query_execution(QueryExecutionIds=numbers[start : start + 50])
        found += batch["QueryExecutions"]
    return [(one["Status"].get("StateChangeReason", ""), one["Query"]) for one in found]
