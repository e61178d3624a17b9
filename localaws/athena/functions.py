"""Trino's scalar functions -> DuckDB's text, by name and argument types.

The table is an allow-list: a function of Trino that is not in it is refused by name, a name Trino
does not have is FUNCTION_NOT_FOUND, argument types no row takes are too.
"""

import re
from collections.abc import Callable
from typing import Any

from localaws.athena import (
    byte_functions,
    casts,
    json_values,
    math_functions,
    text_functions,
    url_functions,
)
from localaws.athena import trino_types as t
from localaws.athena.array_functions import ARRAYS, joined
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.function_names import TRINO_FUNCTIONS
from localaws.athena.json_paths import JSON_PATHS
from localaws.athena.map_functions import MAPS
from localaws.athena.python_functions import PythonFunction
from localaws.athena.regular_expressions import SPECIAL_PATTERNS
from localaws.athena.rows import Row
from localaws.athena.scopes import Scope, Session, Typed
from localaws.athena.special_functions import SPECIAL, mismatch
from localaws.athena.text_forms import SPECIAL_TEXT
from localaws.athena.time_functions import SPECIAL_TIME
from localaws.athena.time_texts import SPECIAL_TEXTS
from localaws.athena.trino_types import Type


def call(name: str, values: list[Typed], scope: Scope, where: str = "") -> Typed:
    """Return a call of the scalar function `name`; raise QueryFailed as Trino would."""
    if name == "concat" and any(value.type.name == "array" for value in values):
        return joined(values, where)
    special = _SPECIAL.get(name)
    if special:
        return special(values, scope, where)
    if name in json_values.NAMES:
        return _json(name, values, scope, where)
    rows = _ROWS.get(name)
    if rows is None:
        raise unknown(name, where)
    if name in _AMBIGUOUS and values and values[0].type == t.UNKNOWN:
        text = f"{where}Could not choose a best candidate operator"
        raise QueryFailed("AMBIGUOUS_FUNCTION_CALL", text)
    for takes, how, gives in rows:
        kinds = takes.split()
        if len(kinds) == len(values) and all(map(_fits, kinds, values)):
            ready = [_ready(kind, value) for kind, value in zip(kinds, values, strict=True)]
            return _called(name, how, ready, _given(gives, ready), scope.session)
    raise mismatch(name, values, where)


def known(name: str) -> bool:
    """Tell whether Trino has a scalar function of the name, as far as the tables say."""
    return any(name in table for table in (_SPECIAL, json_values.NAMES, _ROWS))


def unknown(name: str, where: str) -> QueryFailed:
    """Return the refusal of a function that is not in the table."""
    if name in TRINO_FUNCTIONS:
        return not_supported(f"{where}the function {name}")
    return QueryFailed("FUNCTION_NOT_FOUND", f"{where}Function '{name}' not registered")


def _called(name: str, how: Any, values: list[Typed], kind: Type, session: Session) -> Typed:
    texts = [value.sql for value in values]
    if isinstance(how, str):
        return Typed(how.format(*texts), kind)
    takes = [t.duck(value.type) for value in values]
    identifier = "_".join([name, "of", *(re.sub(r"\W+", "_", word.lower()) for word in takes)])
    session.functions[identifier] = PythonFunction(how, takes, t.duck(kind))
    return Typed(f"{identifier}({', '.join(texts)})", kind)


def _fits(kind: str, value: Typed) -> bool:
    if kind == "letter":
        return value.type in (t.varchar(0), t.varchar(1))
    if kind == "doubles":
        return value.type.name == "array" and value.type.parts[0].name in (*t.NUMBERS, "unknown")
    return value.type.name == "unknown" or value.type.name in _KINDS.get(kind, (kind,))


def _ready(kind: str, value: Typed) -> Typed:
    if kind in _CARRIED:
        return casts.carried(value, _CARRIED[kind])
    if value.type == t.UNKNOWN and kind in ("text", "binary", "date", "number"):
        names = {"text": "varchar(0)", "binary": "varbinary", "number": "tinyint"}
        return casts.carried(value, t.parse(names.get(kind, kind)))
    return value


def _given(gives: str, values: list[Typed]) -> Type:
    if gives in ("element", "values", "keys") and not values[0].type.parts:
        raise not_supported("a NULL of no type for an array or map")
    rule = _GIVEN.get(gives)
    return rule([value.type for value in values]) if rule else t.parse(gives)


def _encoded(text: Type) -> Type:
    grown = 12 * text.numbers[0] if text.numbers else t.UNBOUNDED
    return t.varchar(grown) if grown < t.UNBOUNDED else t.VARCHAR


def _replaced(text: Type, replacement: Type) -> Type:
    if not text.numbers or not replacement.numbers:
        return t.VARCHAR
    length = text.numbers[0]
    return t.varchar(min(t.UNBOUNDED, length + replacement.numbers[0] * (length + 1)))


def _json(name: str, values: list[Typed], scope: Scope, where: str) -> Typed:
    form = json_values.form_of(name, values)
    takes = json_values.FUNCTIONS[form][1]
    first = _JSON_FIRST.get(name, ("varchar", "json"))
    wanted = [first, *(_JSON_TAKES[kind] for kind in takes[1:])]
    if len(values) != len(takes) or any(
        value.type.name not in (*kinds, "unknown")
        for value, kinds in zip(values, wanted, strict=True)
    ):
        raise mismatch(name, values, where)
    ready = [
        casts.carried(value, t.DOUBLE) if kind == "double" else value
        for value, kind in zip(values, takes, strict=True)
    ]
    return json_values.json_call(form, ready, scope.session)


_JSON_FIRST = {"json_parse": ("varchar",), "json_format": ("json",)}
_JSON_TAKES: dict[str, tuple[str, ...]] = {
    "varchar": ("varchar",),
    "bigint": t.INTEGERS,
    "double": t.NUMBERS,
    "boolean": ("boolean",),
}
_GIVEN: dict[str, Callable[[list[Type]], Type]] = {
    "same": lambda kinds: kinds[0],
    "texts": lambda kinds: t.array(kinds[0]),
    "replaced": lambda kinds: _replaced(kinds[0], kinds[2]),
    "encoded": lambda kinds: _encoded(kinds[0]),
    "element": lambda kinds: kinds[0].parts[0],
    "values": lambda kinds: t.array(kinds[0].parts[1]),
    "keys": lambda kinds: t.array(kinds[0].parts[0]),
}
_SPECIAL = {
    **ARRAYS,
    **MAPS,
    **JSON_PATHS,
    **SPECIAL,
    **SPECIAL_TEXT,
    **SPECIAL_TIME,
    **SPECIAL_TEXTS,
    **SPECIAL_PATTERNS,
}
_KINDS: dict[str, tuple[str, ...]] = {
    "text": ("varchar",),
    "whole": t.INTEGERS,
    "int": ("tinyint", "smallint", "integer"),
    "double": t.NUMBERS,
    "float": ("real", "double"),
    "number": t.NUMBERS,
    "boolean": ("boolean",),
    "binary": ("varbinary",),
    "date": ("date",),
    "moment": ("date", "timestamp"),
    "array": ("array",),
    "map": ("map",),
}
# Of a NULL, text or bytes: Trino will not choose.
_AMBIGUOUS = ("reverse", "substr", "substring")
_CARRIED = {
    "double": t.DOUBLE,
    "doubles": t.array(t.DOUBLE),
    "int": t.INTEGER,
    "whole": t.BIGINT,
}
_DOUBLES: dict[str, list[Row]] = {name: [("double", f"{name}({{0}})", "double")] for name in (
    *("exp", "atan", "degrees", "radians"),
)}  # fmt: skip
_NAN = "CAST('NaN' AS DOUBLE)"
_ROWS: dict[str, list[Row]] = {
    **_DOUBLES,
    **{
        name: [("double", f"(CASE WHEN isinf({{0}}) THEN {_NAN} ELSE {name}({{0}}) END)", "double")]
        for name in ("sin", "cos", "tan")
    },
    "abs": [("number", "abs({0})", "same")],
    "e": [("", "exp(CAST(1 AS DOUBLE))", "double")],
    "infinity": [("", "CAST('Infinity' AS DOUBLE)", "double")],
    "is_finite": [("float", "isfinite({0})", "boolean")],
    "is_infinite": [("float", "isinf({0})", "boolean")],
    "is_nan": [("float", "isnan({0})", "boolean")],
    "length": [("text", "length({0})", "bigint"), ("binary", "octet_length({0})", "bigint")],
    "ln": [("double", "natural_log({0})", "double")],
    "log10": [("double", "decimal_log({0})", "double")],
    "log2": [("double", "binary_log({0})", "double")],
    "lower": [("text", "lower({0})", "same")],
    "ltrim": [("text", "text_ltrim({0})", "same"), ("text text", "ltrim({0}, {1})", "same")],
    "map_keys": [("map", "map_keys({0})", "keys")],
    "map_values": [("map", "map_values({0})", "values")],
    "nan": [("", "CAST('NaN' AS DOUBLE)", "double")],
    "pi": [("", "pi()", "double")],
    "power": [("double double", "power({0}, {1})", "double")],
    "reverse": [("array", "list_reverse({0})", "same")],
    "rtrim": [("text", "text_rtrim({0})", "same"), ("text text", "rtrim({0}, {1})", "same")],
    "split_part": [("text text whole", "text_split_part({0}, {1}, {2})", "same")],
    "sqrt": [("double", "square_root({0})", "double")],
    "starts_with": [("text text", "starts_with({0}, {1})", "boolean")],
    "substr": [
        ("text whole", "text_from({0}, {1})", "same"),
        ("text whole whole", "text_part({0}, {1}, {2})", "same"),
    ],
    "to_base64": [("binary", "to_base64({0})", "varchar")],
    "to_hex": [("binary", "hex({0})", "varchar")],
    "to_utf8": [("text", "encode({0})", "varbinary")],
    "trim": [("text", "text_trim({0})", "same"), ("text text", "trim({0}, {1})", "same")],
    "upper": [("text", "text_upper({0})", "same")],
}
_ROWS["pow"] = _ROWS["power"]
for _more in (byte_functions.ROWS, math_functions.ROWS, text_functions.ROWS, url_functions.ROWS):
    for _name, _rows in _more.items():
        _ROWS[_name] = [*_ROWS.get(_name, []), *_rows]
_ROWS["substring"] = _ROWS["substr"]
