"""JSON values as text: Trino's json functions and casts, in Python, so numbers keep their digits.

A json value is carried as the text json_format prints: keys sorted, no blanks.
"""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from localaws.athena import trino_types as t
from localaws.athena.failures import marked, not_supported
from localaws.athena.python_functions import PythonFunction
from localaws.athena.scopes import Session, Typed
from localaws.athena.trino_types import Type

_PATH = re.compile(r"""\.(\w[\w-]*)|\[(\d+)\]|\["([^"]*)"\]|\['([^']*)'\]""")
_ABSENT = object()


class _Number(float):
    """A number that prints as it was written."""

    digits = ""

    def __repr__(self) -> str:
        return self.digits


def cast(sql: str, source: Type, target: Type, session: Session | None, where: str) -> str:
    """Return a cast from or to json; raise QueryFailed for one this engine does not know."""
    if source == target:
        return sql
    if session is None or target.name == "json":
        return _to_json(sql, source, session, where)
    convert = _converter(target, where)

    def call(value: str) -> Any:
        return convert(_parse(value))

    return _use(session, f"json_to_{t.trino(target)}", call, ["VARCHAR"], t.duck(target), sql)


def json_call(name: str, values: list[Typed], session: Session) -> Typed:
    """Return a call of one of FUNCTIONS; the caller has checked the argument types."""
    call, takes, gives = FUNCTIONS[name]
    arguments = ", ".join(value.sql for value in values)
    kinds = [t.duck(t.parse(kind)) for kind in takes]
    kind = t.parse(gives)
    if name == "json_extract_scalar" and values[0].type.name == "varchar":
        kind = values[0].type
    return Typed(_use(session, name, call, kinds, t.duck(kind), arguments), kind)


def _use(session: Session, name: str, call: Any, takes: list[str], gives: str, sql: str) -> str:
    identifier = "json_udf_" + re.sub(r"\W+", "_", name)
    session.functions[identifier] = PythonFunction(call, takes, gives)
    return f"{identifier}({sql})"


def _parse(value: str) -> Any:
    def number(digits: str) -> _Number:
        found = _Number(digits)
        found.digits = digits
        return found

    try:
        return json.loads(value, parse_float=number)
    except ValueError as error:
        text = f"Cannot convert value to JSON: '{value[:200]}'"
        raise ValueError(marked("INVALID_FUNCTION_ARGUMENT", text)) from error


def _format(value: Any) -> str:
    if isinstance(value, dict):
        items = sorted(value.items())
        return "{" + ",".join(f"{_format(k)}:{_format(v)}" for k, v in items) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_format, value)) + "]"
    return repr(value) if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)


def _at(value: str, path: str) -> Any:
    found: Any = _lenient(value)
    if not path.startswith("$"):
        raise ValueError(marked("INVALID_FUNCTION_ARGUMENT", f"Invalid JSON path: '{path}'"))
    position = 1
    while position < len(path) and found is not _ABSENT:
        match = _PATH.match(path, position)
        if match is None:
            raise ValueError(marked("INVALID_FUNCTION_ARGUMENT", f"Invalid JSON path: '{path}'"))
        position = match.end()
        found = _step(found, match)
    return found


def _step(value: Any, match: re.Match[str]) -> Any:
    if match[2] is not None:
        index = int(match[2])
        return value[index] if isinstance(value, list) and index < len(value) else _ABSENT
    key = next(part for part in (match[1], match[3], match[4]) if part is not None)
    return value.get(key, _ABSENT) if isinstance(value, dict) else _ABSENT


def _lenient(value: str) -> Any:
    try:
        return _parse(value)
    except ValueError:
        return _ABSENT


def _json_extract(value: str, path: str) -> str | None:
    found = _at(value, path)
    return None if found is _ABSENT else _format(found)


def _json_extract_scalar(value: str, path: str) -> str | None:
    return _scalar_text(_at(value, path))


def _scalar_text(found: Any) -> str | None:
    if found is _ABSENT or found is None or isinstance(found, dict | list):
        return None
    return found if isinstance(found, str) else _format(found)


def _json_array_length(value: str) -> int | None:
    found = _lenient(value)
    return len(found) if isinstance(found, list) else None


def _json_size(value: str, path: str) -> int | None:
    found = _at(value, path)
    if found is _ABSENT:
        return None
    return len(found) if isinstance(found, dict | list) else 0


def _json_array_get(value: str, index: int) -> str | None:
    found = _lenient(value)
    if not isinstance(found, list) or not -len(found) <= index < len(found):
        return None
    return _format(found[index])


def _json_parse(value: str) -> str:
    return _format(_parse(value))


def _is_json_scalar(value: str) -> bool:
    return not isinstance(_parse(value), dict | list)


def _converter(target: Type, where: str) -> Callable[[Any], Any]:
    if target.name == "array":
        inner = _converter(target.parts[0], where)
        return lambda value: (
            None if value is None else [inner(v) for v in _are(value, list, target)]
        )
    if target.name == "map" and target.parts[0].name == "varchar":
        part = _converter(target.parts[1], where)
        return lambda value: (
            None if value is None else {k: part(v) for k, v in _are(value, dict, target).items()}
        )
    if target.name == "row":
        return _row_converter(target, where)
    if target.name == "json":
        return _format
    if target.name not in _SCALARS:
        raise not_supported(f"{where}a cast of json to {t.trino(target)}")
    return lambda value: _scalar(value, target)


def _row_converter(target: Type, where: str) -> Callable[[Any], Any]:
    parts = {n: _converter(p, where) for n, p in zip(target.names, target.parts, strict=True)}

    def convert(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            value = dict(zip(parts, value, strict=False))
        found = {key.lower(): item for key, item in _are(value, dict, target).items()}
        return {name: part(found.get(name)) for name, part in parts.items()}

    return convert


def _are(value: Any, kind: type, target: Type) -> Any:
    if not isinstance(value, kind):
        raise ValueError(_uncastable(value, target))
    return value


def _scalar(value: Any, target: Type) -> Any:
    if value is None:
        return None
    if isinstance(value, dict | list):
        raise ValueError(_uncastable(value, target))
    text = value if isinstance(value, str) else _format(value)
    try:
        return _SCALARS[target.name](text)
    except (ValueError, ArithmeticError) as error:
        raise ValueError(_uncastable(value, target)) from error


def _uncastable(value: Any, target: Type) -> str:
    text = f"Cannot cast to {t.trino(target)}. {_format(value)[:200]}"
    return marked("INVALID_CAST_ARGUMENT", text)


def _whole(text: str) -> int:
    return {"true": 1, "false": 0}.get(text) or int(Decimal(text).to_integral_value())


def _truth(text: str) -> bool:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    return bool(Decimal(text))


def _to_json(sql: str, source: Type, session: Session | None, where: str) -> str:
    if session is None or source.name not in (*t.INTEGERS, "varchar", "boolean", "decimal"):
        raise not_supported(f"{where}a cast of {t.trino(source)} to json")
    if source.name != "varchar":
        return f"CAST({sql} AS VARCHAR)"
    return _use(session, "text_to_json", _format, ["VARCHAR"], "VARCHAR", sql)


_SCALARS: dict[str, Callable[[str], Any]] = {
    "varchar": str,
    "bigint": _whole,
    "integer": _whole,
    "double": float,
    "boolean": _truth,
}
FUNCTIONS: dict[str, tuple[Callable[..., Any], list[str], str]] = {
    "json_parse": (_json_parse, ["varchar"], "json"),
    "json_format": (_json_parse, ["json"], "varchar"),
    "json_extract": (_json_extract, ["json", "varchar"], "json"),
    "json_extract_scalar": (_json_extract_scalar, ["json", "varchar"], "varchar"),
    "json_array_length": (_json_array_length, ["json"], "bigint"),
    "json_size": (_json_size, ["json", "varchar"], "bigint"),
    "json_array_get": (_json_array_get, ["json", "bigint"], "json"),
    "is_json_scalar": (_is_json_scalar, ["json"], "boolean"),
}
