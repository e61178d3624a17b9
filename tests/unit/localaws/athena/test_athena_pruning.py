"""Which partitions a query may need: through views, CTEs, joins and windows, never too few."""

from typing import Any

import duckdb
import pytest

from localaws.athena.macros import MACROS
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
NAMED = {values for values in EVERY if values[0]}

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
    "select * from (select tenant_id from calls union select tenant_id from calls) "
    "where tenant_id = 'acme'": ACME,
    "select * from (select tenant_id from calls except select 'x') where tenant_id = 'acme'": ACME,
    "select 1 as x from calls where tenant_id like 'acme-%' or tenant_id = 'acme'": NAMED,
    "select 1 as x from calls where tenant_id is not null": NAMED,
    "select 1 as x from calls where (tenant_id = 'acme' and turns > 1) or tenant_id = 'acme'": ACME,
    "select 1 as x from calls where tenant_id = 'acme' and cast(call_month || '-01' as date) "
    "between date '2026-02-01' and date '2026-02-28'": {("acme", "2026-02")},
    "select 1 as x from calls where tenant_id || '/' || call_month = 'acme/2026-01'": {
        ("acme", "2026-01")
    },
    "select 1 as x from calls where tenant_id = lower('ACME')": ACME,
    "select x.call_id from (select r.* from resolved_calls as r) as x": ACME,
    "with a as (select * from calls where tenant_id = 'acme'), b as (select * from a) "
    "select 1 as x from b as p join b as q on p.call_id = q.call_id": ACME,
    "with a as (select * from calls) select * from a where tenant_id = 'acme' and call_month = "
    "'2026-01' union all select * from a where tenant_id = 'acme' and call_month = '2026-02'": ACME,
    "select tenant_id, count(*) as n from calls where tenant_id = 'acme' "
    "group by rollup (tenant_id)": ACME,
    "select 1 as x from calls cross join unnest(tags) as t(tag) where tenant_id = 'acme'": ACME,
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
    "select * from (select tenant_id, count(*) as n from calls group by rollup (tenant_id)) "
    "where tenant_id is null",
    "select * from (select tenant_id, call_month, count(*) as n from calls "
    "group by grouping sets ((tenant_id), (call_month))) where tenant_id is null",
    "select 1 as x from calls where tenant_id = (select max(tenant_id) from resolved_calls)",
    "select 1 as x from calls where not (turns > 1 and tenant_id = 'acme')",
]
# Both places of `calls as a … calls as b`, in this order.
JOINED = {
    "from calls as a join calls as b using (tenant_id) where tenant_id = 'acme'": (ACME, ACME),
    "from calls as a left join calls as b using (tenant_id) where tenant_id = 'acme'": (ACME, ACME),
    "from calls as a right join calls as b using (tenant_id) where tenant_id = 'acme'":
        (ACME, ACME),
    "from calls as a full join calls as b using (tenant_id) where tenant_id = 'acme'":
        (EVERY, EVERY),
    "from calls as a join calls as b on a.tenant_id = b.tenant_id and a.tenant_id in ('acme')":
        (ACME, ACME),
    "from calls as a left join calls as b on a.tenant_id = 'acme' and b.tenant_id = 'acme'":
        (EVERY, ACME),
    "from calls as a right join calls as b on a.tenant_id = 'acme' where b.tenant_id = 'acme'":
        (EVERY, ACME),
    "from calls as a full join calls as b on a.tenant_id = b.tenant_id and b.tenant_id = 'acme'":
        (EVERY, EVERY),
    "from (values 1) as v(n) join (calls as a join calls as b on a.tenant_id = b.tenant_id) "
    "on true where a.tenant_id = 'acme'": (ACME, ACME),
    "from (values 1) as v(n) left join (calls as a join calls as b on a.tenant_id = b.tenant_id) "
    "on a.tenant_id = 'acme'": (ACME, ACME),
    "from (calls as a join calls as b on true) left join (values 'x') as v(t) "
    "on a.tenant_id = b.tenant_id where a.tenant_id = 'acme'": (ACME, EVERY),
    "from (values 'x') as v(t) left join calls as a on a.call_id = v.t "
    "left join calls as b on a.tenant_id = 'acme' and b.tenant_id = 'acme'": (EVERY, ACME),
    "from calls as a cross join calls as b where a.tenant_id = b.tenant_id "
    "and b.tenant_id = 'acme'": (ACME, ACME),
    "from calls as a cross join calls as b where a.tenant_id = 'acme' or b.tenant_id = 'acme'":
        (EVERY, EVERY),
    "from calls as a where a.tenant_id = 'acme' and exists (select 1 from calls as b "
    "where b.tenant_id = 'acme' and b.call_id = a.call_id)": (ACME, ACME),
    "from calls as a where a.tenant_id = 'acme' "
    "order by (select count(*) from calls as b where b.tenant_id = 'acme')": (ACME, ACME),
}  # fmt: skip
SUBQUERIES = [
    "select 1 as x order by (select count(*) from calls)",
    "values ((select count(*) from calls))",
    "select 1 as x union all select 2 order by (select count(*) from calls)",
    "select 1 as x from (values 1) as v(n) join ((values 1) as w(n) join (values 1) as u(n) "
    "on w.n = u.n and w.n in (select turns from calls)) on true",
    "select t.n from unnest(array[(select count(*) from calls)]) as t(n)",
    "select 1 as x having (select count(*) from calls) > 0",
]


def _needed(sql: str, read: int = 0) -> set[tuple[str | None, ...]]:
    with duckdb.connect() as connection:
        for macro in MACROS:
            connection.execute(macro)
        return {part.values for part in kept(connection, PARTS, KEYS, conditions(sql)[read])}


@pytest.mark.parametrize(("sql", "wanted"), PRUNED.items())
def test_an_excluded_partition_is_not_needed(sql: str, wanted: set[tuple[str, ...]]) -> None:
    assert _needed(sql) == wanted


@pytest.mark.parametrize("sql", WHOLE)
def test_what_cannot_be_decided_keeps_every_partition(sql: str) -> None:
    assert _needed(sql) == EVERY


@pytest.mark.parametrize(("sql", "wanted"), JOINED.items())
def test_each_side_of_a_join_needs_what_can_meet(sql: str, wanted: tuple[Any, Any]) -> None:
    assert (_needed(f"select 1 as x {sql}", 0), _needed(f"select 1 as x {sql}", 1)) == wanted


@pytest.mark.parametrize("sql", SUBQUERIES)
def test_a_subquery_is_read_wherever_it_stands(sql: str) -> None:
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
