"""The numbers of metrics.md, computed from that page alone: exact, slow, and independent of SQL.

Fractions throughout; `published` rounds a result to the nine places that marts show.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist

TOLERANCE = Fraction(5, 1000)
MINIMUM_N = 30
FALSE_DISCOVERY_RATE = 0.05
Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Criterion:
    """One criterion of an evaluation; `is_known` says whether its form has it."""

    result: str
    weight: Fraction | None = Fraction(1)
    is_required: bool = True
    is_critical: bool = False
    is_known: bool = True

    @property
    def is_scored(self) -> bool:
        return self.is_known and self.result in ("passed", "failed")


@dataclass(frozen=True)
class Evaluated:
    """What §1 says about one evaluation."""

    status: str
    score: Fraction | None
    final: Fraction | None
    has_passed: bool | None
    earned: Fraction
    possible: Fraction
    assessed_share: Fraction | None
    pass_rate: Fraction | None
    critical_score: Fraction | None
    has_place_in_score_figures: bool


def evaluate(criteria: Sequence[Criterion], threshold: Fraction) -> Evaluated:
    """Return the QA score and its companions for the criteria of one form version."""
    scored = [one for one in criteria if one.is_scored]
    weighed = [one for one in scored if one.weight is not None]
    earned = sum((_weight(one) for one in weighed if one.result == "passed"), Fraction())
    possible = sum((_weight(one) for one in weighed), Fraction())
    asked = sum((_weight(one) for one in criteria if _is_asked(one)), Fraction())
    critical = [one for one in scored if one.is_critical]
    misses = any(one.result == "failed" for one in critical)
    status = _status(scored, weighed)
    score = earned / possible if status == "scored" else None
    unanswered = any(
        one.is_known and one.is_required and one.result == "not_answered" for one in criteria
    )
    return Evaluated(
        status=status,
        score=score,
        final=None if score is None else Fraction(0) if misses else score,
        has_passed=None if score is None else not misses and earned >= threshold * possible,
        earned=earned,
        possible=possible,
        assessed_share=possible / asked if asked else None,
        pass_rate=_share(sum(one.result == "passed" for one in scored), len(scored)),
        critical_score=_share(sum(one.result == "passed" for one in critical), len(critical)),
        has_place_in_score_figures=score is not None and not unanswered,
    )


def is_mismatch(
    found: Evaluated,
    *,
    total: Fraction | None = None,
    maximum: Fraction | None = None,
    percentage: Fraction | None = None,
) -> bool | None:
    """Return whether a claim differs from ours by more than 0.005; None without claim or score."""
    claims = [
        abs(claim - ours)
        for claim, ours in (
            (total, found.earned),
            (maximum, found.possible),
            (None if percentage is None else percentage / 100, found.score),
        )
        if claim is not None and ours is not None
    ]
    if found.score is None or not claims:
        return None
    return any(difference > TOLERANCE for difference in claims)


def failure_rate(results: Iterable[str]) -> tuple[int, int, Fraction | None]:
    """Return failed, scored and failed over scored; the two other words are on neither side."""
    words = list(results)
    failed, scored = words.count("failed"), words.count("failed") + words.count("passed")
    return failed, scored, _share(failed, scored)


def wilson(k: int, n: int) -> tuple[float, float] | None:
    """Return the Wilson 95 % interval of k of n; None for nothing."""
    if n == 0:
        return None
    p, square = k / n, Z * Z
    middle, spread = p + square / (2 * n), Z * math.sqrt(p * (1 - p) / n + square / (4 * n * n))
    low, high = ((middle + sign * spread) / (1 + square / n) for sign in (-1, 1))
    return max(0.0, low), min(1.0, high)


def change(before: tuple[int, int], now: tuple[int, int]) -> tuple[float, float] | None:
    """Return z and two-sided p of (failed, scored) before and now; None if untestable."""
    (k1, n1), (k2, n2) = before, now
    if min(n1, n2) < MINIMUM_N:
        return None
    p = (k1 + k2) / (n1 + n2)
    spread = math.sqrt(p * (1 - p) * (1 / n1 + 1 / n2))
    if spread == 0:
        return None
    z = (k2 / n2 - k1 / n1) / spread
    return z, math.erfc(abs(z) / math.sqrt(2))


def adjust(p_values: Sequence[float]) -> list[float]:
    """Return the Benjamini-Hochberg adjusted p of each, in the order given."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted = [1.0] * len(p_values)
    least = 1.0
    for rank in range(len(order), 0, -1):
        place = order[rank - 1]
        least = min(least, p_values[place] * len(order) / rank)
        adjusted[place] = least
    return adjusted


def published(value: Fraction | float | None) -> float | None:
    """Return the value as a mart shows it: nine places, half away from zero."""
    if value is None:
        return None
    scaled = Fraction(value) * 10**9
    whole = math.floor(abs(scaled) + Fraction(1, 2))
    return math.copysign(whole, scaled) / 10**9


def _status(scored: Sequence[Criterion], weighed: Sequence[Criterion]) -> str:
    if not scored:
        return "nothing_applicable"
    return "scored" if len(weighed) == len(scored) else "missing_weight"


def _is_asked(one: Criterion) -> bool:
    return one.is_known and one.result != "not_applicable"


def _weight(one: Criterion) -> Fraction:
    return one.weight or Fraction(0)


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None
