"""How results become verdicts: worst wins, and nothing silent is a pass."""

import json
from dataclasses import replace
from typing import Any

import pytest

from contracts.datasets import dataset_named
from contracts.verdicts import Status, Verdict, worst
from expectations.judgement import Run, Subject, for_tenant, judge_dataset, tenant_status
from expectations.ports import ItemResult, Outcome
from expectations.report import failed_items, render_report
from expectations.suite_files import Item, Severity, Suite
from expectations.verdict_files import render_verdicts, say_the_same
from tests.support.mart_rows import RUN_ID, good_rows, table_of

RUN = Run(RUN_ID, "2026-01-30T02:00:00Z", "1", {}, lambda: 0.0)
CALLS = dataset_named("fct_calls")
TABLE = table_of("fct_calls", good_rows("fct_calls"))


def suite(severity: Severity = "critical") -> dict[str, Suite]:
    item = Item("claim", "some_type", {}, severity, "data", "It matters.", "Mend it.")
    return {"fct_calls": Suite("fct_calls", (item,))}


def answering(outcome: Outcome, **more: Any) -> Any:
    def judge(suite: Suite, *_: Any) -> tuple[ItemResult, ...]:
        return tuple(
            ItemResult(item, outcome if item.id == "claim" else "passed", **more)
            for item in suite.items
        )

    return judge


def verdicts(judge: Any, severity: Severity = "critical", **changes: Any) -> list[Verdict]:
    subject = replace(Subject("acme", CALLS, TABLE, "hash"), **changes)
    return judge_dataset(subject, suite(severity), judge, RUN, holds_calls=True)


@pytest.mark.parametrize(
    ("outcome", "severity", "status"),
    [
        ("passed", "critical", "PASS"),
        ("failed", "critical", "FAIL"),
        ("failed", "warning", "WARN"),
        ("failed", "info", "PASS"),
        ("crashed", "critical", "ERROR"),
        ("crashed", "warning", "ERROR"),
        ("crashed", "info", "ERROR"),
    ],
)
def test_the_severity_decides_what_a_failure_does_and_a_crash_always_blocks(
    outcome: Outcome, severity: Severity, status: Status
) -> None:
    whole, *_ = verdicts(answering(outcome), severity)
    assert (whole.expectation_id, whole.status) == ("*", status)


def test_a_result_that_does_not_come_back_is_an_error() -> None:
    whole, *_ = verdicts(lambda *_: ())
    assert whole.status == "ERROR"


def test_a_result_nobody_asked_for_is_a_bug() -> None:
    stranger = Item("stranger", "t", {}, "info", "data", "w", "d")
    with pytest.raises(RuntimeError, match="stranger"):
        verdicts(lambda *_: (ItemResult(stranger, "passed"),))


def test_a_dataset_without_a_suite_is_an_error() -> None:
    subject = Subject("acme", dataset_named("rpt_qa_daily"), TABLE)
    assert judge_dataset(subject, suite(), answering("passed"), RUN, holds_calls=True)[
        0
    ].status == ("ERROR")


def test_a_dataset_that_could_not_be_read_says_why() -> None:
    (whole,) = verdicts(answering("passed"), problem="fct_calls is not built")
    assert (whole.status, whole.what_to_do) == ("ERROR", "fct_calls is not built")


@pytest.mark.parametrize(("holds_calls", "status"), [(True, "FAIL"), (False, "PASS")])
def test_an_empty_frame_fails_exactly_where_the_ledger_holds_calls(
    holds_calls: bool, status: Status
) -> None:
    for table in (None, TABLE.slice(0, 0)):
        subject = Subject("acme", CALLS, table)
        (whole,) = judge_dataset(
            subject, suite(), answering("passed"), RUN, holds_calls=holds_calls
        )
        assert whole.status == status


def test_a_dataset_without_its_verdict_row_fails_its_tenant() -> None:
    found = verdicts(answering("passed"))
    assert tenant_status(found, ["fct_calls"]) == "PASS"
    assert tenant_status(found, ["fct_calls", "fct_evaluations"]) == "FAIL"
    assert tenant_status([], []) == "FAIL"


def test_worst_wins() -> None:
    assert worst(["PASS", "ERROR", "FAIL", "WARN"]) == "ERROR"


def test_the_whole_row_says_which_claim_failed_why_and_what_to_do() -> None:
    whole, *_ = verdicts(answering("failed", element_count=3, unexpected_count=2))
    assert (whole.observed, whole.why, whole.what_to_do, whole.unexpected_count) == (
        "claim",
        "It matters.",
        "Mend it.",
        2,
    )


def test_a_shared_verdict_keeps_the_keys_of_its_own_tenant_only() -> None:
    keys = json.dumps([{"tenant_id": "acme", "user_name": "a"}, {"tenant_id": "acme-uk"}])
    whole, *_ = verdicts(answering("passed"))
    (own,) = for_tenant([replace(whole, example_keys=keys)], "acme")
    (other,) = for_tenant([replace(whole, example_keys=keys)], "globex")
    assert json.loads(own.example_keys or "") == [{"tenant_id": "acme", "user_name": "a"}]
    assert (other.tenant_id, other.example_keys) == ("globex", None)


def test_stored_rows_say_the_same_whatever_the_run_and_not_when_a_count_differs() -> None:
    found = verdicts(answering("failed", element_count=3, unexpected_count=2))
    later = [replace(v, run_id="x", recorded_at="2026-02-01T00:00:00Z") for v in found]
    stored = render_verdicts(found)
    assert say_the_same(later, stored)
    assert not say_the_same([replace(v, unexpected_count=1) for v in later], stored)
    assert not say_the_same(later, None)


def test_the_page_shows_failed_claims_first_calls_nobody_and_escapes() -> None:
    found = verdicts(answering("failed", observed="<script>alert(1)</script>"))
    page = render_report(RUN_ID, RUN.recorded_at, found).decode()
    assert "held back" in page
    assert "<script" not in page
    assert "://" not in page
    assert page.index("fct_calls.claim") < page.index("expectations</th>")
    assert [verdict.expectation_id for verdict in failed_items(found)] == ["claim"]
