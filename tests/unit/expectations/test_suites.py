"""Every critical expectation has a broken row that exactly it notices; good rows pass all."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from contracts.datasets import DATASETS, dataset_named
from expectations import gate
from expectations.runner import Runner
from expectations.suite_files import parse_suite, read_suites, with_key
from tests.support.mart_rows import PARAMETERS, good_rows, table_of
from tests.support.mart_types import TYPES

SUITES = read_suites()
CHECKS = {check.name: check for check in gate.CHECKS}

# dataset, expectation, what is changed in the first good row (a list: one change per row)
BROKEN: list[tuple[str, str, Any]] = [
    ("rls_rules", "tenant_is_one_whole_id", {"tenant_id": "acme,acme-uk"}),
    ("rls_rules", "tenant_is_one_whole_id", {"tenant_id": "acme\n"}),
    ("rls_rules", "key_tenant_id_not_null", {"tenant_id": None}),
    ("rls_rules", "tenant_is_active", {"is_active": False}),
    ("rls_rules", "exactly_one_of_user_and_group", {"names_count": 2}),
    ("rls_rules", "exactly_one_of_user_and_group", {"names_count": 0}),
    ("rls_rules", "user_name_is_plain", {"user_name": "a,b"}),
    ("rls_rules", "group_name_is_plain", {"group_name": "tenant acme"}),
    ("rls_rules", "rules_fit_quicksight", {"rules_count": 1000}),
    ("fct_calls", "key_call_id_not_null", {"call_id": None}),
    ("fct_calls", "key_call_id_not_blank", {"call_id": " "}),
    ("fct_calls", "key_is_unique", {"call_id": "g2-0123456789"}),
    ("fct_calls", "started_at_plausible", {"started_at": datetime(2026, 2, 2)}),  # noqa: DTZ001
    ("fct_calls", "started_at_plausible", {"started_at": datetime(1999, 12, 31)}),  # noqa: DTZ001
    ("fct_calls", "duration_within_a_day", {"duration_seconds": 183400.0}),
    ("fct_calls", "duration_within_a_day", {"duration_seconds": float("nan")}),
    ("fct_calls", "direction_in_words", {"direction": "in"}),
    ("fct_calls", "outcome_in_words", {"outcome": "happy"}),
    ("fct_calls", "outcome_in_words_not_null", {"outcome": None}),
    ("fct_calls", "sentiment_label_in_words", {"sentiment_label": "POSITIVE"}),
    ("fct_calls", "redaction_status_in_words", {"redaction_status": "y", "is_pii_redacted": None}),
    ("fct_calls", "parse_status_in_words", {"parse_status": "good"}),
    ("fct_calls", "parse_status_in_words_not_null", {"parse_status": None}),
    ("fct_calls", "tone_score_in_range", {"tone_score": 101.0}),
    ("fct_calls", "sentiment_positive_score_is_a_fraction", {"sentiment_positive_score": 12.0}),
    ("fct_calls", "sentiment_negative_score_is_a_fraction", {"sentiment_negative_score": -0.1}),
    ("fct_calls", "coverage_is_a_fraction", {"coverage_fraction": 1.1}),
    ("fct_calls", "agent_talk_is_a_fraction", {"agent_talk_fraction": 1.2}),
    ("fct_calls", "score_is_a_fraction", {"score_fraction": 55.56}),
    ("fct_calls", "redaction_flag_means_redacted", {"redaction_status": "failed"}),
    ("fct_evaluations", "key_evaluation_id_not_null", {"evaluation_id": None}),
    ("fct_evaluations", "score_is_a_fraction", {"score_fraction": 55.0}),
    ("fct_evaluations", "final_score_is_a_fraction", {"final_score_fraction": 1.5}),
    ("fct_evaluations", "threshold_is_a_fraction", {"pass_threshold_fraction": Decimal(70)}),
    ("fct_evaluations", "threshold_is_a_fraction", {"pass_threshold_fraction": Decimal(0)}),
    (
        "fct_evaluations",
        "critical_failure_zeroes_the_final_score",
        {"has_critical_failure": True},
    ),
    (
        "fct_evaluations",
        "critical_failure_never_passes",
        {"has_critical_failure": True, "final_score_fraction": 0.0, "has_passed": True},
    ),
    ("fct_evaluations", "uncounted_rows_count_nothing", {"is_counted": False}),
    ("fct_evaluations", "scored_rows_have_a_score", {"score_fraction": None}),
    (
        "fct_criterion_results",
        "result_in_words",
        {"result": "yes", "passed_count": 0, "scored_count": 0, "is_counted": False},
    ),
    (
        "fct_criterion_results",
        "result_in_words_not_null",
        {"result": None, "passed_count": 0, "scored_count": 0},
    ),
    ("fct_criterion_results", "weight_is_positive", {"weight": Decimal(0)}),
    ("fct_criterion_results", "passed_has_evidence", {"is_evidence_verified": False}),
    ("fct_criterion_results", "passed_has_evidence_not_null", {"is_evidence_verified": None}),
    ("fct_criterion_results", "passed_and_failed_are_scored", {"scored_count": 0}),
    ("fct_criterion_results", "passed_count_follows_result", {"result": "failed"}),
    (
        "fct_criterion_results",
        "failed_count_follows_result",
        {"passed_count": 0, "failed_count": 1},
    ),
    ("fct_criterion_results", "uncounted_rows_count_nothing", {"is_counted": False}),
    ("fct_criterion_results", "earned_within_possible", {"earned_weight": Decimal(2)}),
    ("rpt_criterion_failure_rates", "window_in_words", {"window": "7_days"}),
    ("rpt_criterion_failure_rates", "parts_add_up", {"passed_count": 60}),
    ("rpt_criterion_failure_rates", "fraction_is_failed_over_scored", {"failure_fraction": 0.16}),
    ("rpt_criterion_failure_rates", "fraction_is_there_with_data", {"failure_fraction": None}),
    (
        "rpt_criterion_failure_rates",
        "fraction_is_null_without_data",
        {"scored_count": 0, "passed_count": 0, "failed_count": 0, "is_below_minimum_n": True},
    ),
    ("rpt_criterion_failure_rates", "fraction_within_interval", {"failure_low_fraction": 0.151}),
    ("rpt_criterion_failure_rates", "interval_within_bounds", {"failure_high_fraction": 1.01}),
    ("rpt_criterion_failure_rates", "minimum_n_agrees_with_n", {"is_below_minimum_n": True}),
    (
        "rpt_qa_daily",
        "scored_within_counted",
        {"counted_count": 2},
    ),
    ("rpt_qa_daily", "passed_within_scored", {"passed_count": 4}),
    ("rpt_qa_daily", "critical_failures_within_counted", {"critical_failure_count": 5}),
    ("rpt_qa_daily", "mean_is_a_fraction", {"mean_final_score_fraction": 75.0}),
    ("rpt_qa_daily", "mean_is_null_without_data", {"scored_count": 0, "passed_count": 0}),
    ("rpt_qa_daily", "mean_is_there_with_data", {"mean_final_score_fraction": None}),
    ("rpt_sentiment_daily", "labels_add_up", {"mixed_count": 2}),
    ("rpt_sentiment_daily", "labelled_within_calls", {"labelled_count": 6, "neutral_count": 3}),
    ("rpt_sentiment_daily", "toned_within_calls", {"toned_count": 6}),
    ("rpt_sentiment_daily", "mean_tone_in_range", {"tone_sum": Decimal(201)}),
    ("rpt_sentiment_daily", "tone_is_null_without_data", {"toned_count": 0, "tone_sum": 0}),
    ("check_conservation", "every_call_is_somewhere", {"difference_count": 1}),
    ("check_conservation", "flattened_calls_are_in_the_mart", {"missing_from_mart_count": 1}),
    ("check_conservation", "calls_of_the_mart_are_in_the_ledger", {"unledgered_count": 1}),
    ("check_keys", "no_key_stands_twice", {"duplicate_keys_count": 1}),
    ("check_keys", "no_row_lacks_its_parent", {"orphans_count": 1}),
    ("check_tenants", "tenant_is_registered", {"is_registered": False}),
    ("check_tenants", "calls_are_the_tenants_own", {"foreign_calls_count": 1}),
    ("check_scores", "score_equals_recomputation", {"score_difference": 1.1e-9}),
    ("check_scores", "final_score_equals_recomputation", {"final_difference": 0.5}),
    ("check_scores", "score_is_null_exactly_if_nothing_is_scorable", {"has_other_nulls": True}),
    ("check_scores", "pass_equals_recomputation", {"has_other_pass": True}),
]  # fmt: skip


BROKEN += [
    (check, item.id, {item.kwargs["column"]: None})
    for check in CHECKS
    for item in SUITES[check].items
    if item.id.endswith("_not_null")
]

# Broken rows of a dataset are judged in one frame, told apart by a name in this key column; one
# that is broken in that very column is judged alone.
MARKS = {
    "rls_rules": "group_name",
    "fct_calls": "call_id",
    "fct_evaluations": "evaluation_id",
    "fct_criterion_results": "evaluation_id",
    "rpt_criterion_failure_rates": "criterion_id",
    "rpt_qa_daily": "form_name",
    "rpt_sentiment_daily": "queue",
    "check_conservation": "call_date",
    "check_keys": "dataset",
    "check_tenants": "call_month",
    "check_scores": "evaluation_id",
}


def _failed(
    judge: Runner, dataset: str, rows: list[dict[str, Any]]
) -> list[tuple[str, str | None]]:
    """Return (expectation, mark) of every row that a critical expectation refuses."""
    frame = table_of(dataset, rows, None if dataset == "rls_rules" else "acme")
    texts = [name for name, kind in TYPES[dataset].items() if str(kind) == "string"]
    key = CHECKS[dataset].key if dataset in CHECKS else dataset_named(dataset).key
    suite = with_key(SUITES[dataset], key, texts)
    results = judge(suite, frame, key, PARAMETERS)
    assert [result for result in results if result.outcome == "crashed"] == []
    return [
        (result.item.id, example[MARKS[dataset]])
        for result in results
        if result.outcome == "failed" and result.item.severity == "critical"
        for example in result.example_keys
    ]


@pytest.fixture(scope="module")
def together(judge: Runner) -> Callable[[str], list[tuple[str, str | None]]]:
    @cache
    def failures(dataset: str) -> list[tuple[str, str | None]]:
        good, mark = good_rows(dataset), MARKS[dataset]
        marked = [
            {**good[0], mark: f"case-{number}", **change}
            for number, (name, _, change) in enumerate(BROKEN)
            if name == dataset and mark not in change
        ]
        return _failed(judge, dataset, [*good, *marked])

    return failures


@pytest.mark.parametrize("dataset", sorted(SUITES))
def test_good_rows_pass_every_expectation(judge: Runner, dataset: str) -> None:
    assert _failed(judge, dataset, good_rows(dataset)) == []


@pytest.mark.parametrize(
    "number", range(len(BROKEN)), ids=lambda number: "{}.{}".format(*BROKEN[number][:2])
)
def test_exactly_one_critical_expectation_notices_a_broken_row(
    judge: Runner, together: Callable[[str], list[tuple[str, str | None]]], number: int
) -> None:
    dataset, expectation, change = BROKEN[number]
    if MARKS[dataset] in change:
        first, *others = good_rows(dataset)
        failures = _failed(judge, dataset, [{**first, **change}, *others])
        assert {name for name, _ in failures} == {expectation}
    else:
        noticed = [name for name, mark in together(dataset) if mark == f"case-{number}"]
        assert noticed == [expectation]


def test_every_critical_expectation_has_a_broken_row() -> None:
    broken = {(dataset, expectation) for dataset, expectation, _ in BROKEN}
    for name, suite in SUITES.items():
        critical = {(name, item.id) for item in suite.items if item.severity == "critical"}
        assert critical <= broken, f"{name}: no broken row for {sorted(critical - broken)}"


def test_every_dataset_and_check_has_a_suite_and_every_suite_a_dataset() -> None:
    assert set(SUITES) == {each.name for each in (*DATASETS, *gate.CHECKS)}


def test_every_owner_is_a_role_of_the_owners_page(repository: Path) -> None:
    page = (repository / "docs" / "owners.md").read_text()
    for suite in SUITES.values():
        for item in suite.items:
            assert f"`{item.owner}`" in page, f"{suite.name}.{item.id}: nobody owns it"


def test_generated_structure_suites_are_suites(repository: Path) -> None:
    folder = repository / "expectations" / "suites" / "generated"
    for file in sorted(folder.glob("*.yml")):
        assert parse_suite(file.read_text(), file.stem).items
