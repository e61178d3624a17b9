"""House rules of the marts' SQL, each with a planted violation that must be refused."""

from pathlib import Path

import pytest

from tests.support.dbt_models import PROJECT, Model, models, render
from tests.support.sql_rules import problems

ALL = list(models())


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_every_model_keeps_the_rules(model: Model) -> None:
    assert problems(model) == []


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_the_columns_described_are_the_columns_there_tenant_first(model: Model) -> None:
    import sqlglot

    there = sqlglot.parse_one(model.sql, read="athena").named_selects
    described = [column["name"] for column in model.properties["columns"]]
    assert sorted(described) == sorted(there)
    assert described[0] == "tenant_id"
    if "call_month" in described:
        assert described[-1] == "call_month"


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_the_key_of_every_model_holds_its_tenant(model: Model) -> None:
    keys = [
        test["unique_together"]
        for test in model.properties["data_tests"]
        if "unique_together" in test
    ]
    assert keys, f"{model.name}: say its key by unique_together"
    assert all(key["arguments"]["columns"][0] == "tenant_id" for key in keys)


GRAIN = "-- grain: one row per call\n"
PLANTED = {
    "grain": ("select call_id, tenant_id from a", "begin with `-- grain"),
    "join": (
        "select a.call_id, a.tenant_id from a inner join b on a.call_id = b.call_id",
        "compare tenant_id",
    ),
    "join of others": (
        "select a.call_id, a.tenant_id from a inner join b on a.tenant_id = a.tenant_id",
        "compare tenant_id",
    ),
    "using": ("select call_id, tenant_id from a inner join b using (tenant_id)", "no using"),
    "comma": ("select a.call_id, a.tenant_id from a, b", "no comma join"),
    "group": ("select count(*) as n, tenant_id from a group by call_id, tenant_id", "group by"),
    "window": (
        "select row_number() over (partition by call_id) as n, tenant_id from a",
        "partition by",
    ),
    "order": ("select tenant_id, call_id from a", "end the columns with tenant_id"),
    "month": ("select call_month, tenant_id from a", "end the columns with tenant_id, call_month"),
    "mean": ("select avg(x) as mean, tenant_id from a group by tenant_id", "avg"),
    "clock": ("select current_date as today, tenant_id from a", "current_date"),
    "sorted": ("select call_id, tenant_id from a order by call_id", "no order by"),
    "limit": ("select call_id, tenant_id from a limit 3", "no limit"),
    "not in": (
        "select call_id, tenant_id from a where call_id not in (select call_id from b)",
        "not in",
    ),
    "division": ("select k / n as rate, tenant_id from a", "to double"),
    "literal": ("select cast(x as double) > 0.05 as high, tenant_id from a", "0.05e0"),
    "text": ("select 'agent' as speaker, tenant_id from a", "cast('agent' as varchar)"),
    "text in case": (
        "select case when x then 'a' else cast('b' as varchar) end as y, tenant_id from a",
        "cast('a' as varchar)",
    ),
}


@pytest.mark.parametrize(("sql", "advice"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_violation_is_refused_with_file_and_line(sql: str, advice: str) -> None:
    text = sql if advice.startswith("begin with") else GRAIN + sql
    planted = Model(Path("planted.sql"), text, render(text), {})
    found = problems(planted)
    assert any(advice in problem for problem in found), found
    assert all(problem.startswith("planted.sql:") for problem in found)


def test_every_published_dataset_is_a_mart_with_its_key() -> None:
    from contracts.datasets import DATASETS

    marts = {model.name: model for model in ALL if model.layer == "marts"}
    for dataset in DATASETS:
        tests = marts[dataset.name].properties["data_tests"]
        keys = [
            set(test["unique_together"]["arguments"]["columns"])
            for test in tests
            if "unique_together" in test
        ]
        assert set(dataset.key) | {"tenant_id"} in keys, dataset.name


def test_the_project_reads_the_clock_nowhere_but_in_as_of() -> None:
    readers = [
        path.name
        for path in PROJECT.rglob("*.sql")
        if "run_started_at" in path.read_text(encoding="utf-8")
    ]
    assert readers == ["as_of.sql"]
