"""Statistics of one or two columns, added up row by row in Trino's order: equal to the last bit."""

from collections.abc import Callable, Sequence
from math import nan, sqrt
from typing import Any

Rows = Sequence[tuple[Any, ...]]


def _central(rows: Rows) -> tuple[int, float, float, float]:
    count, mean, m2, m3, m4 = 0, 0.0, 0.0, 0.0, 0.0
    for (value,) in rows:
        if value is None:
            continue
        before, count = count, count + 1
        delta = value - mean
        delta_n = delta / count
        delta_n2 = delta_n * delta_n
        dm2 = delta * delta_n * before
        mean += delta_n
        # The order of these sums is Trino's, to the last bit.
        m4 = m4 + dm2 * delta_n2 * (count * count - 3 * count + 3) + 6 * delta_n2 * m2
        m4 -= 4 * delta_n * m3
        m3 = m3 + dm2 * delta_n * (count - 2) - 3 * delta_n * m2
        m2 += dm2
    return count, m2, m3, m4


def _skewness(rows: Rows) -> float | None:
    n, m2, m3, _ = _central(rows)
    if n < 3:
        return None
    return sqrt(n) * m3 / m2**1.5 if m2 else nan


def _kurtosis(rows: Rows) -> float | None:
    n, m2, _, m4 = _central(rows)
    if n < 4:
        return None
    if not m2:
        return nan
    first = (n - 1) * n * (n + 1) / ((n - 2) * (n - 3))
    return first * m4 / (m2 * m2) - 3 * ((n - 1) * (n - 1)) / ((n - 2) * (n - 3))


def _paired(rows: Rows) -> tuple[int, float, float, float, float, float]:
    n, mean_x, mean_y, c2, m2x, m2y = 0, 0.0, 0.0, 0.0, 0.0, 0.0
    for y, x in rows:
        if x is None or y is None:
            continue
        n += 1
        delta_x, delta_y = x - mean_x, y - mean_y
        mean_x += delta_x / n
        mean_y += delta_y / n
        c2 += delta_x * (y - mean_y)
        m2x += delta_x * (x - mean_x)
        m2y += delta_y * (y - mean_y)
    return n, mean_x, mean_y, c2, m2x, m2y


def _corr(rows: Rows) -> float | None:
    n, _, _, c2, m2x, m2y = _paired(rows)
    return c2 / sqrt(m2x) / sqrt(m2y) if n and m2x and m2y else None


def _covar_pop(rows: Rows) -> float | None:
    n, _, _, c2, _, _ = _paired(rows)
    return c2 / n if n else None


def _covar_samp(rows: Rows) -> float | None:
    n, _, _, c2, _, _ = _paired(rows)
    return c2 / (n - 1) if n > 1 else None


def _slope(rows: Rows) -> float | None:
    n, _, _, c2, m2x, _ = _paired(rows)
    return c2 / m2x if n and m2x else None


def _intercept(rows: Rows) -> float | None:
    _, mean_x, mean_y, _, _, _ = _paired(rows)
    slope = _slope(rows)
    return mean_y - slope * mean_x if slope is not None else None


FINISHES: dict[str, Callable[[Rows], float | None]] = {
    "corr": _corr,
    "covar_pop": _covar_pop,
    "covar_samp": _covar_samp,
    "kurtosis": _kurtosis,
    "regr_intercept": _intercept,
    "regr_slope": _slope,
    "skewness": _skewness,
}
