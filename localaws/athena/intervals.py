"""Intervals: their literals and texts. Carried as whole milliseconds, or as whole months."""

import re

from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.scopes import Typed

_MILLISECONDS = {"DAY": 86_400_000, "HOUR": 3_600_000, "MINUTE": 60_000, "SECOND": 1000}
_MONTHS = {"YEAR": 12, "MONTH": 1}
_BETWEEN = {"HOUR": " ", "MINUTE": ":", "SECOND": ":", "MONTH": "-"}


def interval(text: str, first: str, last: str, where: str) -> Typed:
    """Return the literal `interval 'text' first to last`; raise QueryFailed INVALID_LITERAL."""
    sizes = _MONTHS if first in _MONTHS else _MILLISECONDS
    if first not in sizes or last not in sizes:
        raise not_supported(f"{where}this INTERVAL")
    units = list(sizes)
    fields = units[units.index(first) : units.index(last) + 1]
    pattern = r"(\d+)"
    for field in fields[1:]:
        pattern += _BETWEEN[field] + r"(\d+)"
    fraction = r"(?:\.(\d{1,3})\d*)?" if fields[-1] == "SECOND" else "()"
    found = re.fullmatch(rf"([+-]?){pattern}{fraction}", text)
    if found is None:
        span = first if first == last else f"{first} TO {last}"
        raise QueryFailed("INVALID_LITERAL", f"{where}Invalid INTERVAL {span} value: {text}")
    numbers = [int(number) for number in found.groups()[1:-1]]
    total = sum(n * sizes[field] for n, field in zip(numbers, fields, strict=True))
    total += int((found[found.re.groups] or "0").ljust(3, "0"))
    total = -total if found[1] == "-" else total
    kind = t.INTERVAL_YEAR if sizes is _MONTHS else t.INTERVAL_DAY
    return Typed(f"CAST({total} AS BIGINT)", kind, str(total))


def span(step: Typed) -> str:
    """Return an interval as DuckDB's INTERVAL."""
    if step.type == t.INTERVAL_YEAR:
        return f"to_months(CAST({step.sql} AS INTEGER))"
    return f"to_milliseconds(CAST({step.sql} AS DOUBLE))"


def interval_text(value: int, name: str) -> str:
    """Return what Athena prints for an interval of a type's name."""
    sign, rest = "-" if value < 0 else "", abs(value)
    if name == t.INTERVAL_YEAR.name:
        return f"{sign}{rest // 12}-{rest % 12}"
    days, rest = divmod(rest, 86_400_000)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    seconds, milliseconds = divmod(rest, 1000)
    return f"{sign}{days} {hours:02d}:{minutes:02d}:{seconds:02d}.{milliseconds:03d}"
