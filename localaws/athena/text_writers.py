"""Rows -> lines of delimited text or JSON, as Hive's serdes write them."""

import base64
import json
import math
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.lazy_simple import Delimiters
from localaws.athena.tables import Columns
from localaws.athena.trino_types import NUMBERS, Type
from localaws.athena.values import value_text

Line = Callable[[Iterable[Any]], str]


def delimited(rules: Delimiters, data: Columns) -> Line:
    """Return what turns the values of the data columns into a line LazySimpleSerDe reads."""
    kinds = [kind for _, kind in data]

    def line(row: Iterable[Any]) -> str:
        fields = (_field(value, kind, 1, rules) for value, kind in zip(row, kinds, strict=True))
        return rules.separators[0].join(fields)

    return line


def json_line(data: Columns) -> Line:
    """Return what turns the values of the data columns into a JSON object, NULLs included."""

    def line(row: Iterable[Any]) -> str:
        pairs = zip(data, row, strict=True)
        return _object((name, _document(value, kind)) for (name, kind), value in pairs)

    return line


def _field(value: Any, kind: Type, depth: int, rules: Delimiters) -> str:
    if value is None:
        return rules.null
    if not kind.parts:
        text = _scalar(value, kind)
        return _escaped(text, rules) if kind.name in ("varchar", "char") else text
    separator = rules.separators[depth]
    if kind.name == "array":
        items = (_field(item, kind.parts[0], depth + 1, rules) for item in value)
        return separator.join(items)
    if kind.name == "row":
        fields = zip(value.values(), kind.parts, strict=True)
        return separator.join(_field(item, part, depth + 1, rules) for item, part in fields)
    between = rules.separators[depth + 1]
    return separator.join(
        _field(key, kind.parts[0], depth + 2, rules)
        + between
        + _field(item, kind.parts[1], depth + 2, rules)
        for key, item in value.items()
    )


def _escaped(text: str, rules: Delimiters) -> str:
    if not rules.escape:
        return text
    special = {rules.escape, *rules.separators}
    return "".join(rules.escape + letter if letter in special else letter for letter in text)


def _scalar(value: Any, kind: Type) -> str:
    if isinstance(value, datetime):
        fraction = f".{value.microsecond // 1000:03d}".rstrip("0").rstrip(".")
        return f"{_day(value)} {value:%H:%M:%S}{fraction}"
    if isinstance(value, date):
        return _day(value)
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if kind.name == "char":
        return str(value).ljust(kind.numbers[0])
    return value_text(value, kind) or ""


def _day(value: date) -> str:
    # Java's pattern of one u: a year before 1000 has no zeroes in front.
    return f"{value.year}-{value.month:02d}-{value.day:02d}"


def _document(value: Any, kind: Type) -> str:
    if value is None:
        return "null"
    match kind.name:
        case "array":
            return "[" + ",".join(_document(item, kind.parts[0]) for item in value) + "]"
        case "map":
            key, inner = kind.parts
            return _object((_scalar(k, key), _document(v, inner)) for k, v in value.items())
        case "row":
            fields = zip(kind.names, kind.parts, value.values(), strict=True)
            return _object((name, _document(item, part)) for name, part, item in fields)
        case "double" | "real" if not math.isfinite(value):
            text = f"Invalid value to Insert {kind.name}: {value_text(value, kind)}"
            raise QueryFailed("HIVE_UNSERIALIZABLE_JSON_VALUE", text)
        case "varbinary":
            raise not_supported("varbinary in a JSON file")
    written = _scalar(value, kind)
    return written if kind.name in _BARE else json.dumps(written, ensure_ascii=False)


def _object(members: Iterable[tuple[str, str]]) -> str:
    listed = (f"{json.dumps(name, ensure_ascii=False)}:{text}" for name, text in members)
    return "{" + ",".join(listed) + "}"


_BARE = (*NUMBERS, "boolean")
