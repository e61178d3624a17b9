"""Trino's functions of maps -> DuckDB's text; the macros they call fail as Trino does."""

from typing import Any

from localaws.athena import casts, float_order
from localaws.athena import trino_types as t
from localaws.athena.common_types import unify
from localaws.athena.failures import QueryFailed, invalid_argument, not_supported
from localaws.athena.nested_values import holds_map, use
from localaws.athena.scopes import Scope, Typed
from localaws.athena.special_functions import Special, mismatch
from localaws.athena.trino_types import Type

_EMPTY = Type("map", parts=(t.UNKNOWN, t.UNKNOWN))


def _map(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if not values:
        return Typed(f"CAST(MAP {{}} AS {t.duck(_EMPTY)})", _EMPTY)
    if len(values) != 2 or any(value.type.name != "array" for value in values):
        raise mismatch("map", values, where)
    kind = Type("map", parts=(values[0].type.parts[0], values[1].type.parts[0]))
    _refuse_map_keys(kind.parts[0], where)
    return Typed(f"map_of_lists({values[0].sql}, {values[1].sql})", kind)


def _refuse_map_keys(kind: Type, where: str) -> None:
    if holds_map(kind):
        raise not_supported(f"{where}maps as keys of maps")


def _element_at(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if len(values) == 2 and values[0].type.name == "map":
        key, found = values[0].type.parts
        if unify([key, values[1].type]) != key:
            if unify([key, values[1].type]) is not None:
                raise not_supported(f"{where}{t.trino(values[1].type)} as key of a map")
            raise mismatch("element_at", values, where)
        wanted = float_order.to_find(casts.carried(values[1], key))
        return Typed(f"map_extract_value({values[0].sql}, {wanted})", found)
    whole = len(values) == 2 and values[1].type.name in (*t.INTEGERS, "unknown")
    if not whole or values[0].type.name != "array":
        raise mismatch("element_at", values, where)
    place = f"array_element_at({values[0].sql}, CAST({values[1].sql} AS BIGINT))"
    return Typed(place, values[0].type.parts[0])


def _entries(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if len(values) != 1 or values[0].type.name != "map":
        raise mismatch("map_entries", values, where)
    row = Type("row", parts=values[0].type.parts, names=("", ""))
    return Typed(f"rows_of_map({values[0].sql})", t.array(row))


def _from_entries(name: str, macro: str) -> Special:
    def special(values: list[Typed], _scope: Scope, where: str) -> Typed:
        kind = values[0].type if len(values) == 1 else t.UNKNOWN
        if kind == t.array(t.UNKNOWN):
            row = Type("row", parts=(t.UNKNOWN, t.UNKNOWN), names=("", ""))
            values, kind = [Typed(f"CAST({values[0].sql} AS {t.duck(row)}[])", kind)], t.array(row)
        if kind.name != "array" or len(kind.parts[0].parts) != 2 or kind.parts[0].name != "row":
            raise mismatch(name, values, where)
        key, value = kind.parts[0].parts
        _refuse_map_keys(key, where)
        value = t.array(value) if name.startswith("multi") else value
        return Typed(f"{macro}({values[0].sql})", Type("map", parts=(key, value)))

    return special


def _concat(values: list[Typed], _scope: Scope, where: str) -> Typed:
    kind = unify([value.type for value in values])
    if kind is None or kind.name != "map":
        raise mismatch("map_concat", values, where)
    if len(values) < 2:
        text = "There must be two or more concatenation arguments to map_concat"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", text)
    texts = [casts.carried(value, kind).sql for value in values]
    nulls = " OR ".join(f"{text} IS NULL" for text in texts)
    return Typed(f"(CASE WHEN {nulls} THEN NULL ELSE map_concat({', '.join(texts)}) END)", kind)


def _cardinality(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if len(values) != 1 or values[0].type.name not in ("array", "map"):
        raise mismatch("cardinality", values, where)
    inner = values[0].sql if values[0].type.name == "array" else f"map_keys({values[0].sql})"
    return Typed(f"len({inner})", t.BIGINT)


def _split(name: str, *, several: bool) -> Special:
    def special(values: list[Typed], scope: Scope, where: str) -> Typed:
        if len(values) != 3 or any(value.type.name != "varchar" for value in values):
            raise mismatch(name, values, where)

        def call(text: Any, between: Any, inside: Any) -> Any:
            if None in (text, between, inside):
                return None
            if not between or not inside or between == inside:
                _fail(f"the delimiters of {name} must be two texts")
            return _split_text(text, between, inside, several=several)

        value = t.array(t.VARCHAR) if several else t.VARCHAR
        return use(scope.session, name, call, values, Type("map", parts=(t.VARCHAR, value)))

    return special


def _split_text(text: str, between: str, inside: str, *, several: bool) -> Any:
    found: dict[str, list[str]] = {}
    parts = text.split(between)
    for part in parts[:-1] if parts[-1] == "" else parts:
        pair = part.split(inside)
        if len(pair) != 2:
            _fail(
                f"Key-value delimiter must appear exactly once in each entry. Bad input: '{part}'"
            )
        found.setdefault(pair[0], []).append(pair[1])
        if len(found[pair[0]]) > 1 and not several:
            _fail(f"Duplicate keys ({pair[0]}) are not allowed")
    if several:
        return found
    return {name: values[0] for name, values in found.items()}


def _fail(text: str) -> None:
    raise invalid_argument(text)


MAPS: dict[str, Special] = {
    "cardinality": _cardinality,
    "element_at": _element_at,
    "map": _map,
    "map_concat": _concat,
    "map_entries": _entries,
    "map_from_entries": _from_entries("map_from_entries", "map_of_rows"),
    "split_to_map": _split("split_to_map", several=False),
    "split_to_multimap": _split("split_to_multimap", several=True),
    "multimap_from_entries": _from_entries("multimap_from_entries", "multimap_of_rows"),
}
