"""A tenant's session reads its own rows through Athena, and another's by no way."""

import json
import urllib.request

import pytest

from tests.isolation.world import (
    CALL,
    LAKE,
    STAGING,
    TENANTS,
    build,
    canary,
    database,
    rows,
    start,
    status,
)
from tests.support.iam_scenes import arn, denied

pytestmark = pytest.mark.pipeline
PAIRS = [(mine, other) for mine in TENANTS for other in TENANTS if mine != other]


@pytest.fixture(scope="module")
def world(aws_factory):
    return build(aws_factory(LOCALAWS_AUTH="1"))


OWN = {
    "view": "select call_id, canary from calls",
    "view joined": "select a.call_id, b.canary from calls a join calls b on a.call_id = b.call_id",
    "view and table": "select a.call_id, b.canary from calls a join shared.calls b "
    "on a.call_id = b.call_id and a.tenant_id = b.tenant_id where b.tenant_id = '{mine}'",
    "table": "select call_id, canary from shared.calls where tenant_id = '{mine}'",
    "table in": "select call_id, canary from shared.calls where tenant_id in ('{mine}')",
    "subquery": "select * from (select call_id, canary from calls) where canary is not null",
    "with": "with own as (select call_id, canary from calls) select * from own",
    "with twice": "with every as (select * from shared.calls) select a.call_id, b.canary "
    "from every a join every b using (tenant_id) where tenant_id = '{mine}'",
    "left join": "select a.call_id, b.canary from shared.calls a left join shared.calls b "
    "on b.tenant_id = a.tenant_id and b.canary <> '' where a.tenant_id = '{mine}'",
    "brackets": "select a.call_id, b.canary from calls c join (shared.calls a join shared.calls b "
    "on a.tenant_id = b.tenant_id) on c.tenant_id = a.tenant_id where b.tenant_id = '{mine}'",
    "or": "select call_id, canary from shared.calls "
    "where (tenant_id = '{mine}' and canary <> '') or tenant_id like '{mine}'",
    "union": "select call_id, canary from calls union "
    "select call_id, canary from shared.calls where lower(tenant_id) = '{mine}'",
    "exists": "select call_id, canary from calls where exists "
    "(select 1 from shared.calls s where s.tenant_id = '{mine}' and s.call_id = calls.call_id)",
    "order": "select call_id, canary from calls "
    "order by (select count(*) from shared.calls s where s.tenant_id = '{mine}')",
}


@pytest.mark.parametrize("tenant", TENANTS)
@pytest.mark.parametrize("sql", OWN.values(), ids=OWN)
def test_a_tenant_reads_its_own_rows(world, tenant, sql):
    session = world.sessions[tenant]
    query = start(session, tenant, sql.format(mine=tenant))
    assert status(session, query)["State"] == "SUCCEEDED", status(session, query)
    assert rows(session, query) == [[CALL, canary(tenant)]]


FOREIGN = {
    "table": "select * from shared.calls where tenant_id = '{other}'",
    "no filter": "select * from shared.calls",
    "count": "select count(*), max(canary) from shared.calls",
    "either": "select * from shared.calls where tenant_id in ('{mine}', '{other}')",
    "undecidable": "select * from shared.calls where length(tenant_id) > 0 and canary <> ''",
    "foreign path": "select canary from shared.calls where \"$path\" like '%tenant_id={other}/%'",
    "foreign view": "select * from {database}.calls",
    "joined": "select b.canary from calls a join shared.calls b on a.call_id = b.call_id",
    "union": "select canary from calls union all select canary from {database}.calls",
    "subquery": "select (select max(canary) from {database}.calls) as x from calls",
}


@pytest.mark.parametrize(("mine", "other"), PAIRS)
@pytest.mark.parametrize("sql", FOREIGN.values(), ids=FOREIGN)
def test_a_query_that_would_read_another_tenant_is_denied(world, mine, other, sql):
    session = world.sessions[mine]
    text = sql.format(mine=mine, other=other, database=database(other))
    query = start(session, mine, text)
    told = status(session, query)
    assert told["State"] == "FAILED", told
    assert told["StateChangeReason"].startswith("PERMISSION_DENIED"), told
    assert "s3:" in told["StateChangeReason"] or "kms:" in told["StateChangeReason"]
    assert canary(other) not in json.dumps(told, default=str)


@pytest.mark.parametrize(("mine", "other"), PAIRS)
def test_another_tenants_work_group_is_denied(world, mine, other):
    told = denied(start, world.sessions[mine], mine, OWN["view"], f"tenant-{other}")
    group = arn("athena", f"workgroup/tenant-{other}")
    assert f"athena:StartQueryExecution on resource: {group}" in told
    denied(start, world.sessions[mine], mine, OWN["view"], "primary")


@pytest.mark.parametrize(("mine", "other"), PAIRS)
def test_another_tenants_result_is_denied_by_its_query_and_by_its_file(world, mine, other):
    session, query = world.sessions[mine], world.executions[other]
    athena, s3 = session.client("athena"), session.client("s3")
    assert "athena:GetQueryResults" in denied(athena.get_query_results, QueryExecutionId=query)
    denied(athena.get_query_execution, QueryExecutionId=query)
    denied(athena.stop_query_execution, QueryExecutionId=query)
    denied(athena.batch_get_query_execution, QueryExecutionIds=[world.executions[mine], query])
    file = {"Bucket": STAGING, "Key": f"tenant-{other}/{query}.csv"}
    assert "s3:GetObject" in denied(s3.get_object, **file)
    assert rows(session, world.executions[mine]) == [[CALL, canary(mine)]]


@pytest.mark.parametrize(("mine", "other"), PAIRS)
@pytest.mark.parametrize(
    "sql",
    [
        "create table copied with (external_location = 's3://lake-bucket/x/') as select 1 as a",
        "unload (select * from calls) to 's3://lake-bucket/published/calls/tenant_id={other}/x/' "
        "with (format = 'PARQUET')",
        "create or replace view {database}.calls as select 'mine' as canary",
        "drop table shared.calls",
    ],
)
def test_a_tenant_writes_nothing_by_a_query(world, mine, other, sql):
    session = world.sessions[mine]
    query = start(session, mine, sql.format(other=other, database=database(other)))
    assert status(session, query)["State"] == "FAILED", status(session, query)
    found = world.sessions[other]
    again = start(found, other, OWN["view"])
    assert rows(found, again) == [[CALL, canary(other)]]


@pytest.mark.parametrize(("mine", "other"), PAIRS)
@pytest.mark.parametrize("sql", OWN.values(), ids=OWN)
def test_a_permitted_query_neither_lists_nor_opens_what_is_foreign(world, sql, mine, other):
    before = log(world, 0)[-1]["number"]
    session = world.sessions[mine]
    start(session, mine, sql.format(mine=mine))
    touched = [entry for entry in log(world, before) if entry["service"] == "s3"]
    assert touched
    allowed = (f"{LAKE}/published/calls/tenant_id={mine}/", f"{STAGING}/tenant-{mine}/")
    for entry in touched:
        assert entry["status"] < 400, entry
        assert f"tenant_id={other}/" not in json.dumps(entry)
        place = entry["resource"].removeprefix("arn:aws:s3:::")
        if "prefix" in entry:
            place = f"{place}/{entry['prefix']}"
        assert place.startswith(allowed), entry


def log(world, since):
    url = f"{world.aws.endpoint}/_localaws/calls?since={since}"
    with urllib.request.urlopen(url) as answer:  # noqa: S310
        return json.load(answer)["calls"]
