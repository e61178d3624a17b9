"""Which partitions a query may need: through views, CTEs, joins and windows, never too few."""

import pytest

from localaws.athena.partitions import Part, kept
from localaws.athena.trino_types import VARCHAR
from tests.support.athena_statements import conditions

KEYS = (("tenant_id", VARCHAR), ("call_month", VARCHAR))
PARTS = [
    Part((tenant, month), f"s3://lake/{tenant}/{month}/")
    for tenant in ("acme", "acme-uk", None)
    for month in ("2026-01", "2026-02")
]
ACME = {("acme", "2026-01"), ("acme", "2026-02")}
EVERY = {part.values for part in PARTS}

PRUNED = {
    "select 1 as x from calls where tenant_id = 'acme'": ACME,
    "select 1 as x from calls where tenant_id in ('acme', 'x') and turns > 1": ACME,
    "select 1 as x from calls where tenant_id like 'acm_'": ACME,
    "select 1 as x from calls where tenant_id is null and call_month >= '2026-02'": {
        (None, "2026-02")
    },
    "select call_id from resolved_calls": ACME,
    "with a as (select * from calls) select * from a where tenant_id = 'acme'": ACME,
    "select * from (select tenant_id as t, call_id from calls) where t = 'acme'": ACME,
    "select t, count(*) as n from (select tenant_id as t from calls) where t = 'acme' group by t":
        ACME,
    "select * from (select tenant_id, count(*) as n from calls group by 1) "
    "where tenant_id = 'acme'": ACME,
    "select * from (select *, row_number() over (partition by tenant_id order by turns) as r "
    "from calls) where tenant_id = 'acme' and r = 1": ACME,
    "select tenant_id from calls where tenant_id = 'acme' union all "
    "select tenant_id from calls where tenant_id = 'acme'": ACME,
}  # fmt: skip
WHOLE = [
    "select 1 as x from calls",
    "select 1 as x from calls where turns > 1 or tenant_id = 'acme'",
    "select * from (select * from calls limit 1) where tenant_id = 'acme'",
    "select * from (select *, row_number() over (order by turns) as r from calls) "
    "where tenant_id = 'acme'",
    "select * from (select max(tenant_id) as tenant_id from calls) where tenant_id = 'acme'",
    "with a as (select * from calls) select * from a where tenant_id = 'acme' "
    "union all select * from a",
]


def _needed(sql: str, read: int = 0) -> set[tuple[str | None, ...]]:
    return {part.values for part in kept(PARTS, KEYS, conditions(sql)[read])}


@pytest.mark.parametrize(("sql", "wanted"), PRUNED.items())
def test_an_excluded_partition_is_not_needed(sql: str, wanted: set[tuple[str, ...]]) -> None:
    assert _needed(sql) == wanted


@pytest.mark.parametrize("sql", WHOLE)
def test_what_cannot_be_decided_keeps_every_partition(sql: str) -> None:
    assert _needed(sql) == EVERY


def test_a_joined_table_is_pruned_by_what_the_join_makes_equal() -> None:
    sql = (
        "select a.call_id from calls as a left join calls as b "
        "on b.tenant_id = a.tenant_id and b.call_month = '2026-01' where a.tenant_id = 'acme'"
    )
    assert _needed(sql, 0) == ACME
    assert _needed(sql, 1) == {("acme", "2026-01")}


def test_the_right_side_of_a_left_join_is_not_pruned_by_where() -> None:
    sql = (
        "select a.call_id from calls as a left join calls as b on b.call_id = a.call_id "
        "where coalesce(b.tenant_id, 'acme') = 'acme'"
    )
    assert _needed(sql, 1) == EVERY
