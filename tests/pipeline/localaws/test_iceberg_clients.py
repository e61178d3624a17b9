"""awswrangler, PyAthena and boto3 on Iceberg tables. Two tenants, the same call_id."""

import itertools
import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import awswrangler as wr
import pandas as pd
import pyarrow.parquet as pq
import pytest
from pyarrow import fs
from pyathena import connect
from pyathena.async_cursor import AsyncCursor
from pyathena.cursor import DictCursor
from pyathena.pandas.cursor import PandasCursor

from tests.support.athena_api import BUCKET, ask, done, run
from tests.support.localaws_scenes import bucket
from tests.support.localaws_server import REGION, LocalAws

pytestmark = pytest.mark.pipeline
FRAME = pd.DataFrame(
    {
        "call_id": ["c1", "c1", "c2"],
        "tenant_id": ["acme", "acme-uk", "acme"],
        "seconds": pd.array([60, None, 90], dtype="Int64"),
    }
)
SQL = "select call_id, tenant_id, seconds from calls order by tenant_id, call_id"
NUMBERS = itertools.count()
STATEMENT = "select tenant_id, count(*) as calls from {} group by 1 order by 1"


@pytest.fixture(scope="module")
def lake(aws: LocalAws) -> Iterator[LocalAws]:
    for name in ("lake", "results", BUCKET):
        bucket(aws, name)
    done(aws.client, "create database lake", "default")
    os.environ.update(aws.environment)
    yield aws
    for name in aws.environment:
        os.environ.pop(name)


def written(frame: pd.DataFrame, table: str, **more: object) -> None:
    wr.athena.to_iceberg(
        frame,
        database="lake",
        table=table,
        temp_path=f"s3://lake/temporary/{next(NUMBERS)}/",
        table_location=f"s3://lake/{table}/",
        s3_output="s3://results/wrangler/",
        **more,
    )


def test_awswrangler_appends_overwrites_merges_and_deletes(lake: LocalAws) -> None:
    written(FRAME, "calls", partition_cols=["tenant_id"])
    written(FRAME[:1].assign(call_id="c3"), "calls")
    assert [row[0] for row in done(lake.client, SQL)] == ["c1", "c2", "c3", "c1"]
    changed = FRAME[:2].assign(seconds=pd.array([61, 5], dtype="Int64"))
    written(changed, "calls", merge_cols=["call_id", "tenant_id"])
    assert done(lake.client, SQL) == [
        ["c1", "acme", "61"],
        ["c2", "acme", "90"],
        ["c3", "acme", "60"],
        ["c1", "acme-uk", "5"],
    ]
    wr.athena.delete_from_iceberg_table(
        FRAME[:1],
        database="lake",
        table="calls",
        temp_path=f"s3://lake/temporary/{next(NUMBERS)}/",
        merge_cols=["call_id", "tenant_id"],
        s3_output="s3://results/wrangler/",
    )
    left = wr.athena.read_sql_query(
        SQL, database="lake", ctas_approach=False, s3_output="s3://results/wrangler/"
    )
    assert left["call_id"].tolist() == ["c2", "c3", "c1"]
    written(FRAME[1:2], "calls", mode="overwrite")
    assert done(lake.client, SQL) == [["c1", "acme-uk", None]]


@pytest.mark.usefixtures("lake")
def test_pyathena_reads_iceberg_with_each_cursor() -> None:
    written(FRAME, "counted")
    sql = STATEMENT.format("counted")
    connection = connect(
        s3_staging_dir="s3://results/pyathena/",
        region_name=REGION,
        schema_name="lake",
        poll_interval=0.05,
    )
    assert connection.cursor().execute(sql).fetchall() == [("acme", 2), ("acme-uk", 1)]
    named = connection.cursor(DictCursor).execute(sql).fetchall()
    assert named == [{"tenant_id": "acme", "calls": 2}, {"tenant_id": "acme-uk", "calls": 1}]
    frame = connection.cursor(PandasCursor).execute(sql).as_pandas()
    assert frame["calls"].tolist() == [2, 1]
    _, future = connection.cursor(AsyncCursor).execute(sql)
    assert future.result().fetchall() == [("acme", 2), ("acme-uk", 1)]


def test_pyarrow_told_the_address_reads_what_an_arrow_cursor_would(lake: LocalAws) -> None:
    written(FRAME, "arrowed")
    done(
        lake.client,
        "unload (select call_id, tenant_id, seconds from arrowed) to 's3://lake/unloaded/' "
        "with (format = 'PARQUET')",
    )
    files = fs.S3FileSystem(region=REGION, endpoint_override=lake.endpoint)
    found = pq.read_table("lake/unloaded", filesystem=files).sort_by("tenant_id").to_pydict()
    assert sorted(zip(found["call_id"], found["tenant_id"], strict=True)) == [
        ("c1", "acme"),
        ("c1", "acme-uk"),
        ("c2", "acme"),
    ]


def test_boto3_waits_for_a_result_and_for_its_end(lake: LocalAws) -> None:
    client = lake.client("s3")
    client.get_waiter("bucket_exists").wait(Bucket=BUCKET)
    execution = run(lake.client, "select 'acme' as tenant_id")
    place = urlsplit(execution["ResultConfiguration"]["OutputLocation"])
    result = {"Bucket": place.netloc, "Key": place.path[1:]}
    client.get_waiter("object_exists").wait(**result)
    client.delete_object(**result)
    client.get_waiter("object_not_exists").wait(**result)


def test_a_map_with_nulls_reaches_iceberg_and_comes_back(lake: LocalAws) -> None:
    done(
        lake.client,
        "create table mapped with (table_type = 'ICEBERG', is_external = false, "
        "location = 's3://lake/mapped/') as select 'c1' as call_id, map(array['k'], array[1]) as m "
        "union all select 'c2', null "
        "union all select 'c3', map(array['z'], array[cast(null as integer)])",
    )
    done(lake.client, "update mapped set call_id = call_id || 'x' where m is null")
    assert done(lake.client, "select call_id, m from mapped order by 1") == [
        ["c1", "{k=1}"],
        ["c2x", None],
        ["c3", "{z=null}"],
    ]


def test_a_failed_ctas_leaves_no_table_and_the_101st_partition_is_refused(
    lake: LocalAws,
) -> None:
    sql = (
        "create table many with (table_type = 'ICEBERG', is_external = false, "
        "location = 's3://lake/many/', partitioning = array['n']) as "
        "select n from unnest(sequence(1, 101)) as s(n)"
    )
    assert ask(lake.client, sql).error == "ICEBERG_TOO_MANY_OPEN_PARTITIONS"
    assert ["many"] not in done(lake.client, "show tables")


def test_a_shown_create_table_runs_again_as_it_stands(lake: LocalAws) -> None:
    done(
        lake.client,
        "create table shown (`call_id` string comment 'its ''id''', at timestamp, n int) "
        "partitioned by (day(at), bucket(4, call_id), truncate(10, n)) "
        "location 's3://lake/shown/' tblproperties ('table_type' = 'ICEBERG', "
        "'vacuum_min_snapshots_to_keep' = '3')",
    )
    lines = [row[0] or "" for row in done(lake.client, "show create table shown")]
    done(lake.client, "drop table shown")
    done(lake.client, "\n".join(lines))
    assert [row[0] for row in done(lake.client, "show create table shown")] == lines


def test_vacuum_deletes_what_no_snapshot_refers_to(lake: LocalAws) -> None:
    done(
        lake.client,
        "create table swept (call_id string) location 's3://lake/swept/' "
        "tblproperties ('table_type' = 'ICEBERG', 'vacuum_max_snapshot_age_seconds' = '0')",
    )
    done(lake.client, "insert into swept values ('c1'), ('c2')")
    done(lake.client, "delete from swept where call_id = 'c1'")
    done(lake.client, "vacuum swept")
    assert done(lake.client, "select call_id from swept") == [["c2"]]
    assert len(_files(lake, "swept/data/")) == 1
    done(lake.client, "drop table swept")
    assert _files(lake, "swept/") == []


def _files(aws: LocalAws, prefix: str) -> list[str]:
    found = aws.client("s3").list_objects_v2(Bucket="lake", Prefix=prefix)
    return [item["Key"] for item in found.get("Contents", [])]
