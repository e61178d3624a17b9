"""The embedded engine refuses no SQL of the product, and gives the marts the types they promise."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cci.commands.demo import FAILURE_RATES
from contracts.names import BUILD_DATABASE, PUBLISHED_DATABASE
from localaws.athena.trino_types import trino
from serving.preview import reads
from tests.support.dbt_models import PROJECT, Model, render
from tests.support.product_tables import MODELS, contract, translated, view_texts

ROOT = PROJECT.parent
PREVIEW = reads._QUERIES
ANALYSTS = {
    "criteria of a tenant's calls": "with base as (select call_id, local_date, tenant_id from "
    "fct_calls where tenant_id = 'acme') select base.call_id, r.criterion_id, r.result, "
    "cast(r.is_evidence_verified as varchar) as verified from base inner join "
    "fct_criterion_results as r on r.tenant_id = base.tenant_id and r.call_id = base.call_id",
    "failure rate per criterion": "select criterion_id, 1 - avg(case when failed_count = 0 "
    "then 1.0 else 0.0 end) as fail_rate, count(*) as calls from fct_criterion_results "
    "group by 1 order by fail_rate desc, calls desc",
    "a week by day": "select tenant_id, local_date, date_format(local_date, '%Y-%m-%d') as day, "
    "approx_percentile(score_fraction, 0.5) as median, count_if(score_fraction >= 0.8) as good "
    "from fct_calls where local_date >= current_date - interval '7' day group by 1, 2",
    "best agents": "select * from (select agent_id, avg(score_fraction) as score, rank() over "
    "(order by avg(score_fraction) desc) as place from fct_calls group by agent_id) "
    "where place <= 3",
    "phrases of a criterion": "select r.criterion_id, word, count(*) as n from "
    "fct_criterion_results as r cross join unnest(split(lower(r.reason), ' ')) as t(word) "
    "where r.tenant_id = 'acme' group by r.criterion_id, word having count(*) > 1",
}


def _data_tests() -> Iterator[Any]:
    for model in MODELS.values():
        for test in model.properties["data_tests"]:
            yield model, test, {}
        for column in model.properties["columns"]:
            for test in column.get("data_tests", []):
                yield model, test, {"column_name": column["name"]}


def _test_sql(model: Model, test: Any, arguments: dict[str, str]) -> str:
    if test == "not_null":
        return f"select * from {model.name} where {arguments['column_name']} is null"
    ((name, given),) = test.items()
    files = (PROJECT / "tests" / "generic").glob("*.sql")
    macros = "".join(file.read_text(encoding="utf-8") for file in files)
    macros = re.sub(r"{% test (\w+)\(", r"{% macro \1(", macros).replace("endtest", "endmacro")
    words = {"model": model.name, **arguments, **given["arguments"]}
    if "to" in words:
        words["to"] = render("{{ " + words["to"] + " }}")
    listed = ", ".join(f"{key}={value!r}" for key, value in words.items())
    return render(f"{macros}{{{{ {name}({listed}) }}}}")


def _written() -> Iterator[str]:
    for file in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        yield from re.findall(r'cci sql "(select [^"]+)"', _flat(file))


def _flat(file: Path) -> str:
    return " ".join(file.read_text(encoding="utf-8").split())


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_answered_with_the_types_its_contract_promises(name: str) -> None:
    model = MODELS[name]
    found = {
        column.name: trino(column.type) for column in translated(model.sql, BUILD_DATABASE).columns
    }
    if model.layer == "marts":
        assert found == {column: trino(kind) for column, kind in contract(model)}


@pytest.mark.parametrize(("model", "test", "arguments"), list(_data_tests()))
def test_every_data_test_is_answered(model: Model, test: Any, arguments: dict[str, str]) -> None:
    assert translated(_test_sql(model, test, arguments), BUILD_DATABASE).columns


@pytest.mark.parametrize(("name", "sql"), list(view_texts()))
def test_every_view_of_serving_is_answered_and_reads_as_a_view(name: str, sql: str) -> None:
    query = translated(f"select * from {name}", PUBLISHED_DATABASE)
    assert [c.name for c in query.columns] == [
        c.name for c in translated(sql, PUBLISHED_DATABASE).columns
    ]


@pytest.mark.parametrize("sql", PREVIEW.values(), ids=PREVIEW)
def test_every_query_of_the_preview_is_answered(sql: str) -> None:
    assert translated(sql.format(tenants="tenant_id in ('acme')"), PUBLISHED_DATABASE).columns


def test_every_query_of_the_command_line_and_of_the_documents_is_answered() -> None:
    written = list(_written())
    assert len(written) >= 2
    for sql in (FAILURE_RATES, *written):
        assert translated(sql, PUBLISHED_DATABASE).columns


@pytest.mark.parametrize("sql", ANALYSTS.values(), ids=ANALYSTS)
def test_what_analysts_ask_is_answered(sql: str) -> None:
    assert translated(sql, PUBLISHED_DATABASE).columns


def test_the_read_back_of_a_run_is_answered() -> None:
    sql = (
        "select 'fct_calls' as dataset, cast(sum(rows_here) as bigint) as row_count, "
        "count(*) as key_count from (select count(*) as rows_here from cci_lite.fct_calls__runs "
        "where tenant_id = 'acme' and run_id = 'r' group by \"call_id\") as keyed "
        "union all select 'x', 1, 2"
    )
    found = translated(sql, PUBLISHED_DATABASE).columns
    assert [trino(column.type) for column in found] == ["varchar(9)", "bigint", "bigint"]


def test_seeds_and_sources_have_the_types_that_are_declared() -> None:
    seeds = yaml.safe_load((PROJECT / "seeds" / "seeds.yml").read_text(encoding="utf-8"))["seeds"]
    for seed in seeds:
        found = translated(f"select * from {seed['name']}", BUILD_DATABASE).columns
        assert [column.name for column in found] == list(seed["config"]["column_types"])
