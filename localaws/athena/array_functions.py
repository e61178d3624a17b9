"""Trino's functions of arrays -> DuckDB's text; what SQL cannot say is a Python function."""

from itertools import combinations, zip_longest
from typing import Any

from localaws.athena import casts
from localaws.athena import trino_types as t
from localaws.athena.common_types import unify
from localaws.athena.failures import QueryFailed, invalid_argument, not_supported
from localaws.athena.intervals import span
from localaws.athena.nested_values import complete, holds_map, orderable, use
from localaws.athena.scopes import Scope, Typed
from localaws.athena.special_functions import Special, mismatch
from localaws.athena.trino_types import Type

_FLOATING = ("double", "real")
_MOST_COMBINATIONS = 100_000


def _arrays(name: str, template: str) -> Special:
    """Return a function of arrays of one type, the answer another such array."""

    def special(values: list[Typed], _scope: Scope, where: str) -> Typed:
        kind = unify([value.type for value in values])
        if kind is None or kind.name != "array" or len(values) != template.count("{"):
            raise mismatch(name, values, where)
        if holds_map(kind):
            raise not_supported(f"{where}{name} of maps")
        texts = [casts.carried(value, kind).sql for value in values]
        return Typed(template.format(*texts), kind)

    return special


def _member(name: str, template: str, gives: Type | None) -> Special:
    """Return a function of an array and a value that its elements are compared with."""

    def special(values: list[Typed], _scope: Scope, where: str) -> Typed:
        if len(values) != 2 or values[0].type.name not in ("array", "unknown"):
            raise mismatch(name, values, where)
        array, value = _compatible(name, values, where)
        element = value.type
        if element.parts:
            raise not_supported(f"{where}{name} of {t.trino(array.type)}")
        text = value.sql
        if element.name in _FLOATING:
            # NaN equals nothing in Trino; a list without NaN has nothing that equals it either.
            array = Typed(f"without_nan({array.sql})", array.type) if gives == t.BOOLEAN else array
            text = value.sql if gives == t.BOOLEAN else f"number_to_find({value.sql})"
        return Typed(template.format(array.sql, text), gives or array.type)

    return special


def _compatible(name: str, values: list[Typed], where: str) -> tuple[Typed, Typed]:
    array, value = values
    inside = array.type.parts[0] if array.type.parts else t.UNKNOWN
    element = unify([inside, value.type])
    if element is None:
        raise mismatch(name, values, where)
    return casts.carried(array, t.array(element)), casts.carried(value, element)


def _overlap(values: list[Typed], _scope: Scope, where: str) -> Typed:
    kind = unify([value.type for value in values])
    if kind is None or kind.name != "array" or len(values) != 2:
        raise mismatch("arrays_overlap", values, where)
    if kind.parts[0].parts:
        raise not_supported(f"{where}arrays_overlap of {t.trino(kind)}")
    one, two = (casts.carried(value, kind).sql for value in values)
    one = f"without_nan({one})" if kind.parts[0].name in _FLOATING else one
    return Typed(f"arrays_overlap({one}, {two})", t.BOOLEAN)


def _concat_parts(values: list[Typed], where: str) -> tuple[list[Typed], Type]:
    """Return the arrays that `||` or concat joins: a single element counts as an array of one."""
    arrays = [value for value in values if value.type.name == "array"]
    if len(values) > 1 and any(value.type == t.UNKNOWN for value in values):
        text = f"{where}Could not choose a best candidate operator"
        raise QueryFailed("AMBIGUOUS_FUNCTION_CALL", text)
    kind = unify([value.type for value in values])
    if kind is not None and len(arrays) == len(values):
        if kind.parts[0].name == "array" and any(v.type.parts[0] == t.UNKNOWN for v in values):
            raise not_supported(f"{where}joining arrays of unknown type")
        if len({value.type == t.array(t.UNKNOWN) for value in values}) == 2:
            text = f"{where}Could not choose a best candidate operator"
            raise QueryFailed("AMBIGUOUS_FUNCTION_CALL", text)
        return values, kind
    if len(values) != 2:
        raise mismatch("concat", values, where)
    return _with_element(values, where)


def _with_element(values: list[Typed], where: str) -> tuple[list[Typed], Type]:
    for place, other in ((0, 1), (1, 0)):
        array, single = values[place], values[other]
        if array.type.name != "array":
            continue
        element = unify([array.type.parts[0], single.type])
        if element is None:
            continue
        item = casts.carried(single, element).sql
        one = Typed(f"(CASE WHEN {item} IS NOT NULL THEN [{item}] END)", t.array(element))
        pair = [one, one]
        pair[place] = array
        return pair, t.array(element)
    raise mismatch("concat", values, where)


def joined(values: list[Typed], where: str) -> Typed:
    """Return `a || b` and concat where one of the values is an array."""
    parts, kind = _concat_parts(values, where)
    texts = [casts.carried(part, kind).sql for part in parts]
    nulls = " OR ".join(f"{text} IS NULL" for text in texts)
    return Typed(f"(CASE WHEN {nulls} THEN NULL ELSE list_concat({', '.join(texts)}) END)", kind)


def _extreme(word: str) -> Special:
    def special(values: list[Typed], _scope: Scope, where: str) -> Typed:
        if len(values) != 1 or values[0].type.name != "array" or not orderable(values[0].type):
            raise mismatch(f"array_{word}", values, where)
        element = values[0].type.parts[0]
        if element.parts:
            raise not_supported(f"{where}array_{word} of {t.trino(values[0].type)}")
        macro = f"array_{word}_number" if element.name in _FLOATING else f"array_{word}_value"
        return Typed(f"{macro}({values[0].sql})", element)

    return special


def _sort(values: list[Typed], scope: Scope, where: str) -> Typed:
    if len(values) != 1 or values[0].type.name != "array" or not orderable(values[0].type):
        raise mismatch("array_sort", values, where)
    kind, array = values[0].type, values[0]
    if kind.parts[0].parts:
        array = complete(array, scope.session)
    return Typed(f"list_sort({array.sql}, 'ASC', 'NULLS LAST')", kind)


def _join(values: list[Typed], scope: Scope, where: str) -> Typed:
    texts = all(value.type.name in ("varchar", "unknown") for value in values[1:])
    if len(values) not in (2, 3) or values[0].type.name != "array" or not texts:
        raise mismatch("array_join", values, where)
    kind = t.array(t.VARCHAR)
    try:
        array = casts.cast(values[0], kind, scope.session, where)
    except QueryFailed as error:
        if error.name != "TYPE_MISMATCH":
            raise
        raise QueryFailed("OPERATOR_NOT_FOUND", error.text) from error
    if len(values) == 2:
        return Typed(f"joined_texts({array.sql}, {values[1].sql})", t.VARCHAR)
    rest = ", ".join(value.sql for value in values[1:])
    return Typed(f"joined_texts_or({array.sql}, {rest})", t.VARCHAR)


def _flatten(values: list[Typed], _scope: Scope, where: str) -> Typed:
    kind = values[0].type if len(values) == 1 else t.UNKNOWN
    if kind.name != "array" or kind.parts[0].name not in ("array", "unknown"):
        raise mismatch("flatten", values, where)
    if kind.parts[0] == t.UNKNOWN:
        raise not_supported(f"{where}flatten of NULLs")
    return Typed(f"flatten({values[0].sql})", kind.parts[0])


def _repeat(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if len(values) != 2 or values[1].type.name not in t.INTEGERS:
        raise mismatch("repeat", values, where)
    kind = t.array(values[0].type)
    item = casts.carried(values[0], values[0].type).sql
    return Typed(f"CAST(repeated({item}, {values[1].sql}) AS {t.duck(kind)})", kind)


def _cut(name: str, template: str, number: int) -> Special:
    def special(values: list[Typed], _scope: Scope, where: str) -> Typed:
        whole = all(value.type.name in (*t.INTEGERS, "unknown") for value in values[1:])
        if len(values) != number or values[0].type.name != "array" or not whole:
            raise mismatch(name, values, where)
        return Typed(template.format(*(value.sql for value in values)), values[0].type)

    return special


def _sequence(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if len(values) not in (2, 3):
        raise mismatch("sequence", values, where)
    names = {value.type.name for value in values[:2]}
    if names <= {*t.INTEGERS} and all(value.type.name in t.INTEGERS for value in values):
        texts = [f"CAST({value.sql} AS BIGINT)" for value in values]
        if len(values) == 2:
            texts.append(f"CASE WHEN {texts[0]} <= {texts[1]} THEN 1 ELSE -1 END")
        return Typed(f"number_sequence({', '.join(texts)})", t.array(t.BIGINT))
    if len(names) != 1 or names - {"date", "timestamp"}:
        raise mismatch("sequence", values, where)
    return _moments(values, where)


def _moments(values: list[Typed], where: str) -> Typed:
    kind, step = values[0].type, values[2] if len(values) == 3 else None
    if step is None and kind.name == "date":
        first, last = values[0].sql, values[1].sql
        way = f"CASE WHEN {first} <= {last} THEN 86400000 ELSE -86400000 END"
        step = Typed(f"({way})", t.INTERVAL_DAY, "86400000")
    if step is None or not step.type.name.startswith("interval"):
        raise mismatch("sequence", values, where)
    if step.literal is None:
        raise not_supported(f"{where}sequence with a computed step")
    by_months = step.type == t.INTERVAL_YEAR
    if kind.name == "date" and not by_months and int(step.literal) % 86_400_000:
        text = "sequence step must be a day interval if start and end values are dates"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", text)
    macro = "month_sequence" if by_months else "moment_sequence"
    texts = ", ".join((values[0].sql, values[1].sql, span(step)))
    return Typed(f"CAST({macro}({texts}) AS {t.duck(t.array(kind))})", t.array(kind))


def _zip(values: list[Typed], scope: Scope, where: str) -> Typed:
    if not 2 <= len(values) <= 5 or any(value.type.name != "array" for value in values):
        raise mismatch("zip", values, where)
    if len(values) == 5:
        raise not_supported(f"{where}zip of five arrays")
    parts = tuple(value.type.parts[0] for value in values)

    def call(*lists: Any) -> Any:
        if any(part is None for part in lists):
            return None
        return [{f"field{i}": v for i, v in enumerate(row)} for row in zip_longest(*lists)]

    kind = t.array(Type("row", parts=parts, names=("",) * len(parts)))
    return use(scope.session, "zip", call, values, kind)


def _combinations(values: list[Typed], scope: Scope, where: str) -> Typed:
    def call(items: Any, number: Any) -> Any:
        if items is None or number is None:
            return None
        if number > 5:
            _fail(f"combination size must not exceed 5: {number}")
        if number < 0:
            _fail(f"combination size must not be negative: {number}")
        found = [list(row) for row in combinations(items, number)]
        if len(found) > _MOST_COMBINATIONS:
            _fail("combinations exceed max size of 100000")
        return found

    return _lists("combinations", call, values, scope, where)


def _ngrams(values: list[Typed], scope: Scope, where: str) -> Typed:
    def call(items: Any, number: Any) -> Any:
        if items is None or number is None:
            return None
        if number <= 0:
            _fail("N must be positive")
        count = max(1, len(items) - number + 1)
        return [items[i : i + number] for i in range(count)]

    return _lists("ngrams", call, values, scope, where)


def _lists(name: str, call: Any, values: list[Typed], scope: Scope, where: str) -> Typed:
    whole = len(values) == 2 and values[1].type.name in ("tinyint", "smallint", "integer")
    if not whole or values[0].type.name != "array":
        raise mismatch(name, values, where)
    return use(scope.session, name, call, values, t.array(values[0].type))


def _fail(text: str) -> None:
    raise invalid_argument(text)


ARRAYS: dict[str, Special] = {
    "array_distinct": _arrays("array_distinct", "distinct_items({0})"),
    "array_except": _arrays("array_except", "items_only_in({0}, {1})"),
    "array_intersect": _arrays("array_intersect", "items_in_both({0}, {1})"),
    "array_join": _join,
    "array_max": _extreme("max"),
    "array_min": _extreme("min"),
    "array_position": _member("array_position", "place_of({0}, {1})", t.BIGINT),
    "array_remove": _member("array_remove", "items_but({0}, {1})", None),
    "array_sort": _sort,
    "array_union": _arrays("array_union", "items_of_both({0}, {1})"),
    "arrays_overlap": _overlap,
    "combinations": _combinations,
    "contains": _member("contains", "has_item({0}, {1})", t.BOOLEAN),
    "flatten": _flatten,
    "ngrams": _ngrams,
    "repeat": _repeat,
    "sequence": _sequence,
    "slice": _cut("slice", "array_slice_of({0}, {1}, {2})", 3),
    "trim_array": _cut("trim_array", "trimmed_array({0}, {1})", 2),
    "zip": _zip,
}
