"""A line of JSON -> values, as the OpenX JsonSerDe reads it: lenient, mostly NULL for what is odd.

Measured on Trino 476. A broken or blank line is an error unless the table says
`ignore.malformed.json`, as Athena documents; Trino gives NULLs for a blank one.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from localaws.athena.failures import not_supported
from localaws.athena.json_documents import (
    Malformed,
    Number,
    Pairs,
    cursor_error,
    document,
    normal_number,
    text_of,
)
from localaws.athena.tables import Columns
from localaws.athena.text_values import (
    date_of,
    decimal_of,
    double_of,
    in_range,
    moment_of,
    shortened,
    value_of,
)
from localaws.athena.trino_types import DIGITS, Type

OPENX_JSON = "org.openx.data.jsonserde.JsonSerDe"
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_ZONED = re.compile(r"(.+T.+?)(Z|[+-]\d\d:?\d\d)")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- Athena's timestamps have no zone
Fold = Callable[[str], str]


def parser(options: Mapping[str, str], data: Columns) -> Callable[[str], list[Any]]:
    """Return what turns a line into the values of the data columns."""
    fold = _fold(options)
    names = tuple(fold(options.get(f"mapping.{name}", name)) for name, _ in data)
    row = Type("row", parts=tuple(kind for _, kind in data), names=names)
    ignored = options.get("ignore.malformed.json", "").lower() == "true"

    def parse(line: str) -> list[Any]:
        try:
            found = document(line, forgiving=True)
            if not isinstance(found, Pairs | list):
                raise Malformed(line)
        except Malformed as error:
            if ignored:
                return [None] * len(data)
            raise cursor_error() from error
        return _fields(found, row, fold)

    return parse


def _fold(options: Mapping[str, str]) -> Fold:
    dots = options.get("dots.in.keys", "").lower() == "true"
    exact = options.get("case.insensitive", "").lower() == "false"

    def fold(key: str) -> str:
        key = key.replace(".", "_") if dots else key
        return key if exact else key.lower()

    return fold


def _fields(value: Any, kind: Type, fold: Fold) -> list[Any]:
    if isinstance(value, list):
        padded = [*value, *[None] * len(kind.parts)]
        return [_value(item, part, fold) for item, part in zip(padded, kind.parts, strict=False)]
    if not isinstance(value, Pairs):
        raise cursor_error()
    folded = value.folded(fold)
    pairs = zip(kind.names, kind.parts, strict=True)
    return [_value(folded.get(name), part, fold) for name, part in pairs]


def _value(value: Any, kind: Type, fold: Fold) -> Any:
    if value is None or (kind.name in ("array", "map") and value == ""):
        return None
    match kind.name:
        case "row":
            found = [None] * len(kind.parts) if value == "" else _fields(value, kind, fold)
            return dict(zip(kind.names, found, strict=True))
        case "array":
            items = value if isinstance(value, list) else [value]
            return [_value(item, kind.parts[0], fold) for item in items]
        case "map":
            return _map(value, kind, fold)
        case "varchar" | "char":
            return shortened(_text(value), kind)
        case "boolean":
            return value is True or (isinstance(value, str) and value.lower() == "true")
    if isinstance(value, Pairs | list):
        raise cursor_error()
    return None if isinstance(value, bool) else _scalar(value, kind)


def _map(value: Any, kind: Type, fold: Fold) -> list[tuple[Any, Any]]:
    if not isinstance(value, Pairs):
        raise cursor_error()
    found = ((_value(k, kind.parts[0], fold), v) for k, v in dict(value).items())
    return [(key, _value(v, kind.parts[1], fold)) for key, v in found if key is not None]


def _text(value: Any) -> str:
    return value if isinstance(value, str) and not isinstance(value, Number) else text_of(value)


def _scalar(text: str, kind: Type) -> Any:
    if kind.name in DIGITS:
        return _whole(text, kind)
    if kind.name in ("double", "real"):
        return double_of(text, kind)
    if kind.name == "decimal":
        return decimal_of(text, kind)
    if kind.name == "date":
        return _date(text)
    if kind.name == "timestamp":
        return _moment(text)
    return value_of(text, kind)


def _whole(text: str, kind: Type) -> int | None:
    if re.fullmatch(r"0[xX][0-9a-fA-F]+", text):
        return in_range(int(text, 16), kind)
    if not _NUMBER.fullmatch(text) or Decimal(text).adjusted() > 20:
        return None
    return in_range(int(Decimal(text)), kind)


def _date(text: str) -> date | None:
    if text.isdigit() and len(text) > 6:
        raise not_supported(f"the number {text} as a date")
    if text.isdigit():
        return date(1970, 1, 1) + timedelta(days=int(text))
    return date_of(text)


def _moment(text: str) -> datetime | None:
    if _NUMBER.fullmatch(text):
        return _since_epoch(normal_number(text))
    zoned = _ZONED.fullmatch(text)
    found = moment_of(zoned[1] if zoned else text)
    if zoned is None or found is None or zoned[2] == "Z":
        return found
    sign, hours, minutes = zoned[2][0], int(zoned[2][1:3]), int(zoned[2][-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return found - offset if sign == "+" else found + offset


def _since_epoch(text: str) -> datetime:
    # Seconds with a fraction or of ten digits, milliseconds of thirteen: longer or shorter ones
    # were not measured.
    if "." in text or len(text) == 10:
        return _EPOCH + timedelta(milliseconds=int(Decimal(text) * 1000))
    if len(text) == 13:
        return _EPOCH + timedelta(milliseconds=int(text))
    raise not_supported(f"the number {text} as a timestamp")
