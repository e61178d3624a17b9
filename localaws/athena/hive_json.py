"""A line of JSON -> values, as Hive's own JsonSerDe reads it: strict, any doubt ends the query."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from localaws.athena.json_documents import Malformed, Number, Pairs, cursor_error, document
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
from localaws.athena.trino_types import Type

HIVE_JSON = "org.apache.hive.hcatalog.data.JsonSerDe"


def parser(_options: Mapping[str, str], data: Columns) -> Callable[[str], list[Any]]:
    """Return what turns a line into the values of the data columns."""
    row = Type("row", parts=tuple(k for _, k in data), names=tuple(n for n, _ in data))

    def parse(line: str) -> list[Any]:
        try:
            found = document(line, forgiving=False)
        except Malformed as error:
            raise cursor_error() from error
        return list(_row(found, row).values())

    return parse


def _value(value: Any, kind: Type) -> Any:
    if value is None:
        return None
    if kind.name == "row":
        return _row(value, kind)
    if kind.name == "array":
        if not isinstance(value, list):
            raise cursor_error()
        return [_value(item, kind.parts[0]) for item in value]
    if kind.name == "map":
        if not isinstance(value, Pairs):
            raise cursor_error()
        return [(_key(k, kind.parts[0]), _value(v, kind.parts[1])) for k, v in dict(value).items()]
    if isinstance(value, Pairs | list):
        raise cursor_error()
    return _scalar(value, kind)


def _row(value: Any, kind: Type) -> dict[str, Any]:
    if not isinstance(value, Pairs):
        raise cursor_error()
    folded = value.folded(str.lower)
    names = [key.lower() for key, _ in value]
    if any(names.count(name) > 1 for name in kind.names):
        raise cursor_error()
    pairs = zip(kind.names, kind.parts, strict=True)
    return {name: _value(folded.get(name), part) for name, part in pairs}


def _key(text: str, kind: Type) -> Any:
    found = value_of(text, kind)
    if found is None or (kind.name not in ("varchar", "char") and not text.lstrip("-").isdigit()):
        raise cursor_error()
    return found


def _scalar(value: Any, kind: Type) -> Any:
    if kind.name == "boolean":
        # A number is false, whatever it is.
        return value if isinstance(value, bool) else not _is_number(value) and _true(value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if kind.name in ("varchar", "char"):
        return shortened(text, kind)
    if kind.name == "decimal":
        return _decimal(text, kind)
    if kind.name == "varbinary":
        return text.encode()
    return _other(value, text, kind)


def _decimal(text: str, kind: Type) -> Decimal | None:
    found = decimal_of(text, kind)
    if found is None and decimal_of(text, Type("decimal", (38, 10))) is not None:
        raise cursor_error()
    return found


def _other(value: Any, text: str, kind: Type) -> Any:
    found: Any = None
    if kind.name == "date" and not isinstance(value, Number | bool):
        found = date_of(text)
    elif kind.name == "timestamp" and not isinstance(value, Number | bool):
        found = moment_of(text)
    elif kind.name in ("double", "real") and isinstance(value, Number):
        found = double_of(text, kind)
    elif isinstance(value, Number) and kind.name not in ("date", "timestamp"):
        found = _whole(text, kind)
    if found is None:
        raise cursor_error()
    return found


def _whole(text: str, kind: Type) -> int | None:
    number = Decimal(text)
    found = in_range(int(number), kind) if abs(number) < 1 << 64 else None
    # A fraction above the greatest value overflows although its whole part would fit.
    return (
        None
        if found is not None and number > found and in_range(found + 1, kind) is None
        else found
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, Number)


def _true(value: str) -> bool:
    return value.lower() == "true"
