"""The worked numbers of metrics.md, held by the Python reference; the models have their own."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.reference import (
    Criterion,
    adjust,
    change,
    evaluate,
    failure_rate,
    is_mismatch,
    published,
    wilson,
)

SEVENTY = Fraction(7, 10)
SAMPLE = (
    Criterion("passed"),
    Criterion("failed"),
    Criterion("passed"),
    Criterion("passed", Fraction(1, 2), is_required=False),
    Criterion("failed"),
)
CLAIM = {"total": Fraction(5, 2), "maximum": Fraction(7, 2), "percentage": Fraction(71)}


def test_golden_1_the_sample() -> None:
    found = evaluate(SAMPLE, SEVENTY)
    assert published(found.score) == 0.555555556
    assert (found.earned, found.possible) == (Fraction(5, 2), Fraction(9, 2))
    assert found.has_passed is False
    assert found.pass_rate == Fraction(3, 5)
    assert is_mismatch(found, **CLAIM) is True


@pytest.mark.parametrize("is_critical", [False, True])
def test_golden_2_not_applicable_leaves_both_sides(is_critical: bool) -> None:
    last = replace(SAMPLE[-1], result="not_applicable", is_critical=is_critical)
    found = evaluate((*SAMPLE[:-1], last), SEVENTY)
    assert published(found.score) == 0.714285714
    assert found.has_passed is True
    assert found.pass_rate == Fraction(3, 4)
    assert is_mismatch(found, **CLAIM) is False


def test_golden_3_a_critical_failure_zeroes_the_form_and_keeps_the_score() -> None:
    found = evaluate((*SAMPLE[:-1], replace(SAMPLE[-1], is_critical=True)), SEVENTY)
    assert published(found.score) == 0.555555556
    assert (found.final, found.has_passed, found.critical_score) == (0, False, 0)


def test_golden_4_nothing_applicable_is_unknown_and_never_zero() -> None:
    found = evaluate([replace(one, result="not_applicable") for one in SAMPLE], SEVENTY)
    assert (found.status, found.score, found.final) == ("nothing_applicable", None, None)
    assert found.has_passed is None
    assert failure_rate(["not_applicable"]) == (0, 0, None)


def test_golden_5_all_failed_and_all_passed_are_two_calls() -> None:
    scores = [
        evaluate([replace(one, result=word) for one in SAMPLE], SEVENTY).score
        for word in ("failed", "passed")
    ]
    assert scores == [0, 1]
    assert failure_rate(["failed", "passed"]) == (1, 2, Fraction(1, 2))


def test_golden_6_equal_to_the_threshold_passes() -> None:
    exactly = [Criterion("passed", Fraction(21, 10)), Criterion("failed", Fraction(9, 10))]
    assert evaluate(exactly, SEVENTY).has_passed is True


def test_an_unanswered_required_criterion_leaves_the_score_out() -> None:
    unanswered = replace(SAMPLE[2], result="not_answered")
    found = evaluate((*SAMPLE[:2], unanswered, *SAMPLE[3:]), SEVENTY)
    assert published(found.assessed_share) == 0.777777778
    assert found.has_place_in_score_figures is False


def test_a_scored_criterion_without_weight_gives_no_score() -> None:
    found = evaluate((*SAMPLE, Criterion("passed", None)), SEVENTY)
    assert (found.status, found.score) == ("missing_weight", None)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (12, 80, 0.087940405, 0.244132286),
        (0, 1, 0, 0.793450686),
        (1, 1, 0.206549314, 1),
        (0, 10, 0, 0.2775328),
        (3, 4, 0.300641843, 0.954412739),
        (30, 40, 0.598060386, 0.858128814),
        (5, 20, 0.111861701, 0.468700878),
    ],
)
def test_wilson_intervals(k: int, n: int, low: float, high: float) -> None:
    bounds = wilson(k, n)
    assert bounds is not None
    assert [published(bound) for bound in bounds] == [low, high]


def test_changes_are_adjusted_for_each_other() -> None:
    windows = {
        "empathy": ((40, 200), (66, 210)),
        "resolution": ((30, 200), (52, 210)),
        "identity": ((10, 200), (4, 210)),
        "closing": ((50, 200), (61, 210)),
        "greeting": ((12, 200), (14, 210)),
    }
    tests = [change(*window) for window in windows.values()]
    assert [round(z, 6) for z, _ in filter(None, tests)] == [
        2.641915,
        2.470059,
        -1.725039,
        0.921975,
        0.276868,
    ]
    adjusted = adjust([p for _, p in filter(None, tests)])
    assert [round(p, 6) for p in adjusted] == [0.033773, 0.033773, 0.140867, 0.445677, 0.781881]
    assert change((1, 3), (2, 4)) is None


CRITERIA = st.builds(
    Criterion,
    result=st.sampled_from(["passed", "failed", "not_applicable", "not_answered"]),
    weight=st.none() | st.integers(1, 99999).map(lambda tens: Fraction(tens, 10000)),
    is_required=st.booleans(),
    is_critical=st.booleans(),
    is_known=st.booleans(),
)


@given(st.lists(CRITERIA, max_size=8), st.integers(0, 8), st.integers(1, 9))
def test_not_applicable_anywhere_and_any_scale_change_no_score(
    criteria: list[Criterion], place: int, scale: int
) -> None:
    score = evaluate(criteria, SEVENTY).score
    added = [*criteria[:place], Criterion("not_applicable"), *criteria[place:]]
    scaled = [replace(one, weight=one.weight and one.weight * scale) for one in criteria]
    assert evaluate(added, SEVENTY).score == score
    assert evaluate(scaled, SEVENTY).score == score


@given(st.lists(CRITERIA, max_size=8))
def test_the_final_score_never_exceeds_the_score(criteria: list[Criterion]) -> None:
    found = evaluate(criteria, SEVENTY)
    if found.score is not None and found.final is not None:
        assert found.final <= found.score


@given(st.integers(0, 300), st.integers(1, 300))
def test_a_rate_lies_in_its_interval(k: int, n: int) -> None:
    bounds = wilson(min(k, n), n)
    assert bounds is not None
    assert bounds[0] - 1e-12 <= min(k, n) / n <= bounds[1] + 1e-12


@given(st.lists(st.floats(0, 1), max_size=10))
def test_adjusting_keeps_the_order_and_never_lowers(p_values: list[float]) -> None:
    adjusted = adjust(p_values)
    assert all(after >= before - 1e-12 for before, after in zip(p_values, adjusted, strict=True))
    by_p = sorted(range(len(p_values)), key=lambda place: p_values[place])
    assert all(adjusted[a] <= adjusted[b] for a, b in pairwise(by_p))
