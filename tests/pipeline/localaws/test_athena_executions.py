"""Starts that count once, groups that refuse, stops that leave nothing, results that stay."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.support.athena_console import Console
from tests.support.localaws_scenes import bucket
from tests.support.localaws_server import LocalAws, wait_until

pytestmark = pytest.mark.pipeline

TOKEN = "one-token-of-at-least-32-characters"  # noqa: S105 -- no secret, Athena's word
OUTPUT = {"OutputLocation": "s3://results/out/"}
SLOW = (
    "select count(*) as n, cast('acme' as varchar) as tenant_id "
    "from unnest(sequence(1, 9999)) as a(x), unnest(sequence(1, 9999)) as b(y), "
    "unnest(sequence(1, 9999)) as c(z) where x * y * z = 7"
)


@pytest.fixture(scope="module")
def console(aws: LocalAws) -> Console:
    for name in ("lake", "results"):
        bucket(aws, name)
    found = Console(aws, "lake", OUTPUT["OutputLocation"])
    found.done("create database lake")
    return found


def _start(console: Console, sql: str, token: str, **more: str) -> str:
    started = console.aws.client("athena").start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": "lake"},
        ResultConfiguration=OUTPUT,
        ClientRequestToken=token,
        **more,
    )
    return str(started["QueryExecutionId"])


def test_one_token_is_one_query_however_often_and_at_once(console: Console) -> None:
    with ThreadPoolExecutor(max_workers=6) as pool:
        found = set(pool.map(lambda _: _start(console, "select 1 as x", TOKEN), range(6)))
    assert len(found) == 1
    assert {_start(console, "select 1 as x", TOKEN)} == found
    assert _start(console, "select 1 as x", TOKEN + "-another") not in found


def test_a_token_of_another_text_is_refused(console: Console) -> None:
    _start(console, "select 2 as x", TOKEN + "-two")
    with pytest.raises(ClientError, match="Idempotent parameters do not match"):
        _start(console, "select 3 as x", TOKEN + "-two")


def test_a_disabled_group_runs_nothing_until_it_is_enabled(console: Console) -> None:
    athena = console.aws.client("athena")
    athena.create_work_group(Name="asleep")
    athena.update_work_group(WorkGroup="asleep", State="DISABLED")
    with pytest.raises(ClientError, match="WorkGroup asleep is disabled"):
        _start(console, "select 1 as x", TOKEN + "-asleep", WorkGroup="asleep")
    assert athena.list_query_executions(WorkGroup="asleep")["QueryExecutionIds"] == []
    athena.update_work_group(WorkGroup="asleep", State="ENABLED")
    query = _start(console, "select 1 as x", TOKEN + "-awake", WorkGroup="asleep")
    assert athena.list_query_executions(WorkGroup="asleep")["QueryExecutionIds"] == [query]


@pytest.mark.parametrize("operation", ["get_work_group", "update_work_group", "delete_work_group"])
def test_a_missing_group_is_an_error(console: Console, operation: str) -> None:
    with pytest.raises(ClientError, match="WorkGroup nobody is not found"):
        getattr(console.aws.client("athena"), operation)(WorkGroup="nobody")


def test_a_stopped_ctas_leaves_no_table_and_a_stopped_insert_no_partition(
    console: Console,
) -> None:
    made = "create table counts with (partitioned_by = array['tenant_id']) as "
    few = "select cast(1 as bigint) as n, cast('acme-uk' as varchar) as tenant_id"
    console.done(made + few)
    for i, sql in enumerate(
        (made.replace("counts", "stopped") + SLOW, f"insert into counts {SLOW}")
    ):
        query = _start(console, sql, f"{TOKEN}-stop-{i}")
        wait_until(lambda query=query: _state(console, query) == "RUNNING")
        console.aws.client("athena").stop_query_execution(QueryExecutionId=query)
        assert _state(console, query) == "CANCELLED"
    assert console.rows(console.done("show tables")) == [["counts"]]
    assert console.rows(console.done("show partitions counts")) == [["tenant_id=acme-uk"]]
    assert console.rows(console.done("select * from counts")) == [["1", "acme-uk"]]


def _state(console: Console, query: str) -> str:
    found = console.aws.client("athena").get_query_execution(QueryExecutionId=query)
    return str(found["QueryExecution"]["Status"]["State"])


def test_results_and_tokens_survive_a_restart(
    aws_factory: Callable[..., LocalAws], tmp_path: Path
) -> None:
    first = aws_factory(state=tmp_path)
    bucket(first, "results")
    before = Console(first, "default", OUTPUT["OutputLocation"])
    before.done("create database lake")
    query = _start(before, "select 'acme' as t", TOKEN)
    wait_until(lambda: _state(before, query) == "SUCCEEDED")
    first.stop()
    after = Console(aws_factory(state=tmp_path), "lake", OUTPUT["OutputLocation"])
    assert _state(after, query) == "SUCCEEDED"
    execution = {"QueryExecutionId": query, "StatementType": "DML"}
    assert after.rows(execution) == [["acme"]]
    assert _start(after, "select 'acme' as t", TOKEN) == query
