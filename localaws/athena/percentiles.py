"""Trino's approx_percentile of few values: its digest keeps each of them, so the answer is exact.

From about forty values on the digest joins neighbours by the order they came in; that is refused.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import floor, isinf, log
from typing import Any

from localaws.athena import trino_types as t
from localaws.athena.failures import ENGINE_HINT, marked
from localaws.athena.trino_types import Type

_COMPRESSION = 100


def kind_of(kind: Type) -> Type:
    """Return the type of a percentile: whole numbers stay whole, decimals become real."""
    if kind.name in t.INTEGERS:
        return t.BIGINT
    return t.DOUBLE if kind.name == "double" else t.REAL


def at_shares(rows: Sequence[tuple[Any, ...]], *, whole: bool) -> Any:
    """Return the percentile or percentiles the last value of each row asks for.

    A row is (value, share) or (value, weight, share); rows without a value do not count.
    """
    found = [(row[0], row[1] if len(row) == 3 else 1.0) for row in rows if None not in row[:-1]]
    for _, weight in found:
        if weight < 1:
            _fail("INVALID_FUNCTION_ARGUMENT", f"weight must be >= 1, was {weight}")
    if not found:
        return None
    shares = rows[0][-1]
    if any(row[-1] != shares for row in rows) or shares is None:
        _fail("NOT_SUPPORTED", f"approx_percentile at a share that is no constant: {ENGINE_HINT}")
    if any(isinf(value) for value, _ in found):
        _fail("INVALID_FUNCTION_ARGUMENT", "value must be finite")
    found.sort()
    _refuse_digest(found)
    if isinstance(shares, list):
        return [_at(found, share, whole=whole) for share in shares]
    return _at(found, shares, whole=whole)


def _refuse_digest(found: list[tuple[float, float]]) -> None:
    total = sum(weight for _, weight in found)
    if any(value != value for value, _ in found):
        _fail("NOT_SUPPORTED", f"approx_percentile of NaN: {ENGINE_HINT}")
    room = total * (4 * log(max(total / _COMPRESSION, 1e-9)) + 24) / (4 * _COMPRESSION)
    if any(one[1] + two[1] <= room for one, two in pairwise(found)):
        _fail("NOT_SUPPORTED", f"approx_percentile of this many values: {ENGINE_HINT}")


def _at(found: list[tuple[float, float]], share: float | None, *, whole: bool) -> Any:
    if share is None or not 0 <= share <= 1:
        _fail("INVALID_FUNCTION_ARGUMENT", "percentile must be between 0 and 1")
        return None
    value = _value_at(found, share)
    return floor(value + 0.5) if whole else value


def _value_at(found: list[tuple[float, float]], share: float) -> float:
    total = sum(weight for _, weight in found)
    index = share * total
    if len(found) == 1:
        return found[0][0]
    if index < 1:
        return found[0][0]
    first, last = found[0], found[-1]
    if first[1] > 1 and index < first[1] / 2:
        return first[0]
    if index > total - 1 or (last[1] > 1 and total - index <= last[1] / 2):
        return last[0]
    return _between(found, index)


def _between(found: list[tuple[float, float]], index: float) -> float:
    before = found[0][1] / 2
    for left, right in pairwise(found):
        step = (left[1] + right[1]) / 2
        if before + step > index:
            if left[1] == 1 and index - before < 0.5:
                return left[0]
            if right[1] == 1 and before + step - index <= 0.5:
                return right[0]
            from_left = index - before - (0.5 if left[1] == 1 else 0)
            from_right = before + step - index - (0.5 if right[1] == 1 else 0)
            return _weighted(left[0], from_right, right[0], from_left)
        before += step
    return found[-1][0]


def _weighted(one: float, weight: float, two: float, other: float) -> float:
    found = (one * weight + two * other) / (weight + other)
    return max(one, min(found, two))


def _fail(name: str, text: str) -> None:
    raise ValueError(marked(name, text))
