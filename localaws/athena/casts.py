"""CAST by Trino's rules -> DuckDB's text.

DuckDB reads more texts as numbers, dates and booleans than Trino does, and rounds doubles
differently; the macros named here say which texts pass.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from localaws.athena import json_values, moment_casts
from localaws.athena import trino_types as t
from localaws.athena.double_texts import double_text, real_text
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.intervals import interval_text
from localaws.athena.python_functions import PythonFunction
from localaws.athena.scopes import Session, Typed
from localaws.athena.trino_types import Type

_FROM_TEXT = {
    "boolean": "text_to_boolean",
    "tinyint": "text_to_integer",
    "smallint": "text_to_integer",
    "integer": "text_to_integer",
    "bigint": "text_to_integer",
    "real": "text_to_double",
    "double": "text_to_double",
    "decimal": "text_to_decimal",
    "date": "text_to_date",
}
_BITS = {"tinyint": 8, "smallint": 16, "integer": 32}
_TO_TEXT = (*t.INTEGERS, "decimal", "boolean", "date", "varchar")
_IN_PYTHON: dict[str, Callable[..., Any]] = {"double": double_text, "real": real_text}


def carried(value: Typed, kind: Type) -> Typed:
    """Return `value` as `kind`, which it is coercible to; a change of name only costs nothing."""
    if value.type == kind or t.duck(value.type) == t.duck(kind):
        return Typed(value.sql, kind, value.literal)
    if value.type.name == kind.name == "row" or value.type.name == "array":
        return Typed(_nested(value.sql, value.type, kind, None, ""), kind)
    return Typed(f"CAST({value.sql} AS {t.duck(kind)})", kind, value.literal)


def cast(value: Typed, target: Type, session: Session, where: str) -> Typed:
    """Return `CAST(value AS target)`; raise QueryFailed TYPE_MISMATCH where Trino has none."""
    if target.name in t.MOMENTS and value.type.name in (*t.MOMENTS, "varchar"):
        return moment_casts.cast(value, target, session, where)
    literal = value.literal if target.name == value.type.name else None
    return Typed(_text(value.sql, value.type, target, session, where), target, literal)


def _text(sql: str, source: Type, target: Type, session: Session | None, where: str) -> str:
    goal = t.duck(target)
    if source in (target, t.UNKNOWN):
        return f"CAST({sql} AS {goal})"
    if "json" in (source.name, target.name):
        return json_values.cast(sql, source, target, session, where)
    if source.parts or target.parts:
        if source.name != target.name:
            raise _refused(source, target, where)
        return _nested(sql, source, target, session, where)
    return _of_scalars(sql, source, target, session, where)


def _of_scalars(sql: str, source: Type, target: Type, session: Session | None, where: str) -> str:
    if target.name in t.MOMENTS and source.name in (*t.MOMENTS, "varchar"):
        if session is None:
            raise not_supported(f"{where}such a cast inside a value")
        return moment_casts.cast(Typed(sql, source), target, session, where).sql
    if target.name in ("varchar", "char"):
        return _to_text(sql, source, target, session, where)
    if source.name == "varchar":
        return _from_text(sql, source, target, where)
    return _plain(sql, source, target, where)


def _plain(sql: str, source: Type, target: Type, where: str) -> str:
    if "time" in (source.name, target.name):
        raise not_supported(f"{where}a cast of {t.trino(source)} to {t.trino(target)}")
    if not {source.name, target.name} <= {*t.NUMBERS, "boolean"}:
        raise _refused(source, target, where)
    return f"CAST({_within(sql, source, target)} AS {t.duck(target)})"


def _within(sql: str, source: Type, target: Type) -> str:
    floating = source.name in ("double", "real")
    if floating and target.name == "bigint":
        return f"{'real' if source.name == 'real' else 'float'}_to_bigint({sql})"
    if floating and target.name == "decimal":
        return f"double_to_text({sql})"
    if (source.name, target.name) == ("double", "real"):
        return f"double_to_real({sql})"
    if target.name not in _BITS or not (floating or source.name in t.INTEGERS):
        return sql
    half = 2 ** (_BITS[target.name] - 1)
    macro = "float_to_whole" if floating else "whole_within"
    return f"{macro}({sql}, {-half}, {half - 1})"


def _from_text(sql: str, source: Type, target: Type, where: str) -> str:
    if target.name == "varbinary":
        return f"encode({sql})"
    macro = _FROM_TEXT.get(target.name)
    if macro is None:
        raise not_supported(f"{where}a cast of {t.trino(source)} to {t.trino(target)}")
    return f"CAST({macro}({sql}, '{t.trino(target)}') AS {t.duck(target)})"


def _to_text(sql: str, source: Type, target: Type, session: Session | None, where: str) -> str:
    if target.name == "char":
        raise not_supported(f"{where}char")
    if source.name in t.MOMENTS and source.name != "date":
        text = moment_casts.text(Typed(sql, source), where)
    elif source.name in _TO_TEXT:
        text = f"CAST({sql} AS VARCHAR)"
        if source.name == "decimal" and source.numbers[0] == source.numbers[1]:
            # DuckDB leaves out the 0 before the point of such a decimal.
            text = f"regexp_replace({text}, '^(-?)[.]', '\\10.')"
    elif source.name in _IN_PYTHON or source.name.startswith("interval"):
        text = _text_in_python(sql, source, session, where)
    else:
        raise _refused(source, target, where)
    if not target.numbers:
        return text
    length = target.numbers[0]
    if source.name == "varchar":
        fits = bool(source.numbers) and source.numbers[0] <= length
        return text if fits else f"left({text}, {length})"
    # Trino has no words of its own for these two.
    unforeseen = source.name == "boolean" or source.name.startswith("timestamp")
    return f"{'text_within' if unforeseen else 'text_that_fits'}({text}, {length})"


def _text_in_python(sql: str, source: Type, session: Session | None, where: str) -> str:
    if session is None:
        raise not_supported(f"{where}the text of a {t.trino(source)} inside a value")
    name = f"text_of_{source.name.replace(' ', '_')}"
    call = _IN_PYTHON.get(source.name) or partial(interval_text, name=source.name)
    session.functions[name] = PythonFunction(call, [t.duck(source)], "VARCHAR")
    return f"{name}({sql})"


def _nested(sql: str, source: Type, target: Type, session: Session | None, where: str) -> str:
    if source.name == "array":
        item = _inner("e", source.parts[0], target.parts[0], session, where)
        if item == "e":
            return sql
        return f"CAST(list_transform({sql}, LAMBDA e : {item}) AS {t.duck(target)})"
    if source.name == "map":
        raise not_supported(f"{where}a cast of {t.trino(source)} to {t.trino(target)}")
    if len(source.parts) != len(target.parts):
        raise _refused(source, target, where)
    named = []
    for i, (old, new) in enumerate(zip(source.parts, target.parts, strict=True)):
        value = f"struct_extract({sql}, {t.text(source.names[i] or f'field{i}')})"
        name = t.quote(target.names[i] or f"field{i}")
        named.append(f"{name} := {_inner(value, old, new, session, where)}")
    packed = f"CAST(struct_pack({', '.join(named)}) AS {t.duck(target)})"
    return f"(CASE WHEN {sql} IS NULL THEN NULL ELSE {packed} END)"


def _inner(sql: str, old: Type, new: Type, session: Session | None, where: str) -> str:
    if old == new or (session is None and t.duck(old) == t.duck(new)):
        return sql
    if session is None and not old.parts:
        return f"CAST({sql} AS {t.duck(new)})"
    return _text(sql, old, new, session, where)


def _refused(source: Type, target: Type, where: str) -> QueryFailed:
    text = f"{where}Cannot cast {t.trino(source)} to {t.trino(target)}"
    return QueryFailed("TYPE_MISMATCH", text)
