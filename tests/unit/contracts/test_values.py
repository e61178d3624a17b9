"""A loose value is read as what it can only mean, or refused with a word that names why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts import values
from contracts.final_call import DOCUMENT
from contracts.summary_values import outcome_word, read_action_items
from contracts.values import Reading


@pytest.mark.parametrize(
    ("given", "number", "repair"),
    [
        (0, 0, None),
        (3.5, 3.5, None),
        ("3.5", 3.5, "number_text"),
        ("+71 %", 71, "number_text"),
        ("-2", -2, "number_text"),
        ("", None, None),
        ("n/a", None, None),
    ],
)
def test_numbers(given: object, number: float | None, repair: str | None) -> None:
    reading = Reading()
    assert values.read_number(given, "x", reading) == number
    assert reading.repairs == ({repair} if repair else set())
    assert reading.problems == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("many", "not_a_number_text"),
        ("1e5", "not_a_number_text"),
        (True, "wrong_type"),
        ([1], "wrong_type"),
        ("9" * 400, "out_of_range"),
    ],
)
def test_what_is_no_number_is_refused_and_kept_in_extra(given: object, reason: str) -> None:
    reading = Reading()
    assert values.read_number(given, "a.b", reading) is None
    assert [(problem.path, problem.reason) for problem in reading.problems] == [("a.b", reason)]
    assert reading.extra == {"a.b": given}


@pytest.mark.parametrize(
    ("given", "result", "raw"),
    [
        (True, "passed", "true"),
        (False, "failed", "false"),
        (1, "passed", "1"),
        (0, "failed", "0"),
        (" Yes ", "passed", " Yes "),
        ("MET", "passed", "MET"),
        ("not met", "failed", "not met"),
        ("N/A", "not_applicable", "N/A"),
        ("na", "not_applicable", "na"),
        ("perhaps", "not_answered", "perhaps"),
        (None, "not_answered", None),
    ],
)
def test_pitfall_51_an_unknown_result_is_not_answered_never_failed(
    given: object, result: str, raw: str | None
) -> None:
    assert values.read_result(given, Reading()) == (result, raw)


@pytest.mark.parametrize(
    ("given", "boolean", "problems"),
    [("Yes", True, 0), ("no", False, 0), (True, True, 0), ("n/a", None, 0), ("maybe", None, 1)],
)
def test_booleans(given: object, boolean: bool | None, problems: int) -> None:
    reading = Reading()
    assert values.read_boolean(given, "x", reading) is boolean
    assert len(reading.problems) == problems


@pytest.mark.parametrize(
    ("given", "time", "reason"),
    [
        ("2026-01-30T12:00:00Z", "2026-01-30T12:00:00Z", None),
        ("2026-01-30T12:00:00.123999+00:00", "2026-01-30T12:00:00.123Z", None),
        ("2026-01-30", "2026-01-30T00:00:00Z", None),
        ("", None, None),
        ("1999-12-31T23:59:59Z", None, "implausible_time"),
        ("2026-02-02T00:00:01Z", None, "implausible_time"),
        ("yesterday", None, "wrong_type"),
        (1769774400, None, "wrong_type"),
        ("0001-01-01T00:00:00+14:00", None, "wrong_type"),
    ],
)
def test_times(given: object, time: str | None, reason: str | None) -> None:
    written = datetime(2026, 2, 1, tzinfo=UTC)
    reading = Reading(latest=values.plausible_until(written))
    assert values.read_time(given, "x", reading) == time
    assert [problem.reason for problem in reading.problems] == ([reason] if reason else [])


@pytest.mark.parametrize("given", ["My name is Alice", "a" * 41, ["Alice"], {"name": "Alice"}])
def test_a_problem_never_repeats_what_was_said(given: object) -> None:
    reading = Reading()
    reading.refuse("x", "wrong_type", given)
    assert "Alice" not in reading.problems[0].detail
    assert len(reading.problems[0].detail) <= 200


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        ("Resolved on call", "resolved"),
        ("UNRESOLVED", "unresolved"),
        ("Not resolved.", "unresolved"),
        ("fixed", "resolved"),
        ("Follow-up", "follow_up"),
        ("followup", "follow_up"),
        ("Callback", "follow_up"),
        ("Escalated to manager", "escalated"),
        ("Transfer", "transferred"),
        ("The customer hung up", "other"),
        ("...", None),
        (None, None),
    ],
)
def test_pitfall_40_an_outcome_in_words_has_one_word(raw: str | None, word: str | None) -> None:
    assert outcome_word(raw) == word


@pytest.mark.parametrize(
    ("given", "items", "is_repaired"),
    [
        (None, [], False),
        (["Email", " "], [("Email", None)], False),
        ("1. Email\n2. Call", [("Email", None), ("Call", None)], True),
        ("- Email\n\u2022 Call", [("Email", None), ("Call", None)], True),
        ("Email the invoice", [("Email the invoice", None)], True),
        ([{"task": "Email", "assignee": "101"}], [("Email", "101")], True),
        ([{"text": "Email", "owner": None}], [("Email", None)], False),
        ([{"due": "Friday"}], [], False),
        (7, [], False),
    ],
)
def test_action_items_have_one_form(
    given: Any, items: list[tuple[str, str | None]], is_repaired: bool
) -> None:
    reading = Reading()
    found = read_action_items(given, "x", reading)
    assert [(item["text"], item["owner"]) for item in found] == items
    assert ("action_items_form" in reading.repairs) is is_repaired


def test_nothing_read_from_nothing_is_a_whole_document_of_unknowns() -> None:
    found = DOCUMENT.read({}, "", Reading())
    assert found is not None
    assert found["call"]["agent"] == {"agent_id": None, "team": None}
    assert found["transcript"]["turns"] == []
    assert found["evaluations"] == []


def test_a_refused_value_that_may_be_somebodys_number_is_not_told() -> None:
    reading = Reading()
    reading.refuse("call.direction", "unknown_word", "+441632960001")
    reading.refuse("call.direction", "unknown_word", "sideways")
    assert [problem.detail for problem in reading.problems] == ["str of length 13", "sideways"]
