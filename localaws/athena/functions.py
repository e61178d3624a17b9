"""Trino's scalar functions -> DuckDB's text, by name and argument types.

The table is an allow-list: a function of Trino that is not in it is refused by name, a name Trino
does not have is FUNCTION_NOT_FOUND, argument types no row takes are too.
"""

from localaws.athena import casts, json_values
from localaws.athena import trino_types as t
from localaws.athena.array_functions import ARRAYS, joined
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.function_names import TRINO_FUNCTIONS
from localaws.athena.map_functions import MAPS
from localaws.athena.scopes import Scope, Typed
from localaws.athena.special_functions import SPECIAL, mismatch
from localaws.athena.time_functions import SPECIAL_TIME
from localaws.athena.trino_types import Type

Row = tuple[str, str, str]


def call(name: str, values: list[Typed], scope: Scope, where: str = "") -> Typed:
    """Return a call of the scalar function `name`; raise QueryFailed as Trino would."""
    if name == "concat" and any(value.type.name == "array" for value in values):
        return joined(values, where)
    special = ARRAYS.get(name) or MAPS.get(name) or SPECIAL.get(name) or SPECIAL_TIME.get(name)
    if special:
        return special(values, scope, where)
    if name in json_values.NAMES:
        return _json(name, values, scope, where)
    rows = _ROWS.get(name)
    if rows is None:
        raise unknown(name, where)
    for takes, template, gives in rows:
        kinds = takes.split()
        if len(kinds) == len(values) and all(map(_fits, kinds, values)):
            ready = [_ready(kind, value) for kind, value in zip(kinds, values, strict=True)]
            return Typed(template.format(*(value.sql for value in ready)), _given(gives, ready))
    raise mismatch(name, values, where)


def known(name: str) -> bool:
    """Tell whether Trino has a scalar function of the name, as far as the tables say."""
    tables = (ARRAYS, MAPS, SPECIAL, SPECIAL_TIME, json_values.FUNCTIONS, _ROWS)
    return any(name in table for table in tables)


def unknown(name: str, where: str) -> QueryFailed:
    """Return the refusal of a function that is not in the table."""
    if name in TRINO_FUNCTIONS:
        return not_supported(f"{where}the function {name}")
    return QueryFailed("FUNCTION_NOT_FOUND", f"{where}Function '{name}' not registered")


def _fits(kind: str, value: Typed) -> bool:
    return value.type.name == "unknown" or value.type.name in _KINDS[kind]


def _ready(kind: str, value: Typed) -> Typed:
    if kind == "double":
        return casts.carried(value, t.DOUBLE)
    if value.type == t.UNKNOWN and kind in ("text", "whole", "date"):
        return casts.carried(value, t.parse({"text": "varchar", "whole": "bigint"}.get(kind, kind)))
    return value


def _given(gives: str, values: list[Typed]) -> Type:
    if gives in ("element", "values", "keys") and not values[0].type.parts:
        raise not_supported("a NULL of no type for an array or map")
    if gives == "same":
        return values[0].type
    if gives == "texts":
        return t.array(values[0].type)
    if gives == "replaced":
        return _replaced(values[0].type, values[2].type)
    if gives == "element":
        return values[0].type.parts[0]
    if gives == "values":
        return t.array(values[0].type.parts[1])
    if gives == "keys":
        return t.array(values[0].type.parts[0])
    return t.parse(gives)


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
_KINDS: dict[str, tuple[str, ...]] = {
    "text": ("varchar",),
    "whole": t.INTEGERS,
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
_DOUBLES = {name: [("double", f"{name}({{0}})", "double")] for name in (
    *("exp", "cbrt", "sin", "cos", "tan", "asin", "acos", "atan", "degrees", "radians"),
)}  # fmt: skip
_ROWS: dict[str, list[Row]] = {
    **_DOUBLES,
    "abs": [("number", "abs({0})", "same")],
    "chr": [("whole", "chr(CAST({0} AS INTEGER))", "varchar")],
    "codepoint": [("text", "unicode({0})", "integer")],
    "e": [("", "exp(CAST(1 AS DOUBLE))", "double")],
    "from_base64": [("text", "from_base64({0})", "varbinary")],
    "from_hex": [("text", "unhex({0})", "varbinary")],
    "from_utf8": [("binary", "decode({0})", "varchar")],
    "infinity": [("", "CAST('Infinity' AS DOUBLE)", "double")],
    "is_finite": [("float", "isfinite({0})", "boolean")],
    "is_infinite": [("float", "isinf({0})", "boolean")],
    "is_nan": [("float", "isnan({0})", "boolean")],
    "length": [("text", "length({0})", "bigint"), ("binary", "octet_length({0})", "bigint")],
    "ln": [("double", "natural_log({0})", "double")],
    "log10": [("double", "decimal_log({0})", "double")],
    "log2": [("double", "binary_log({0})", "double")],
    "lower": [("text", "lower({0})", "same")],
    "lpad": [("text whole text", "lpad({0}, CAST({1} AS INTEGER), {2})", "varchar")],
    "ltrim": [("text", "text_ltrim({0})", "same"), ("text text", "ltrim({0}, {1})", "same")],
    "map_keys": [("map", "map_keys({0})", "keys")],
    "map_values": [("map", "map_values({0})", "values")],
    "md5": [("binary", "unhex(md5({0}))", "varbinary")],
    "nan": [("", "CAST('NaN' AS DOUBLE)", "double")],
    "pi": [("", "pi()", "double")],
    "power": [("double double", "power({0}, {1})", "double")],
    "regexp_count": [("text text", "len(regexp_extract_all({0}, {1}))", "bigint")],
    "regexp_extract": [
        ("text text", "text_match({0}, {1}, 0)", "same"),
        ("text text whole", "text_match({0}, {1}, {2})", "same"),
    ],
    "regexp_extract_all": [("text text", "regexp_extract_all({0}, {1})", "texts")],
    "regexp_like": [("text text", "regexp_matches({0}, {1})", "boolean")],
    "regexp_split": [("text text", "regexp_split_to_array({0}, {1})", "texts")],
    "replace": [
        ("text text", "replace({0}, {1}, '')", "same"),
        ("text text text", "replace({0}, {1}, {2})", "replaced"),
    ],
    "reverse": [("text", "reverse({0})", "same"), ("array", "list_reverse({0})", "same")],
    "rpad": [("text whole text", "rpad({0}, CAST({1} AS INTEGER), {2})", "varchar")],
    "rtrim": [("text", "text_rtrim({0})", "same"), ("text text", "rtrim({0}, {1})", "same")],
    "sha256": [("binary", "unhex(sha256({0}))", "varbinary")],
    "split": [("text text", "string_split({0}, {1})", "texts")],
    "split_part": [("text text whole", "text_split_part({0}, {1}, {2})", "same")],
    "sqrt": [("double", "square_root({0})", "double")],
    "starts_with": [("text text", "starts_with({0}, {1})", "boolean")],
    "strpos": [("text text", "strpos({0}, {1})", "bigint")],
    "substr": [
        ("text whole", "text_from({0}, {1})", "same"),
        ("text whole whole", "text_part({0}, {1}, {2})", "same"),
    ],
    "to_base64": [("binary", "to_base64({0})", "varchar")],
    "to_hex": [("binary", "hex({0})", "varchar")],
    "to_utf8": [("text", "encode({0})", "varbinary")],
    "trim": [("text", "text_trim({0})", "same"), ("text text", "trim({0}, {1})", "same")],
    "truncate": [("float", "trunc({0})", "same")],
    "upper": [("text", "text_upper({0})", "same")],
}
_ROWS["pow"] = _ROWS["power"]
_ROWS["char_length"] = _ROWS["character_length"] = [_ROWS["length"][0]]
_ROWS["substring"] = _ROWS["substr"]
