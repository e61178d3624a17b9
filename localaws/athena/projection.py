"""Partition projection: a table's properties -> the partitions there are, without asking Glue.

A value outside the range does not exist, whatever lies in S3; an injected key must be named.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.partition_files import partition_folder
from localaws.athena.partitions import Part
from localaws.athena.plans import Condition

MOST_PARTS = 100_000
_NOW = re.compile(r"NOW\s*(?:([+-])\s*(\d+)\s*(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?)?", re.I)
_NAME, _VALUE = r'"[^"]+"\."[^"]+"', r"'((?:[^']|'')*)'"
_EQUAL = re.compile(rf"\({_NAME} = {_VALUE}\)|\({_VALUE} = {_NAME}\)")
_FIXED = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400, "WEEK": 604800}
_LETTERS = {"yyyy": "%Y", "uuuu": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
Properties = Mapping[str, str]


def is_projected(described: Any) -> bool:
    """Tell whether Glue's description of a table asks for projection."""
    return str((described.get("Parameters") or {}).get("projection.enabled", "")).lower() == "true"


def parts_of(described: Any, now: datetime, wanted: list[list[Condition]]) -> list[Part]:
    """Return every partition a table's properties describe; `now` is what NOW means.

    Raise QueryFailed for properties that are missing or wrong, and for an injected key without `=`.
    """
    properties = described.get("Parameters") or {}
    keys = [str(key["Name"]).lower() for key in described.get("PartitionKeys") or []]
    values = [_values(key, properties, now, wanted) for key in keys]
    number = 1
    for one in values:
        number *= len(one)
    if number > MOST_PARTS:
        raise not_supported(f"{number} projected partitions")
    root = described["StorageDescriptor"]["Location"].rstrip("/")
    template = properties.get("storage.location.template", "")
    return [Part(found, _place(root, template, keys, found)) for found in product(*values)]


def _place(root: str, template: str, keys: list[str], values: tuple[str, ...]) -> str:
    if not template:
        return root + partition_folder(keys, values)
    found = dict(zip(keys, values, strict=True))

    def value(match: re.Match[str]) -> str:
        name = match[1].lower()
        if name not in found:
            raise _invalid(f"storage.location.template names {match[1]}, which is no key")
        return found[name]

    return re.sub(r"\$\{(\w+)\}", value, template)


def _values(
    key: str, properties: Properties, now: datetime, wanted: list[list[Condition]]
) -> list[str]:
    kind = _property(properties, key, "type").lower()
    match kind:
        case "enum":
            return [one.strip() for one in _property(properties, key, "values").split(",")]
        case "integer":
            return list(_integers(key, properties))
        case "date":
            return list(_dates(key, properties, now))
        case "injected":
            return _injected(key, wanted)
    raise _invalid(f"projection.{key}.type {kind} is unknown")


def _integers(key: str, properties: Properties) -> Iterator[str]:
    low, high = _range(key, properties)
    step = int(properties.get(f"projection.{key}.interval", "1"))
    digits = int(properties.get(f"projection.{key}.digits", "0"))
    for number in range(int(low), int(high) + 1, step):
        yield f"{number:0{digits}d}" if digits else str(number)


def _dates(key: str, properties: Properties, now: datetime) -> Iterator[str]:
    pattern = _property(properties, key, "format")
    shape = _shape(pattern)
    low, high = (_moment(text, shape, now) for text in _range(key, properties))
    unit = properties.get(f"projection.{key}.interval.unit", _unit(pattern)).upper().rstrip("S")
    step = int(properties.get(f"projection.{key}.interval", "1"))
    at, count = low, 0
    while at <= high and count <= MOST_PARTS:
        yield at.strftime(shape)
        count += 1
        at = _later(low, unit, step * count)


def _range(key: str, properties: Properties) -> tuple[str, str]:
    low, comma, high = _property(properties, key, "range").partition(",")
    if not comma:
        raise _invalid(f"projection.{key}.range must be two values")
    return low.strip(), high.strip()


def _injected(key: str, wanted: list[list[Condition]]) -> list[str]:
    found = [_named(key, conditions) for conditions in wanted]
    if not found or not all(found):
        text = f"For the injected projected partition column {key}, the WHERE clause must contain "
        text += "only static equality conditions, and at least one such condition must be present."
        raise QueryFailed("CONSTRAINT_VIOLATION", text)
    return sorted({value for values in found for value in values})


def _named(key: str, conditions: list[Condition]) -> list[str]:
    for condition in conditions:
        match = _EQUAL.fullmatch(condition.sql.strip())
        if match and list(condition.names.values()) == [key]:
            return [(match[1] or match[2] or "").replace("''", "'")]
    return []


def _moment(text: str, shape: str, now: datetime) -> datetime:
    match = _NOW.fullmatch(text)
    if match is None:
        try:
            return datetime.strptime(text, shape)  # noqa: DTZ007 -- in UTC, as partitions are
        except ValueError as error:
            raise _invalid(f"the date {text} is not of the format") from error
    begin = datetime.strptime(now.strftime(shape), shape)  # noqa: DTZ007 -- as above
    if not match[1]:
        return begin
    return _later(begin, match[3].upper(), int(match[2]) * (-1 if match[1] == "-" else 1))


def _later(begin: datetime, unit: str, count: int) -> datetime:
    if unit in _FIXED:
        return begin + timedelta(seconds=_FIXED[unit] * count)
    if unit not in ("YEAR", "MONTH"):
        raise _invalid(f"the interval unit {unit} is unknown")
    months = begin.year * 12 + begin.month - 1 + count * (12 if unit == "YEAR" else 1)
    year, month = divmod(months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return begin.replace(year=year, month=month + 1, day=min(begin.day, last))


def _shape(pattern: str) -> str:
    found = re.sub(r"yyyy|uuuu|MM|dd|HH|mm|ss", lambda match: _LETTERS[match[0]], pattern)
    if re.search(r"(?<!%)[A-Za-z]", re.sub(r"'[^']*'", "", found)):
        raise not_supported(f"the projection format {pattern}")
    return found.replace("'", "")


def _unit(pattern: str) -> str:
    for letters, unit in (("ss", "SECOND"), ("mm", "MINUTE"), ("HH", "HOUR"), ("dd", "DAY")):
        if letters in pattern:
            return unit
    return "MONTH" if "MM" in pattern else "YEAR"


def _property(properties: Properties, key: str, name: str) -> str:
    found = properties.get(f"projection.{key}.{name}")
    if not found:
        raise _invalid(f"projection.{key}.{name} is missing")
    return found


def _invalid(text: str) -> QueryFailed:
    return QueryFailed("INVALID_TABLE_PROPERTY", f"Table properties of the projection: {text}")
