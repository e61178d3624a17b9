"""The cross-dataset frames, for two tenants that have the same call ids."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from contracts.datasets import dataset_named
from contracts.ledger import State
from contracts.run_manifests import RunPartition
from contracts.tenant import parse_tenant
from expectations.checks import (
    Tenant,
    check_conservation,
    check_keys,
    check_scores,
    check_tenants,
    rules_frame,
)
from expectations.content_hash import hash_content
from expectations.frames import Frame
from tests.support.mart_rows import good_rows, table_of

BUILT_AT = "2026-01-30T01:00:00Z"
ACME = parse_tenant("acme")


def frame(dataset: str, rows: list[dict[str, Any]], tenant: str = "acme") -> Frame:
    table = table_of(dataset, rows, tenant)
    months = pa.array(["2026-01"] * table.num_rows)
    part = RunPartition(dataset, "2026-01", "build/", (), table.num_rows, "hash")
    return Frame(
        dataset_named(dataset),
        tenant,
        table.append_column("call_month", months),
        tuple(name for name in table.column_names if name != "tenant_id"),
        (part,),
    )


def call(call_id: str, state: State = State.FLATTENED, at: str = "2026-01-30T00:30:00Z") -> Any:
    times = {"FLATTENED": at} if state in (State.FLATTENED, State.PUBLISHED) else {}
    return {
        "pk": "TENANT#acme",
        "sk": f"CALL#{call_id}",
        "state": state.value,
        "day": "2026-01-29",
    } | {"at": times}


def tenant(*calls: Mapping[str, Any]) -> Tenant:
    return Tenant(ACME, "active", calls)


IDS = [row["call_id"] for row in good_rows("fct_calls")]
CALLS = frame("fct_calls", good_rows("fct_calls"))


def the_day(table: pa.Table) -> dict[str, Any]:
    (row,) = table.to_pylist()
    return dict(row)


def test_a_flattened_call_that_the_mart_lacks_is_named() -> None:
    known = [*map(call, IDS), call("lost-1"), call("held-1", State.QUARANTINED)]
    row = the_day(check_conservation(tenant(*known), CALLS, BUILT_AT))
    assert (row["missing_from_mart_count"], row["example_call_id"]) == (1, "lost-1")
    assert (row["received_count"], row["difference_count"], row["unledgered_count"]) == (5, 0, 0)


def test_a_call_flattened_after_the_marts_were_built_is_not_missed() -> None:
    late = call("late-1", at=BUILT_AT)
    row = the_day(check_conservation(tenant(*map(call, IDS), late), CALLS, BUILT_AT))
    assert row["missing_from_mart_count"] == 0


def test_a_call_in_the_mart_that_nobody_received_or_that_was_erased_is_named() -> None:
    known = [call(IDS[0]), call(IDS[1], State.ERASED)]
    row = the_day(check_conservation(tenant(*known), CALLS, BUILT_AT))
    assert (row["unledgered_count"], row["example_call_id"]) == (2, IDS[1])


def test_a_correction_on_its_way_keeps_its_older_rows() -> None:
    travelling = {**call(IDS[2]), "state": "FINAL", "published_run_id": "r"}
    row = the_day(check_conservation(tenant(*map(call, IDS[:2]), travelling), CALLS, BUILT_AT))
    assert (row["unledgered_count"], row["missing_from_mart_count"]) == (0, 0)


def test_results_without_their_evaluation_and_repeated_keys_are_counted() -> None:
    evaluations = frame("fct_evaluations", good_rows("fct_evaluations"))
    rows = good_rows("fct_criterion_results")
    results = frame("fct_criterion_results", [*rows, rows[0], {**rows[0], "evaluation_id": "gone"}])
    frames = {"fct_calls": CALLS, "fct_evaluations": evaluations, "fct_criterion_results": results}
    counts = {row["dataset"]: row for row in check_keys(tenant(), frames).to_pylist()}
    assert counts["fct_criterion_results"]["duplicate_keys_count"] == 1
    assert counts["fct_criterion_results"]["orphans_count"] == 1
    assert counts["fct_evaluations"]["orphans_count"] == 0


def test_calls_of_another_tenants_ledger_are_foreign() -> None:
    (row,) = check_tenants(tenant(call(IDS[0])), {"fct_calls": CALLS}).to_pylist()
    assert (row["foreign_calls_count"], row["is_registered"]) == (2, True)
    nobody = Tenant(ACME, None, ())
    (row,) = check_tenants(nobody, {"fct_calls": CALLS}).to_pylist()
    assert row["is_registered"] is False


def scores(evaluation: dict[str, Any], *criteria: dict[str, Any]) -> dict[str, Any]:
    base, result = good_rows("fct_evaluations")[0], good_rows("fct_criterion_results")[0]
    rows = [{**result, "criterion_id": f"c{n}", **each} for n, each in enumerate(criteria)]
    return the_day(
        check_scores(
            tenant(),
            frame("fct_evaluations", [{**base, **evaluation}]),
            frame("fct_criterion_results", rows),
        )
    )


PASSED: dict[str, Any] = {"result": "passed", "credit_fraction": 1.0}
FAILED: dict[str, Any] = {"result": "failed", "credit_fraction": 0.0}
OPEN: dict[str, Any] = {"result": "not_applicable", "credit_fraction": None}
HALF = {"weight": Decimal("0.5")}


def test_golden_case_1_the_sample_scores_five_ninths_and_does_not_pass() -> None:
    sample = (PASSED, FAILED, PASSED, PASSED | HALF, FAILED)
    right = {"score_fraction": 0.555555556, "final_score_fraction": 0.555555556}
    row = scores(right, *sample)
    assert row["score_difference"] <= 1e-9
    assert row["final_difference"] <= 1e-9
    assert not row["has_other_pass"]
    assert scores(right | {"has_passed": True}, *sample)["has_other_pass"]
    wrong = scores({"score_fraction": 2.5 / 3.5, "final_score_fraction": 2.5 / 3.5}, *sample)
    assert wrong["score_difference"] > 0.1


def test_golden_case_4_nothing_applicable_must_have_no_score() -> None:
    none: dict[str, Any] = {
        "score_fraction": None,
        "final_score_fraction": None,
        "has_passed": None,
    }
    assert not scores(none, OPEN, OPEN)["has_other_nulls"]
    assert scores(none | {"score_fraction": 0.0}, OPEN)["has_other_nulls"]


def test_golden_case_6_a_score_at_the_threshold_passes_exactly() -> None:
    at = {"score_fraction": 0.7, "final_score_fraction": 0.7, "has_passed": True}
    weights = [{**PASSED, "weight": Decimal("2.1")}, {**FAILED, "weight": Decimal("0.9")}]
    assert not scores(at, *weights)["has_other_pass"]
    assert scores(at | {"has_passed": False}, *weights)["has_other_pass"]


def test_golden_case_3_a_critical_failure_makes_the_final_score_zero() -> None:
    critical = {**FAILED, "is_critical": True}
    stored: dict[str, Any] = {"score_fraction": 0.5, "final_score_fraction": 0.0}
    assert scores(stored, PASSED, critical)["final_difference"] == 0
    assert (
        scores(stored | {"final_score_fraction": 0.5}, PASSED, critical)["final_difference"] == 0.5
    )


def test_an_unknown_criterion_and_a_providers_own_score_are_left_out() -> None:
    stored: dict[str, Any] = {
        "score_fraction": 1.0,
        "final_score_fraction": 1.0,
        "has_passed": True,
    }
    unknown = {**FAILED, "is_unknown_criterion": True}
    assert scores(stored, PASSED, unknown)["score_difference"] == 0
    base = {**good_rows("fct_evaluations")[0], "score_status": "provider_score"}
    assert check_scores(tenant(), frame("fct_evaluations", [base]), None).num_rows == 0


def test_rules_are_told_whom_they_name_and_how_many_there_are() -> None:
    rows = [
        {"user_name": "lead", "group_name": None, "tenant_id": "acme"},
        {"user_name": "lead", "group_name": None, "tenant_id": "nobody"},
        {"user_name": None, "group_name": "", "tenant_id": None},
    ]
    names = ("user_name", "group_name", "tenant_id")
    table = pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})
    rules = Frame(dataset_named("rls_rules"), None, table, names, ())
    found = rules_frame(rules, {ACME: "active"}).to_pylist()
    assert [row["is_active"] for row in found] == [True, False, False]
    assert [row["names_count"] for row in found] == [1, 1, 0]
    assert [row["rules_count"] for row in found] == [2, 2, 1]


def test_the_content_hash_ignores_order_and_the_last_bits_and_nothing_else() -> None:
    names = ["name", "share", "day", "tags"]
    one = pa.table(
        {
            "name": ["a\nb", None, ""],
            "share": [0.1 + 0.2, float("nan"), None],
            "day": [date(2026, 1, 1)] * 3,
            "tags": [["x"], None, []],
        }
    )
    same = pa.table(
        {
            "name": ["", None, "a\nb"],
            "share": [None, float("nan"), 0.3],
            "day": [date(2026, 1, 1)] * 3,
            "tags": [[], None, ["x"]],
        }
    )
    other = same.set_column(0, "name", pa.array(["", "\\N", "a\nb"]))
    assert hash_content(one, names) == hash_content(same, names)
    assert hash_content(one, names) != hash_content(other, names)
    assert hash_content(one.slice(0, 0), names) != hash_content(one, names)
