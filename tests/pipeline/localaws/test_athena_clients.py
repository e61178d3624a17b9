"""Unmodified clients on our Athena: boto3, awswrangler, PyAthena. Two tenants, the same call_id."""

import datetime as dt
import os
import signal
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import awswrangler as wr
import pandas as pd
import pytest
from botocore.exceptions import ClientError
from pyathena import connect

from tests.support.localaws_scenes import bucket
from tests.support.localaws_server import REGION, LocalAws, wait_until, workers

pytestmark = pytest.mark.pipeline

CALLS = """
select * from (values
    ('c1', 3, cast(1.5 as decimal(9,4)), timestamp '2026-01-31 23:00:00.000', 'acme'),
    ('c1', null, null, null, 'acme-uk')
) as t(call_id, turns, cost, started_at, tenant_id)
"""
FRAME = pd.DataFrame(
    {
        "call_id": ["c1", "c1"],
        "turns": [3, None],
        "cost": [Decimal("1.50"), None],
        "started_at": pd.to_datetime(["2026-01-31 23:00:00.123"] * 2),
        "call_date": [dt.date(2026, 1, 31)] * 2,
        "tenant_id": ["acme", "acme-uk"],
    }
)


ENDLESS = """
select count(*) as n
from unnest(sequence(1, 9999)) as a(x), unnest(sequence(1, 9999)) as b(y),
    unnest(sequence(1, 9999)) as c(z)
where x * y * z = 7
"""


class Athena:
    """One way to run a statement and wait for it."""

    def __init__(self, aws: LocalAws) -> None:
        self.client = aws.client("athena")

    def run(self, sql: str, group: str = "primary", **more: Any) -> dict[str, Any]:
        """Return the execution once it has ended."""
        more.setdefault("ResultConfiguration", {"OutputLocation": "s3://results/client/"})
        started = self.client.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": "lake"},
            WorkGroup=group,
            **more,
        )
        return self.ended(started["QueryExecutionId"])

    def ended(self, query: str) -> dict[str, Any]:
        def found() -> dict[str, Any] | None:
            one = self.client.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            return one if one["Status"]["State"] not in ("QUEUED", "RUNNING") else None

        return wait_until(found, seconds=60, every=0.01)

    def rows(self, sql: str, **more: Any) -> list[list[str | None]]:
        """Return the rows of a query without its header; fail the test if it failed."""
        execution = self.run(sql, **more)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        query = execution["QueryExecutionId"]
        found = self.client.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        rows = [[datum.get("VarCharValue") for datum in row["Data"]] for row in found]
        return rows[1:] if execution["StatementType"] == "DML" else rows

    def failure(self, sql: str, **more: Any) -> str:
        """Return why a query failed."""
        execution = self.run(sql, **more)
        assert execution["Status"]["State"] == "FAILED", execution["Status"]
        return execution["Status"]["StateChangeReason"]


@pytest.fixture(scope="module")
def athena(aws: LocalAws) -> Iterator[Athena]:
    for name in ("lake", "results", "enforced"):
        bucket(aws, name)
    found = Athena(aws)
    found.run("create database lake")
    location = "external_location = 's3://lake/calls/', partitioned_by = array['tenant_id']"
    made = found.run(f"create table calls with ({location}) as {CALLS}")
    assert made["Status"]["State"] == "SUCCEEDED", made["Status"]
    os.environ.update(aws.environment)
    yield found
    for name in aws.environment:
        os.environ.pop(name)


def test_a_table_written_by_ctas_is_read_with_its_types(athena: Athena) -> None:
    assert athena.rows("select * from calls order by tenant_id") == [
        ["c1", "3", "1.5000", "2026-01-31 23:00:00.000", "acme"],
        ["c1", None, None, None, "acme-uk"],
    ]
    assert athena.rows("show partitions calls") == [["tenant_id=acme"], ["tenant_id=acme-uk"]]


def test_a_pruned_query_scans_fewer_bytes(athena: Athena) -> None:
    every = athena.run("select * from calls")["Statistics"]["DataScannedInBytes"]
    one = athena.run("select * from calls where tenant_id = 'acme'")["Statistics"]
    assert 0 < one["DataScannedInBytes"] < every


def test_results_longer_than_a_page_come_in_pages_of_a_thousand(athena: Athena) -> None:
    execution = athena.run("select n, 'a\nb' as t from unnest(sequence(1, 2500)) as s(n)")
    paginator = athena.client.get_paginator("get_query_results")
    pages = list(paginator.paginate(QueryExecutionId=execution["QueryExecutionId"]))
    rows = [row for page in pages for row in page["ResultSet"]["Rows"]]
    assert [len(page["ResultSet"]["Rows"]) for page in pages] == [1000, 1000, 501]
    assert rows[-1]["Data"] == [{"VarCharValue": "2500"}, {"VarCharValue": "a\nb"}]


def test_null_and_empty_text_stay_apart(athena: Athena) -> None:
    assert athena.rows("select null as a, '' as b, 'x\"y' as c") == [[None, "", 'x"y']]


def test_what_athena_refuses_at_start_is_no_query(athena: Athena) -> None:
    with pytest.raises(ClientError, match="WorkGroup nobody is not found"):
        athena.run("select 1", group="nobody")
    with pytest.raises(ClientError, match="mismatched input"):
        athena.run("selec 1")
    with pytest.raises(ClientError, match="mismatched input"):
        athena.run("prepare later from selec ?")
    with pytest.raises(ClientError, match="No output location provided"):
        athena.run("select 1", ResultConfiguration={})


def test_an_enforced_location_wins_and_forbids_another(athena: Athena) -> None:
    configuration = {"ResultConfiguration": {"OutputLocation": "s3://enforced/out/"}}
    athena.client.create_work_group(Name="strict", Configuration=configuration)
    group = athena.client.get_work_group(WorkGroup="strict")["WorkGroup"]
    assert group["Configuration"]["EnforceWorkGroupConfiguration"] is True
    location = athena.run("select 1", group="strict")["ResultConfiguration"]["OutputLocation"]
    assert location.startswith("s3://enforced/out/")
    ctas = "create table t with (external_location = 's3://lake/t/') as select 1 as x"
    assert "INVALID_TABLE_PROPERTY" in athena.failure(ctas, group="strict")


def test_the_cut_off_cancels_before_anything_is_written(athena: Athena, aws: LocalAws) -> None:
    limits = {"BytesScannedCutoffPerQuery": 10_000_000, "EnforceWorkGroupConfiguration": False}
    athena.client.create_work_group(Name="frugal", Configuration=limits)
    aws.client("s3").put_object(Bucket="lake", Key="big/a.txt", Body=b"x" * 10_000_001)
    athena.run("create external table big (line string) location 's3://lake/big/'")
    ended = athena.run("create table copied as select * from big", group="frugal")
    assert ended["Status"]["State"] == "CANCELLED"
    assert "Bytes scanned limit was exceeded" in ended["Status"]["StateChangeReason"]
    assert "copied" not in {row[0] for row in athena.rows("show tables")}


def test_a_failed_write_leaves_no_table(athena: Athena) -> None:
    reason = athena.failure("create table broken as select turns / 0 as x from calls")
    assert reason.startswith("DIVISION_BY_ZERO")
    assert ["broken"] not in athena.rows("show tables")


def test_the_101st_partition_is_refused(athena: Athena) -> None:
    sql = (
        "create table many with (partitioned_by = array['p']) as "
        "select n, cast(n as varchar) as p from unnest(sequence(1, {})) as s(n)"
    )
    assert "HIVE_TOO_MANY_OPEN_PARTITIONS" in athena.failure(sql.format(101))
    assert athena.run(sql.format(100))["Status"]["State"] == "SUCCEEDED"


def test_a_dead_worker_fails_its_query_and_is_replaced(athena: Athena, aws: LocalAws) -> None:
    query = _start(athena, f"create table lost as {ENDLESS}")
    wait_until(lambda: _state(athena, query) == "RUNNING")
    for worker in wait_until(lambda: workers(aws)):
        os.kill(worker, signal.SIGKILL)
    status = athena.ended(query)["Status"]
    assert status["StateChangeReason"].startswith("GENERIC_INTERNAL_ERROR")
    assert ["lost"] not in athena.rows("show tables")
    assert athena.rows("select 1") == [["1"]]
    assert athena.rows("select 2") == [["2"]]


def test_a_stopped_query_is_cancelled_and_frees_its_worker(athena: Athena) -> None:
    query = _start(athena, ENDLESS)
    athena.client.stop_query_execution(QueryExecutionId=query)
    assert athena.ended(query)["Status"]["State"] == "CANCELLED"
    assert athena.rows("select 1") == [["1"]]


def test_parameters_and_prepared_statements(athena: Athena) -> None:
    sql = "select tenant_id from calls where turns = ? and tenant_id = ?"
    assert athena.rows(sql, ExecutionParameters=["3", "'acme'"]) == [["acme"]]
    athena.run(f"prepare by_turns from {sql}")
    assert athena.rows("execute by_turns using 3, 'acme'") == [["acme"]]
    with pytest.raises(ClientError, match="Incorrect number of parameters"):
        athena.run(sql, ExecutionParameters=["3"])


def test_a_view_reads_as_its_query_and_prunes_through(athena: Athena) -> None:
    athena.run("create or replace view own as select * from calls where tenant_id = 'acme'")
    assert athena.rows("select call_id, tenant_id from own") == [["c1", "acme"]]
    columns = "select column_name, data_type from information_schema.columns "
    columns += "where table_schema = 'lake' and table_name = 'own' and column_name = 'cost'"
    assert athena.rows(columns) == [["cost", "decimal(9,4)"]]


def test_partitions_are_added_dropped_and_found_again(athena: Athena) -> None:
    athena.run("create table months with (partitioned_by = array['m']) as "
               "select 1 as x, cast('2026-01' as varchar) as m")  # fmt: skip
    athena.run("insert into months values (2, '2026-02')")
    athena.run("alter table months drop partition (m = '2026-01')")
    assert athena.rows("select x from months") == [["2"]]
    lines = athena.rows("msck repair table months")
    assert lines == [["Repair: Added partition to metastore lake.months:m=2026-01"]]
    assert athena.rows("select x from months order by x") == [["1"], ["2"]]


@pytest.mark.usefixtures("athena")
def test_awswrangler_reads_alike_in_every_mode() -> None:
    for mode in ("overwrite", "append", "overwrite_partitions"):
        wr.s3.to_parquet(
            FRAME, "s3://lake/wr/", dataset=True, database="lake", table="wr",
            mode=mode, partition_cols=["tenant_id"],
        )  # fmt: skip
    modes: list[dict[str, Any]] = [
        {"ctas_approach": True},
        {"ctas_approach": False},
        {"ctas_approach": False, "unload_approach": True},
    ]
    for i, mode_of_reading in enumerate(modes):
        found = wr.athena.read_sql_query(
            "select * from wr order by tenant_id",
            database="lake",
            s3_output=f"s3://results/wr{i}/",
            **mode_of_reading,
        )
        assert list(found["tenant_id"]) == ["acme", "acme-uk"]
        assert list(found["cost"]) == [Decimal("1.50"), None]
        assert list(found["call_date"]) == [dt.date(2026, 1, 31)] * 2
        assert found["started_at"][0].isoformat() == "2026-01-31T23:00:00.123000"
    described = wr.athena.describe_table("wr", "lake", s3_output="s3://results/")
    assert list(described["Partition"]) == [False] * 5 + [True]


@pytest.mark.usefixtures("athena")
def test_pyathena_gives_python_values() -> None:
    cursor = connect(
        s3_staging_dir="s3://results/py/",
        region_name=REGION,
        schema_name="lake",
        poll_interval=0.02,
    ).cursor()
    sql = "select call_id, turns, cost, started_at, array[1, null] as l from calls where turns = 3"
    rows = cursor.execute(sql).fetchall()
    moment = dt.datetime(2026, 1, 31, 23)  # noqa: DTZ001 -- Athena's timestamps have no zone
    assert rows == [("c1", 3, Decimal("1.5000"), moment, [1, None])]
    kinds = [(column[0], column[1], column[4]) for column in cursor.description]
    assert kinds[1:3] == [("turns", "integer", 10), ("cost", "decimal", 9)]


def test_an_operation_nobody_wrote_is_refused_by_name(athena: Athena) -> None:
    with pytest.raises(ClientError, match="athena:ListEngineVersions"):
        athena.client.list_engine_versions()


def _start(athena: Athena, sql: str) -> str:
    started = athena.client.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": "lake"},
        ResultConfiguration={"OutputLocation": "s3://results/"},
    )
    return str(started["QueryExecutionId"])


def _state(athena: Athena, query: str) -> str:
    found = athena.client.get_query_execution(QueryExecutionId=query)["QueryExecution"]
    return str(found["Status"]["State"])
