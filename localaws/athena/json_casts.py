"""CAST from and to json: which types have one, and what becomes of each value."""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from localaws.athena import trino_types as t
from localaws.athena.failures import ENGINE_HINT, QueryFailed, marked, not_supported
from localaws.athena.json_texts import formatted, parsed, quoted
from localaws.athena.nested_values import entries, map_of
from localaws.athena.scopes import Session
from localaws.athena.trino_types import Type
from localaws.athena.values import value_text

Convert = Callable[[Any], Any]
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_BITS = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}
_NUMBERS = (*t.INTEGERS, "decimal", "double", "real", "boolean")
_TEXTS = ("varchar", "date", "timestamp")


def from_json(target: Type, session: Session | None, where: str) -> Convert:
    """Return what a text of JSON becomes under a type."""
    if session is None:
        raise not_supported(f"{where}a cast of json inside another value")
    convert = _converter(target, where)

    def call(text: str) -> Any:
        try:
            return convert(parsed(text))
        except (ValueError, ArithmeticError) as error:
            message = f"Cannot cast to {t.trino(target)}: {text[:200]}"
            raise ValueError(marked("INVALID_CAST_ARGUMENT", message)) from error

    return call


def to_json(source: Type, session: Session | None, where: str) -> Convert:
    """Return the text of JSON that a value of a type becomes."""
    if session is None:
        raise not_supported(f"{where}a cast of {t.trino(source)} to json")
    _check(source, where)
    return lambda value: _written(value, source)


def _converter(target: Type, where: str) -> Convert:
    match target.name:
        case "array":
            return _array(_converter(target.parts[0], where))
        case "map":
            return _map(_converter(target.parts[0], where), _converter(target.parts[1], where))
        case "row":
            return _row(target, where)
        case "json":
            return formatted
        case "varchar" if not target.numbers:
            return text_of
    if target.name == "varchar":
        raise not_supported(f"{where}a cast of json to {t.trino(target)}")
    if target.name not in _NUMBERS:
        text = f"{where}Cannot cast json to {t.trino(target)}"
        raise QueryFailed("TYPE_MISMATCH", text)
    return lambda value: None if value is None else _number(_scalar(value), target)


def _array(item: Convert) -> Convert:
    return lambda value: None if value is None else [item(v) for v in _are(value, list)]


def _map(key: Convert, item: Convert) -> Convert:
    def convert(value: Any) -> Any:
        if value is None:
            return None
        found = [(key(k), item(v)) for k, v in _are(value, dict).items()]
        if len({k for k, _ in found}) < len(found):
            raise ValueError("duplicate keys")
        return map_of(found)

    return convert


def _row(target: Type, where: str) -> Convert:
    names = [name or f"field{i}" for i, name in enumerate(target.names)]
    parts = [_converter(part, where) for part in target.parts]

    def convert(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            return {n: part(v) for n, part, v in zip(names, parts, value, strict=True)}
        found = {k.lower(): v for k, v in _are(value, dict).items()}
        if len(found) < len(value):
            raise ValueError("duplicate field")
        return {n: part(found.get(n)) for n, part in zip(names, parts, strict=True)}

    return convert


def _are(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise ValueError("another kind of JSON")
    return value


def _scalar(value: Any) -> Any:
    if isinstance(value, list | dict):
        raise ValueError("no scalar")
    return value


def text_of(value: Any) -> str | None:
    """Return the text of a scalar as a cast to varchar writes it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _exponent(value) if isinstance(_scalar(value), float) else str(value)


def _exponent(value: float) -> str:
    """Return a double as CAST to varchar writes it: 1.5E0."""
    if not value:
        return "-0E0" if repr(value).startswith("-") else "0E0"
    sign, digits, _ = Decimal(repr(value)).as_tuple()
    figures = "".join(map(str, digits)).strip("0")
    power = Decimal(repr(value)).adjusted()
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"


def _number(value: Any, target: Type) -> Any:
    if target.name == "boolean":
        return _truth(value)
    if isinstance(value, bool):
        value = int(value)
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueError("no number")
    if target.name in ("double", "real"):
        return float(value)
    if target.name in t.INTEGERS:
        return _whole(value, _BITS[target.name])
    return _exact(value, target)


def _truth(value: Any) -> bool:
    if isinstance(value, str):
        if value.lower() not in ("true", "false"):
            raise ValueError("no truth")
        return value.lower() == "true"
    return bool(value)


def _whole(value: Any, bits: int) -> int:
    if isinstance(value, str) and not re.fullmatch(r"[+-]?\d+", value):
        raise ValueError("no whole number")
    exact = Decimal(repr(value) if isinstance(value, float) else value)
    found = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    if not -(2**bits) <= found < 2**bits:
        raise ValueError("out of range")
    return found


def _exact(value: Any, target: Type) -> Decimal:
    precision, scale = target.numbers
    exact = Decimal(repr(value) if isinstance(value, float) else value)
    try:
        found = exact.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    except InvalidOperation as error:
        raise ValueError("out of range") from error
    if abs(found) >= Decimal(10) ** (precision - scale):
        raise ValueError("out of range")
    return found


def _check(source: Type, where: str) -> None:
    if source.name not in (*_NUMBERS, *_TEXTS, "json", "array", "map", "row", "unknown"):
        if source.name in ("time", "char") or "zone" in source.name:
            raise not_supported(f"{where}a cast of {t.trino(source)} to json")
        text = f"{where}Cannot cast {t.trino(source)} to json"
        raise QueryFailed("TYPE_MISMATCH", text)
    if source.name == "map" and source.parts[0].name not in ("varchar", *t.INTEGERS, "unknown"):
        raise not_supported(f"{where}a cast of {t.trino(source)} to json")
    for part in source.parts:
        _check(part, where)


def _written(value: Any, kind: Type) -> str:
    if value is None:
        return "null"
    match kind.name:
        case "array":
            return "[" + ",".join(_written(item, kind.parts[0]) for item in value) + "]"
        case "row":
            found = zip(kind.names, value.values(), kind.parts, strict=True)
            return "{" + ",".join(f"{quoted(n)}:{_written(v, p)}" for n, v, p in found) + "}"
        case "map":
            pairs = sorted((str(k), _written(v, kind.parts[1])) for k, v in entries(value, kind))
            return "{" + ",".join(f"{quoted(k)}:{v}" for k, v in pairs) + "}"
        case "json":
            return str(value)
    if isinstance(value, float) and value - value != 0:
        raise ValueError(marked("NOT_SUPPORTED", f"{value} in JSON: {ENGINE_HINT}"))
    text = value_text(value, kind) or ""
    return quoted(text) if kind.name in _TEXTS else text
