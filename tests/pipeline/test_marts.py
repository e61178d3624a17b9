"""Lake rows -> marts by unmodified dbt on a localaws: golden cases and random evaluations.

Built on an empty lake first, then twice on the story: the second build must change nothing.
"""

import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner
from pyathena import connect
from pyathena.cursor import DictCursor

from cci.jobs.dbt_commands import DbtCommands, NodeResult
from cci.jobs.settings import export_profile
from contracts.datasets import DATASETS
from contracts.names import BUILD_DATABASE, DBT_WORKGROUP
from tests.golden.reference import evaluate, failure_rate, published, wilson
from tests.support import marts_story as story
from tests.support.dbt_models import PROJECT
from tests.support.localaws_server import REGION, LocalAws
from tests.support.marts_lake import write_story
from tests.support.small_lake import BUCKETS, add_rows, create_lake

pytestmark = pytest.mark.pipeline

Row = dict[str, Any]
Read = Callable[[str], list[Row]]

THRESHOLD = Fraction(7, 10)
RANDOM = story.random_evaluations(seed=3, count=100)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work") / "dbt_project"
    return shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs"))


@pytest.fixture(scope="module")
def dbt(aws: LocalAws, project: Path) -> Iterator[DbtCommands]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in aws.environment.items():
            patch.setenv(name, value)
        for name in ("CCI_LAKE_BUCKET", "CCI_STAGING_BUCKET", "CCI_DBT_WORKGROUP"):
            patch.delenv(name, raising=False)
        export_profile(
            lake_bucket=BUCKETS.lake, staging_bucket=BUCKETS.staging, workgroup=DBT_WORKGROUP
        )
        create_lake(aws)
        commands = DbtCommands(project)
        assert _failures(commands.seed()) == []
        yield commands


@pytest.fixture(scope="module")
def read(aws: LocalAws) -> Read:
    connection = connect(
        s3_staging_dir=f"s3://{BUCKETS.staging}/tests/",
        work_group=DBT_WORKGROUP,
        region_name=REGION,
        endpoint_url=aws.endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - localaws
        poll_interval=0.1,
    )

    def rows(mart: str) -> list[Row]:
        cursor = connection.cursor(DictCursor)
        sql = f'select * from "{BUILD_DATABASE}"."{mart}"'
        return list(cursor.execute(sql).fetchall())

    return rows


@pytest.fixture(scope="module")
def on_nothing(dbt: DbtCommands, read: Read) -> dict[str, list[Row]]:
    assert _failures(dbt.run()) == []
    return {dataset.name: read(dataset.name) for dataset in DATASETS}


@pytest.fixture(scope="module")
def marts(
    aws: LocalAws, dbt: DbtCommands, read: Read, on_nothing: dict[str, list[Row]]
) -> dict[str, list[Row]]:
    write_story(aws, RANDOM)
    assert on_nothing is not None
    assert _failures(dbt.run()) == []
    return {dataset.name: read(dataset.name) for dataset in DATASETS}


def test_an_empty_lake_gives_empty_marts(on_nothing: dict[str, list[Row]]) -> None:
    assert all(rows == [] for rows in on_nothing.values())


def test_golden_1_and_2_the_sample_under_both_tenants(marts: dict[str, list[Row]]) -> None:
    first = _one(marts["fct_evaluations"], tenant_id="acme", call_id="g1")
    assert first["score_fraction"] == 0.555555556
    assert (first["earned_weight"], first["possible_weight"]) == (Decimal("2.5"), Decimal("4.5"))
    assert (first["has_passed"], first["has_stated_pass"]) == (False, True)
    assert (first["stated_pct"], first["has_stated_score_mismatch"]) == (71.0, True)
    other = _one(marts["fct_evaluations"], tenant_id="acme-uk", call_id="g1")
    assert other["score_fraction"] == 0.714285714
    assert (other["has_passed"], other["has_stated_score_mismatch"]) == (True, False)
    assert other["has_critical_failure"] is False


def test_golden_9_the_newest_document_wins_over_all_months(marts: dict[str, list[Row]]) -> None:
    moved = _one(marts["fct_calls"], tenant_id="acme", call_id="g9")
    assert (moved["call_month"], moved["documents_count"]) == ("2025-12", 2)
    assert (moved["final_score_fraction"], moved["has_passed"]) == (0.777777778, True)
    results = [
        row
        for row in marts["fct_criterion_results"]
        if (row["tenant_id"], row["call_id"]) == ("acme", "g9")
    ]
    assert {row["call_month"] for row in results} == {"2025-12"}
    assert sum(row["scored_count"] for row in results) == 5


def test_golden_8_one_tenants_call_never_moves_the_others(marts: dict[str, list[Row]]) -> None:
    calls = [row["tenant_id"] for row in marts["fct_calls"] if row["call_id"] == "g1"]
    assert sorted(calls) == ["acme", "acme-uk"]
    assert len(marts["fct_calls"]) == 2 + 1 + 1 + len(RANDOM)


def test_golden_15_and_16_the_newest_export_counts_until_it_is_deleted(
    marts: dict[str, list[Row]],
) -> None:
    exports = [row for row in marts["fct_evaluations"] if row["evaluation_origin"] == "export"]
    assert [(row["tenant_id"], row["evaluation_id"]) for row in exports] == [("acme", "x1")]
    assert exports[0]["is_effective"] is True
    assert exports[0]["failed_criterion_count"] == 1


def test_golden_20_a_third_voice_is_counted_and_on_neither_side(
    marts: dict[str, list[Row]],
) -> None:
    silent = _one(marts["fct_calls"], tenant_id="acme", call_id="g20")
    assert (silent["speaker_count"], silent["talk_source"]) == (3, "turns")
    assert silent["agent_talk_fraction"] == 0.5
    assert silent["non_talk_fraction"] is None
    assert silent["final_score_fraction"] is None
    assert silent["evaluated_count"] == 0


def test_the_evidence_of_a_result_is_found_in_its_turn(marts: dict[str, list[Row]]) -> None:
    proof = _one(
        marts["fct_criterion_results"], tenant_id="acme", call_id="g1", criterion_id="greet_01"
    )
    assert proof["evidence_start_seconds"] == 1.0
    assert proof["weight_share_fraction"] == 0.222222222


@pytest.mark.parametrize("tenant", story.TENANTS)
def test_marts_and_reference_agree_on_random_evaluations(
    marts: dict[str, list[Row]], tenant: str
) -> None:
    shown = {
        row["call_id"]: row
        for row in marts["fct_evaluations"]
        if row["tenant_id"] == tenant and row["form_name"] == "random"
    }
    for (owner, call_id), answers in RANDOM.items():
        if owner != tenant:
            continue
        wanted = evaluate(story.as_reference(answers), THRESHOLD)
        found = shown.pop(call_id)
        assert found["score_status"] == wanted.status
        assert found["score_fraction"] == published(wanted.score)
        assert found["final_score_fraction"] == published(wanted.final)
        assert found["has_passed"] == wanted.has_passed
        assert found["is_scored"] == wanted.has_place_in_score_figures
        assert found["assessed_weight_fraction"] == published(wanted.assessed_share)
    assert shown == {}


@pytest.mark.parametrize("tenant", story.TENANTS)
def test_failure_rates_agree_with_the_reference(marts: dict[str, list[Row]], tenant: str) -> None:
    for criterion_id in story.FORM:
        words = [
            one.result
            for (owner, _), answers in RANDOM.items()
            for one, known in zip(story.as_reference(answers), story.FORM, strict=False)
            if owner == tenant and known == criterion_id
        ]
        failed, scored, rate = failure_rate(words)
        low, high = wilson(failed, scored) or (None, None)
        found = _one(
            marts["rpt_criterion_failure_rates"],
            tenant_id=tenant,
            form_name="random",
            criterion_id=criterion_id,
            window="all",
        )
        assert (found["failed_count"], found["scored_count"]) == (failed, scored)
        assert found["failure_fraction"] == published(rate)
        assert found["failure_low_fraction"] == published(low)
        assert found["failure_high_fraction"] == published(high)
        assert found["not_applicable_count"] == words.count("not_applicable")


def test_reports_hold_what_facts_hold(marts: dict[str, list[Row]]) -> None:
    for tenant in story.TENANTS:
        for name in ("scored_count", "failed_count", "not_answered_count"):
            in_report = _total(marts["rpt_criterion_failure_rates"], name, tenant, window="all")
            assert in_report == _total(marts["fct_criterion_results"], name, tenant)
        for name in ("counted_count", "scored_count", "passed_count"):
            in_report = _total(marts["rpt_qa_daily"], name, tenant)
            assert in_report == _total(marts["fct_evaluations"], name, tenant)
        calls = _total(marts["rpt_sentiment_daily"], "calls_count", tenant)
        assert calls == _total(marts["fct_calls"], "call_count", tenant)


def test_a_second_build_changes_nothing(
    marts: dict[str, list[Row]], dbt: DbtCommands, read: Read
) -> None:
    assert _failures(dbt.run()) == []
    for dataset in DATASETS:
        assert _sorted(read(dataset.name)) == _sorted(marts[dataset.name]), dataset.name


def test_the_data_tests_find_a_file_that_came_twice_and_nothing_else(
    aws: LocalAws, marts: dict[str, list[Row]], dbt: DbtCommands
) -> None:
    assert marts
    add_rows(aws, "calls", [story.call("acme", "g1", "first")])
    failed = [one for one in dbt.test() if one.has_failed]
    assert [(one.about, one.failures) for one in failed] == [("calls", 1)]
    keys = dbt.show_keys(failed[0].name)
    assert next(iter(keys[0])) == "tenant_id"
    assert [(row["tenant_id"], row["call_id"]) for row in keys] == [("acme", "g1")]


def test_the_unit_tests_of_the_models_pass(marts: dict[str, list[Row]], project: Path) -> None:
    assert marts
    folders = ("--project-dir", str(project), "--profiles-dir", str(project))
    answer = dbtRunner().invoke(["test", "--select", "test_type:unit", *folders])
    assert isinstance(answer.result, RunExecutionResult), answer.exception
    assert len(answer.result.results) >= 15
    assert [one.message for one in answer.result.results if str(one.status) != "pass"] == []


def _failures(results: list[NodeResult]) -> list[str]:
    return [f"{one.name}: {one.message}" for one in results if one.has_failed]


def _one(rows: list[Row], **key: Any) -> Row:
    found = [row for row in rows if all(row[name] == value for name, value in key.items())]
    assert len(found) == 1, (key, len(found))
    return found[0]


def _total(rows: list[Row], name: str, tenant: str, **key: Any) -> int:
    return sum(
        row[name]
        for row in rows
        if row["tenant_id"] == tenant and all(row[one] == value for one, value in key.items())
    )


def _sorted(rows: list[Row]) -> list[str]:
    return sorted(repr(sorted(row.items(), key=lambda item: item[0])) for row in rows)
