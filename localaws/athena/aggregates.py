"""Aggregates and window functions: their arguments' types -> the call's text and its type."""

from collections.abc import Callable

from localaws.athena import casts
from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.nested_values import orderable
from localaws.athena.scopes import Typed
from localaws.athena.special_functions import mismatch, shared_type
from localaws.athena.trino_types import Type

Built = tuple[str, Type]
Builder = Callable[[str, list[Typed], str], Built]


def _one(kinds: tuple[str, ...], gives: Type | None = None) -> Builder:
    def build(name: str, values: list[Typed], where: str) -> Built:
        if len(values) != 1 or (kinds and values[0].type.name not in (*kinds, "unknown")):
            raise mismatch(name, values, where)
        if kinds and values[0].type == t.UNKNOWN:
            raise _ambiguous(name, values, where)
        return f"{_DUCK_NAMES.get(name, name)}({values[0].sql})", gives or values[0].type

    return build


def _ambiguous(name: str, values: list[Typed], where: str) -> QueryFailed:
    if name not in ("sum", "avg"):
        return mismatch(name, values, where)
    text = f"{where}Could not choose a best candidate operator"
    return QueryFailed("AMBIGUOUS_FUNCTION_CALL", text)


def _count(name: str, values: list[Typed], where: str) -> Built:
    if len(values) > 1:
        raise mismatch(name, values, where)
    return f"count({values[0].sql if values else '*'})", t.BIGINT


def _count_if(name: str, values: list[Typed], where: str) -> Built:
    _one(("boolean",))(name, values, where)
    return f"count(CASE WHEN {values[0].sql} THEN 1 END)", t.BIGINT  # never NULL, unlike DuckDB's


def _sum(name: str, values: list[Typed], where: str) -> Built:
    _refuse_intervals(name, values, where)
    inside, kind = _one(t.NUMBERS)(name, values, where)
    if kind.name == "decimal":
        return inside, t.decimal(38, kind.numbers[1])
    return inside, t.BIGINT if kind.name in t.INTEGERS else kind


def _refuse_intervals(name: str, values: list[Typed], where: str) -> None:
    if any(value.type.name.startswith("interval") for value in values):
        raise not_supported(f"{where}{name} of intervals")


def _avg(name: str, values: list[Typed], where: str) -> Built:
    _refuse_intervals(name, values, where)
    inside, kind = _one(t.NUMBERS)(name, values, where)
    return inside, kind if kind == t.REAL else t.DOUBLE


def _doubles(number: int) -> Builder:
    def build(name: str, values: list[Typed], where: str) -> Built:
        if len(values) != number or any(v.type.name not in t.NUMBERS for v in values):
            raise mismatch(name, values, where)
        ready = ", ".join(casts.carried(value, t.DOUBLE).sql for value in values)
        return f"{_DUCK_NAMES.get(name, name)}({ready})", t.DOUBLE

    return build


def _bits(name: str, values: list[Typed], where: str) -> Built:
    inside, _ = _one(t.INTEGERS)(name, values, where)
    return inside, t.BIGINT


def _array_agg(name: str, values: list[Typed], where: str) -> Built:
    inside, kind = _one(())(name, values, where)
    return inside, t.array(kind)


def _by(name: str, values: list[Typed], where: str) -> Built:
    if len(values) != 2:
        raise mismatch(name, values, where)
    if not orderable(values[1].type):
        raise mismatch(name, values, where)
    if values[1].type.parts:
        raise not_supported(f"{where}{name} by {t.trino(values[1].type)}")
    key = values[1].sql
    if values[1].type.name in ("double", "real"):
        key = f"number_to_order({key})"
    return f"{_DUCK_NAMES[name]}({values[0].sql}, {key})", values[0].type


def _ranking(gives: Type, takes: int = 0) -> Builder:
    def build(name: str, values: list[Typed], where: str) -> Built:
        if len(values) != takes:
            raise mismatch(name, values, where)
        return f"{name}({', '.join(value.sql for value in values)})", gives

    return build


def _neighbour(name: str, values: list[Typed], where: str) -> Built:
    if not 1 <= len(values) <= 3:
        raise mismatch(name, values, where)
    if len(values) > 1:
        values[1] = Typed(f"window_offset({values[1].sql})", t.BIGINT)
    if len(values) == 3:
        (values[0], values[2]), _ = shared_type(name, [values[0], values[2]], where)
    return f"{name}({', '.join(value.sql for value in values)})", values[0].type


def _ntile(name: str, values: list[Typed], where: str) -> Built:
    if len(values) != 1 or values[0].type.name not in (*t.INTEGERS, "unknown"):
        raise mismatch(name, values, where)
    return f"ntile(window_buckets({values[0].sql}))", t.BIGINT


def _nth(name: str, values: list[Typed], where: str) -> Built:
    if len(values) != 2:
        raise mismatch(name, values, where)
    return f"nth_value({values[0].sql}, window_place({values[1].sql}))", values[0].type


_DUCK_NAMES = {
    "bitwise_and_agg": "bit_and",
    "bitwise_or_agg": "bit_or",
    "bitwise_xor_agg": "bit_xor",
    "every": "bool_and",
    "max_by": "arg_max_null",
    "min_by": "arg_min_null",
    "stddev": "stddev_samp",
    "variance": "var_samp",
    "array_agg": "list",
    "arbitrary": "any_value",
}
AGGREGATES: dict[str, Builder] = {
    "any_value": _one(()),
    "arbitrary": _one(()),
    "array_agg": _array_agg,
    "avg": _avg,
    "bitwise_and_agg": _bits,
    "bitwise_or_agg": _bits,
    "bitwise_xor_agg": _bits,
    "bool_and": _one(("boolean",), t.BOOLEAN),
    "bool_or": _one(("boolean",), t.BOOLEAN),
    "count": _count,
    "count_if": _count_if,
    "every": _one(("boolean",), t.BOOLEAN),
    "max": _one(()),
    "max_by": _by,
    "min": _one(()),
    "min_by": _by,
    "stddev": _doubles(1),
    "stddev_pop": _doubles(1),
    "stddev_samp": _doubles(1),
    "sum": _sum,
    "var_pop": _doubles(1),
    "var_samp": _doubles(1),
    "variance": _doubles(1),
}
RANKINGS: dict[str, Builder] = {
    "cume_dist": _ranking(t.DOUBLE),
    "dense_rank": _ranking(t.BIGINT),
    "first_value": _one(()),
    "lag": _neighbour,
    "last_value": _one(()),
    "lead": _neighbour,
    "nth_value": _nth,
    "ntile": _ntile,
    "percent_rank": _ranking(t.DOUBLE),
    "rank": _ranking(t.BIGINT),
    "row_number": _ranking(t.BIGINT),
}
