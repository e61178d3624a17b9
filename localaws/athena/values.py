"""A value of a result, or a column's type -> the text Athena shows. One place for CSV and API."""

import struct
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from localaws.athena.failures import not_supported
from localaws.athena.intervals import interval_text
from localaws.athena.trino_types import DIGITS, MOMENTS, UNBOUNDED, Type
from localaws.athena.zones import zone_info, zone_of

_PRECISION = {**DIGITS, "double": 17, "real": 17, "timestamp": 3, "timestamp with time zone": 3}


def value_text(value: Any, kind: Type) -> str | None:
    """Return what Athena prints for a value; None for NULL (inside a value it prints `null`)."""
    if isinstance(value, str) and kind.name in MOMENTS:
        return _far(value, kind)
    if value is None or isinstance(value, str):
        return value
    match kind.name:
        case "array":
            return "[" + ", ".join(_inner(item, kind.parts[0]) for item in value) + "]"
        case "map":
            found = _entries(value, kind)
            pairs = ((_inner(k, kind.parts[0]), _inner(v, kind.parts[1])) for k, v in found)
            return "{" + ", ".join(f"{k}={v}" for k, v in pairs) + "}"
        case "row":
            return "{" + ", ".join(_fields(value, kind)) + "}"
    return _scalar(value, kind)


def _scalar(value: Any, kind: Type) -> str:
    match kind.name:
        case "real":
            return number_text(value, _shortest_single(value))
        case "timestamp":
            return _moment(value, kind.numbers[0])
        case "timestamp with time zone":
            zone = zone_of(kind, "")
            clock = value.astimezone(zone_info(zone))
            return f"{_moment(clock, kind.numbers[0])} {zone}"
        case "interval day to second" | "interval year to month":
            return interval_text(value, kind.name)
    return _plain(value)


def number_text(value: float, digits: str | None = None) -> str:
    """Return a number as Java prints a double; `digits` are its shortest if it is none."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    sign, figures, exponent = Decimal(digits or repr(value)).as_tuple()
    shown = "".join(map(str, figures)).rstrip("0") or "0"
    power = len(figures) + int(exponent) - 1 if value else 0
    minus = "-" if sign else ""
    if value and not -3 <= power < 7:
        return f"{minus}{shown[0]}.{shown[1:] or '0'}E{power}"
    if power < 0:
        return f"{minus}0.{'0' * (-power - 1)}{shown}"
    return f"{minus}{shown[: power + 1].ljust(power + 1, '0')}.{shown[power + 1 :] or '0'}"


def type_word(kind: Type) -> str:
    """Return the word of a type in a result's metadata: no parameters, real is `float`."""
    return "float" if kind.name == "real" else kind.name


def precision_and_scale(kind: Type) -> tuple[int, int]:
    """Return the two numbers a result's metadata gives for a type."""
    if kind.name in ("varchar", "char"):
        return (kind.numbers[0] if kind.numbers else UNBOUNDED), 0
    if kind.name == "decimal":
        return kind.numbers[0], kind.numbers[1]
    return _PRECISION.get(kind.name, 0), 0


def _inner(value: Any, kind: Type) -> str:
    return value_text(value, kind) or ("null" if value is None else "")


def _entries(value: Any, kind: Type) -> Iterable[tuple[Any, Any]]:
    # DuckDB hands a map over as two lists when its keys are lists or rows.
    nested = kind.parts[0].parts and set(value) == {"key", "value"}
    return zip(value["key"], value["value"], strict=True) if nested else value.items()


def _fields(value: Any, kind: Type) -> list[str]:
    found = value.values() if isinstance(value, dict) else value
    parts = zip(kind.names, kind.parts, found, strict=True)
    return [f"{name or f'field{i}'}={_inner(v, p)}" for i, (name, p, v) in enumerate(parts)]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, bytes | bytearray):
        return " ".join(f"{byte:02x}" for byte in value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _moment(value: datetime, digits: int) -> str:
    text = f"{value.year:04d}-{value:%m-%d %H:%M:%S}"
    return f"{text}.{value.microsecond:06d}"[: 20 + digits] if digits else text


def _far(text: str, kind: Type) -> str:
    # DuckDB hands over what Python's dates do not reach as text.
    if "(BC)" in text:
        raise not_supported("a date before the year 1")
    if text[0] in "+-" or text.index("-") <= 4:
        return text
    if kind.name != "date":
        raise not_supported("a moment after the year 9999")
    return f"+{text}"


def _shortest_single(value: float) -> str:
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if struct.pack("f", float(text)) == struct.pack("f", value):
            return text
    return repr(value)
