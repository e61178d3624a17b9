"""A field of a text file -> the value of its column's type, by Hive's lenient rules.

What cannot be read is NULL, never an error. Dates and timestamps roll over as Java's lenient
calendar does: 30 February is 2 March.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from localaws.athena.failures import not_supported
from localaws.athena.trino_types import DIGITS, VARCHAR, Type

_INTEGER = re.compile(r"([+-]?)(?:(\d+)(?:\.\d*)?|\.\d+)")
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_DOUBLE = re.compile(rf"({_DECIMAL.pattern})[dDfF]?")
_SPECIAL = {"NaN": "nan", "Infinity": "inf", "+Infinity": "inf", "-Infinity": "-inf"}
_DATE = re.compile(r"\s*([+-]?\d+)-(\d+)-(\d+)(?:\s.*)?", re.DOTALL)
_MOMENT = re.compile(r"\s*(\d+)-(\d+)-(\d+)[ T](\d+):(\d+):(\d+)(\.\d{0,9})?\s*")
_BITS = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}


def value_of(text: str, kind: Type) -> Any:
    """Return what a scalar's text means, None when it means nothing of this type."""
    read = _READERS.get(kind.name)
    if read is None:
        raise not_supported(f"a column of type {kind.name} in a text file")
    return read(text, kind)


def decimal_of(number: str, kind: Type) -> Decimal | None:
    """Return a number at the scale of a decimal type, rounded half up; None if it does not fit."""
    if not _DECIMAL.fullmatch(number):
        return None
    precision, scale = kind.numbers
    try:
        found = Decimal(number).quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return None
    return found if len(found.as_tuple().digits) <= precision else None


def in_range(number: int, kind: Type) -> int | None:
    """Return an integer if its type holds it, else None."""
    most: int = 1 << _BITS[kind.name]
    return number if -most <= number < most else None


def shortened(text: str, kind: Type) -> str:
    """Return text as varchar(n) or char(n) hold it: cut, and blanks to the end of a char."""
    if not kind.numbers:
        return text
    cut = text[: kind.numbers[0]]
    return cut.ljust(kind.numbers[0]) if kind.name == "char" else cut


def unbounded(kind: Type) -> Type:
    """Return a type with texts of any length in it."""
    if kind.name in ("varchar", "char"):
        return VARCHAR
    return replace(kind, parts=tuple(unbounded(part) for part in kind.parts))


def fitted(value: Any, kind: Type) -> Any:
    """Return a value with its texts as varchar(n) and char(n) hold them."""
    if value is None or kind == unbounded(kind):
        return value
    match kind.name:
        case "array":
            return [fitted(item, kind.parts[0]) for item in value]
        case "map":
            key, inner = kind.parts
            return [(fitted(k, key), fitted(v, inner)) for k, v in value]
        case "row":
            pairs = zip(kind.names, kind.parts, strict=True)
            return {name: fitted(value[name], part) for name, part in pairs}
    return shortened(value, kind)


def moment_of(text: str, _kind: Type | None = None) -> datetime | None:
    """Return a timestamp, its fraction rounded to milliseconds; None if the text is none."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    begin = _day(year, month, day)
    fraction = Decimal(match[7] or 0) if match[7] not in (None, ".") else Decimal(0)
    milliseconds = int((fraction * 1000).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    passed = timedelta(hours=hour, minutes=minute, seconds=second, milliseconds=milliseconds)
    return datetime(begin.year, begin.month, begin.day) + passed  # noqa: DTZ001 -- Athena's have no zone


def date_of(text: str, _kind: Type | None = None) -> date | None:
    """Return a date; None if the text is none."""
    match = _DATE.fullmatch(text)
    return None if match is None else _day(*(int(part) for part in match.groups()))


def double_of(text: str, kind: Type) -> float | None:
    """Return a double as Java reads it; None if the text is none."""
    stripped = text.strip()
    if stripped in _SPECIAL:
        return float(_SPECIAL[stripped])
    if re.match(r"[+-]?0[xX]", stripped):
        raise not_supported(f"a hexadecimal {kind.name} in a text file")
    match = _DOUBLE.fullmatch(stripped)
    return None if match is None else float(match[1])


def arrow(kind: Type) -> pa.DataType:
    """Return the Arrow type that carries values of a type to DuckDB."""
    match kind.name:
        case "array":
            return pa.list_(arrow(kind.parts[0]))
        case "map":
            return pa.map_(arrow(kind.parts[0]), arrow(kind.parts[1]))
        case "row":
            pairs = zip(kind.names, kind.parts, strict=True)
            return pa.struct([(name, arrow(part)) for name, part in pairs])
        case "decimal":
            return pa.decimal128(*kind.numbers)
    found: pa.DataType = _ARROW[kind.name]
    return found


def _day(year: int, month: int, day: int) -> date:
    years, months = divmod(month - 1, 12)
    try:
        return date(year + years, months + 1, 1) + timedelta(days=day - 1)
    except (ValueError, OverflowError) as error:
        raise not_supported("a date outside the years 1 to 9999 in a text file") from error


def _integer(text: str, kind: Type) -> int | None:
    match = _INTEGER.fullmatch(text)
    if match is None:
        return None
    return in_range(int(f"{match[1]}{match[2] or 0}"), kind)


def _boolean(text: str, _kind: Type) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def _binary(text: str, _kind: Type) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


_READERS: dict[str, Callable[[str, Type], Any]] = {
    **dict.fromkeys(DIGITS, _integer),
    **dict.fromkeys(("double", "real"), double_of),
    **dict.fromkeys(("varchar", "char"), shortened),
    "boolean": _boolean,
    "date": date_of,
    "decimal": decimal_of,
    "timestamp": moment_of,
    "varbinary": _binary,
}
_ARROW = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double": pa.float64(),
    "varchar": pa.string(),
    "char": pa.string(),
    "varbinary": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
