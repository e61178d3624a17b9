"""Criterion results and weights -> the score of one evaluation.

Source: metrics.md §1. Fractions, because a float puts 0.7 on the wrong side of 0.7; the model
answers questions, this module alone adds up.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

Result = Literal["passed", "failed", "not_applicable", "not_answered"]

RESULTS: tuple[Result, ...] = get_args(Result)


@dataclass(frozen=True, slots=True)
class Scored:
    """One criterion's result with its weight; `credit` (0-1) only where an export grants part."""

    criterion_id: str
    result: Result
    weight: Fraction | None
    is_critical: bool = False
    credit: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """What one evaluation comes to; fractions 0-1, None when there is nothing to divide."""

    score_fraction: Fraction | None
    final_score_fraction: Fraction | None
    has_passed: bool | None
    has_critical_failure: bool
    earned_weight: Fraction
    possible_weight: Fraction


def score(criteria: Sequence[Scored], threshold: Fraction) -> Score:
    """Return the score of an evaluation judged against `threshold`, a fraction above 0 up to 1.

    Scored means passed or failed; the two other words count on neither side. A scored criterion
    without weight gives no score rather than a wrong one. A critical failure makes the final score
    0 and fails the call. Raise ValueError on a repeated criterion: load the document first.
    """
    _refuse_repeats(criteria)
    scored = [item for item in criteria if item.result in ("passed", "failed")]
    has_critical_failure = any(item.is_critical and item.result == "failed" for item in scored)
    possible = sum((item.weight or Fraction(0) for item in scored), Fraction(0))
    earned = sum(((item.weight or 0) * _credit(item) for item in scored), Fraction(0))
    if not possible or any(item.weight is None for item in scored):
        return Score(None, None, None, has_critical_failure, earned, possible)
    fraction = earned / possible
    return Score(
        score_fraction=fraction,
        final_score_fraction=Fraction(0) if has_critical_failure else fraction,
        has_passed=not has_critical_failure and earned >= threshold * possible,
        has_critical_failure=has_critical_failure,
        earned_weight=earned,
        possible_weight=possible,
    )


def rounded(fraction: Fraction | None) -> float | None:
    """Return a fraction as documents and marts carry it: a double rounded to 9 places."""
    return None if fraction is None else float(round(fraction, 9))


def _refuse_repeats(criteria: Sequence[Scored]) -> None:
    counts = Counter(item.criterion_id for item in criteria)
    repeated = sorted(name for name, count in counts.items() if count > 1)
    if repeated:
        raise ValueError(f"criterion {repeated[0]!r} is answered twice; keep its first answer")


def _credit(item: Scored) -> Fraction:
    if item.credit is not None:
        return item.credit
    return Fraction(1) if item.result == "passed" else Fraction(0)
