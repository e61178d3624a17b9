"""Trino's functions of JSON, in Python, so that texts and numbers come out as Trino writes them."""

import re
from collections.abc import Callable
from typing import Any

from localaws.athena import json_casts
from localaws.athena import trino_types as t
from localaws.athena.failures import ENGINE_HINT, invalid_argument, marked
from localaws.athena.json_texts import (
    Pairs,
    formatted,
    parsed,
    place_of,
    raw_at,
    steps_of,
    value_at,
)
from localaws.athena.python_functions import PythonFunction
from localaws.athena.scopes import Session, Typed
from localaws.athena.trino_types import Type

_BROKEN = object()


def cast(sql: str, source: Type, target: Type, session: Session | None, where: str) -> str:
    """Return a cast from or to json; raise QueryFailed for one Trino or this engine lacks."""
    if source == target:
        return sql
    if target.name == "json":
        call = json_casts.to_json(source, session, where)
    else:
        call = json_casts.from_json(target, session, where)
    name = f"{t.trino(source)}_to_{t.trino(target)}"
    return _use(session, name, call, [t.duck(source)], t.duck(target), sql)


def form_of(name: str, values: list[Typed]) -> str:
    """Return which of FUNCTIONS a call means: what an array contains is told by its type."""
    if name != "json_array_contains":
        return name
    kind = values[1].type.name if len(values) > 1 else "varchar"
    if kind in t.NUMBERS:
        kind = "bigint" if kind in t.INTEGERS else "double"
    return f"{name}_{kind}" if f"{name}_{kind}" in FUNCTIONS else f"{name}_varchar"


def json_call(name: str, values: list[Typed], session: Session) -> Typed:
    """Return a call of one of FUNCTIONS; the caller has checked the argument types."""
    call, takes, gives = FUNCTIONS[name]
    arguments = ", ".join(value.sql for value in values)
    kinds = [t.duck(t.parse(kind)) for kind in takes]
    kind = t.parse(gives)
    if name == "json_extract_scalar" and values[0].type.name == "varchar":
        kind = values[0].type
    return Typed(_use(session, name, call, kinds, t.duck(kind), arguments), kind)


def _use(
    session: Session | None, name: str, call: Any, takes: list[str], gives: str, sql: str
) -> str:
    identifier = "json_udf_" + re.sub(r"\W+", "_", name)
    if session is not None:
        session.functions[identifier] = PythonFunction(call, takes, gives)
    return f"{identifier}({sql})"


def parse_text(value: str) -> str:
    """Return what json_parse makes of a text; raise ValueError, marked, if it is not JSON."""
    try:
        return formatted(parsed(value))
    except RecursionError as error:
        raise ValueError(marked("NOT_SUPPORTED", f"so deep a JSON: {ENGINE_HINT}")) from error
    except ValueError as error:
        if "<<" in str(error):
            raise
        text = f"Cannot convert value to JSON: '{value[:200]}'"
        raise invalid_argument(text) from error


def _at(value: str, path: str) -> Any:
    """Return the value a path leads to, _BROKEN if there is none."""
    place = place_of(value, steps_of(path))
    return _BROKEN if place is None else _value(value, place)


def _value(value: str, place: int) -> Any:
    try:
        return value_at(value, place)
    except (ValueError, IndexError):
        return _BROKEN


def _json_extract(value: str, path: str) -> str | None:
    found = _at(value, path)
    return None if found is _BROKEN else formatted(found)


def _json_extract_scalar(value: str, path: str) -> str | None:
    place = place_of(value, steps_of(path))
    return None if place is None else _scalar(value, place)


def _scalar(value: str, place: int) -> str | None:
    if value[place : place + 1] in ("", "{", "["):
        return None
    if value[place] == '"':
        found = _value(value, place)
        return None if found is _BROKEN else str(found)
    try:
        word = raw_at(value, place)
    except ValueError:
        return None
    return None if word == "null" else word


def _json_array_length(value: str) -> int | None:
    found = _at(value, "$")
    return len(found) if isinstance(found, list) and not isinstance(found, Pairs) else None


def _json_size(value: str, path: str) -> int | None:
    found = _at(value, path)
    if found is _BROKEN:
        return None
    return len(found) if isinstance(found, list) else 0


def _whole_array(value: str) -> list[Any] | None:
    found = _at(value, "$")
    if found is _BROKEN and value.strip().startswith("["):
        text = f"a place in a JSON array that is broken: {ENGINE_HINT}"
        raise ValueError(marked("NOT_SUPPORTED", text))
    return found if isinstance(found, list) and not isinstance(found, Pairs) else None


def _json_array_get(value: str, index: int) -> str | None:
    found = _whole_array(value)
    if found is None or not -len(found) <= index < len(found):
        return None
    place = place_of(value, [str(index % len(found))])
    if place is None or isinstance(found[index], list):
        return formatted(found[index])
    return _scalar(value, place)


def _contains(test: Callable[[Any, Any], bool]) -> Callable[[str, Any], bool | None]:
    def call(value: str, wanted: Any) -> bool | None:
        found = _whole_array(value)
        return None if found is None else any(test(item, wanted) for item in found)

    return call


def _is_json_scalar(value: str) -> bool:
    found = _at(value, "$")
    if found is _BROKEN:
        raise invalid_argument(f"Invalid JSON value: {value[:200]}")
    return not isinstance(found, list)


def _same_number(item: Any, wanted: Any) -> bool:
    return type(item) is int and item == wanted


def _same_double(item: Any, wanted: Any) -> bool:
    return type(item) is float and item == wanted


FUNCTIONS: dict[str, tuple[Callable[..., Any], list[str], str]] = {
    "json_parse": (parse_text, ["varchar"], "json"),
    "json_format": (str, ["json"], "varchar"),
    "json_extract": (_json_extract, ["json", "varchar"], "json"),
    "json_extract_scalar": (_json_extract_scalar, ["json", "varchar"], "varchar"),
    "json_array_length": (_json_array_length, ["json"], "bigint"),
    "json_size": (_json_size, ["json", "varchar"], "bigint"),
    "json_array_get": (_json_array_get, ["json", "bigint"], "json"),
    "is_json_scalar": (_is_json_scalar, ["json"], "boolean"),
    "json_array_contains_varchar": (_contains(lambda a, b: a == b), ["json", "varchar"], "boolean"),
    "json_array_contains_bigint": (_contains(_same_number), ["json", "bigint"], "boolean"),
    "json_array_contains_double": (_contains(_same_double), ["json", "double"], "boolean"),
    "json_array_contains_boolean": (_contains(lambda a, b: a is b), ["json", "boolean"], "boolean"),
}
NAMES = frozenset(
    name if not name.startswith("json_array_contains") else "json_array_contains"
    for name in FUNCTIONS
)
