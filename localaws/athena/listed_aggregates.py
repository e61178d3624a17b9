"""Aggregates DuckDB lacks or computes differently: it gathers the rows, Python finishes them.

Each gathers a list of rows of its arguments, NULLs among them; no rows at all are a NULL list.
"""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from localaws.athena import casts, moments, percentiles
from localaws.athena import trino_types as t
from localaws.athena.failures import ENGINE_HINT, QueryFailed, marked, not_supported
from localaws.athena.nested_values import entries, key, map_of, orderable, refuse_maps, use
from localaws.athena.scopes import Session, Typed
from localaws.athena.special_functions import mismatch
from localaws.athena.trino_types import Type

Gather = Callable[[str], str]
Finish = Callable[[list[Any]], Any]
Builder = Callable[[str, list[Typed], Gather, Session, str], Typed]
_EXACT_UP_TO = 200
_LONGEST = 1_048_576


def gathered(
    name: str, values: list[Typed], gather: Gather, session: Session, finish: Finish, gives: Type
) -> Typed:
    """Return an aggregate that Python finishes: `finish` gets tuples of the arguments' values."""
    names = tuple(f"v{i}" for i in range(len(values)))
    packed = ", ".join(f"{n} := {v.sql}" for n, v in zip(names, values, strict=True))
    row = Type("row", parts=tuple(value.type for value in values), names=names)
    rows = Typed(gather(f"struct_pack({packed})"), t.array(row))

    def call(found: Any) -> Any:
        return None if found is None else finish([tuple(item.values()) for item in found])

    return use(session, name, call, [rows], gives)


def _map_agg(name: str, values: list[Typed], gather: Gather, session: Session, at: str) -> Typed:
    if len(values) != 2:
        raise mismatch(name, values, at)
    kind, single = values[0].type, name == "map_agg"
    refuse_maps([kind], "keys")

    def finish(rows: list[Any]) -> Any:
        found: dict[Any, tuple[Any, list[Any]]] = {}
        for k, v in rows:
            if k is not None:
                found.setdefault(key(k, kind), (k, []))[1].append(v)
        return map_of((k, vs[0] if single else vs) for k, vs in found.values()) if found else None

    value = values[1].type if single else t.array(values[1].type)
    return gathered(name, values, gather, session, finish, Type("map", parts=(kind, value)))


def _map_union(name: str, values: list[Typed], gather: Gather, session: Session, at: str) -> Typed:
    if len(values) != 1 or values[0].type.name != "map":
        raise mismatch(name, values, at)
    kind = values[0].type

    def finish(rows: list[Any]) -> Any:
        found: dict[Any, tuple[Any, Any]] = {}
        for (item,) in rows:
            for k, v in entries(item, kind) if item is not None else ():
                found.setdefault(key(k, kind.parts[0]), (k, v))
        return map_of(found.values()) if any(item is not None for (item,) in rows) else None

    return gathered(name, values, gather, session, finish, kind)


def _histogram(name: str, values: list[Typed], gather: Gather, session: Session, at: str) -> Typed:
    if len(values) != 1:
        raise mismatch(name, values, at)
    kind = values[0].type
    refuse_maps([kind], "keys")

    def finish(rows: list[Any]) -> Any:
        counts = Counter(key(item, kind) for (item,) in rows if item is not None)
        firsts = {key(item, kind): item for (item,) in rows}
        return map_of((firsts[k], count) for k, count in counts.items()) if counts else None

    return gathered(name, values, gather, session, finish, Type("map", parts=(kind, t.BIGINT)))


def _extremes(name: str, values: list[Typed], gather: Gather, session: Session, at: str) -> Typed:
    """Return max, min, max_by or min_by with a number of values wanted."""
    number, measure = values[-1], values[-2]
    if number.type.name not in t.INTEGERS or not orderable(measure.type):
        raise mismatch(name, values, at)
    if number.literal is None:
        raise not_supported(f"{at}{name} of a computed number of values")
    if measure.type.parts or measure.type.name in ("double", "real"):
        raise not_supported(f"{at}{name} of several values of {t.trino(measure.type)}")
    wanted, ordinal = int(number.literal), "third" if name.endswith("_by") else "second"
    if wanted <= 0:
        text = f"{ordinal} argument of {name} must be a positive integer"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", text)

    def finish(rows: list[Any]) -> Any:
        rows = [row for row in rows if row[-1] is not None]
        rows.sort(key=lambda row: row[-1], reverse=name.startswith("max"))
        for one, two in pairwise(rows[: wanted + 1]):
            if one[-1] == two[-1] and one[0] != two[0]:
                text = f"{name} where several rows have the same place: {ENGINE_HINT}"
                raise ValueError(marked("NOT_SUPPORTED", text))
        return [row[0] for row in rows[:wanted]] if rows else None

    return gathered(name, values[:-1], gather, session, finish, t.array(values[0].type))


def _listagg(name: str, values: list[Typed], gather: Gather, session: Session, at: str) -> Typed:
    if values[0].type.name != "varchar":
        kind = t.trino(values[0].type)
        raise QueryFailed("TYPE_MISMATCH", f"{at}Expected expression of varchar, but has {kind}")
    between = values[1].literal if len(values) > 1 else ""
    if between is None:
        raise not_supported(f"{at}listagg with a computed separator")

    def finish(rows: list[Any]) -> Any:
        found = [item for (item,) in rows if item is not None]
        text = between.join(found)
        if len(text.encode()) > _LONGEST:
            raise ValueError(marked("EXCEEDED_FUNCTION_MEMORY_LIMIT", "Concatenated text is long"))
        return text if found else None

    return gathered(name, values[:1], gather, session, finish, t.VARCHAR)


def _distinct(name: str, values: list[Typed], gather: Gather, session: Session, at: str) -> Typed:
    """Return approx_distinct, which is exact in Trino for few values; for more it is refused."""
    if len(values) != 1:
        raise not_supported(f"{at}approx_distinct with an error of its own")
    kind = values[0].type
    if kind.parts:
        raise not_supported(f"{at}approx_distinct of {t.trino(kind)}")

    def finish(rows: list[Any]) -> int:
        found = {key(item, kind) for (item,) in rows if item is not None}
        if len(found) > _EXACT_UP_TO:
            text = f"approx_distinct of more than {_EXACT_UP_TO} values: {ENGINE_HINT}"
            raise ValueError(marked("NOT_SUPPORTED", text))
        return len(found)

    found = gathered(name, values, gather, session, finish, t.BIGINT)
    return Typed(f"coalesce({found.sql}, 0)", t.BIGINT)


def _percentile(name: str, values: list[Typed], gather: Gather, session: Session, at: str) -> Typed:
    if len(values) not in (2, 3) or values[0].type.name not in t.NUMBERS:
        raise mismatch(name, values, at)
    share, kind = values[-1], percentiles.kind_of(values[0].type)
    several = share.type.name == "array"
    inner = share.type.parts[0] if several else share.type
    if inner.name not in t.NUMBERS:
        raise (
            not_supported(f"{at}approx_percentile at NULL")
            if inner == t.UNKNOWN
            else mismatch(name, values, at)
        )
    shares = casts.carried(share, t.array(t.DOUBLE) if several else t.DOUBLE)
    number = casts.carried(casts.carried(values[0], kind), t.DOUBLE)
    weights = [casts.carried(value, t.DOUBLE) for value in values[1:-1]]
    gives = t.array(kind) if several else kind

    def finish(rows: list[Any]) -> Any:
        return percentiles.at_shares(rows, whole=kind == t.BIGINT)

    return gathered(name, [number, *weights, shares], gather, session, finish, gives)


def _moment(name: str, values: list[Typed], gather: Gather, session: Session, at: str) -> Typed:
    if len(values) != 1 or values[0].type.name not in t.NUMBERS:
        raise mismatch(name, values, at)
    ready = [casts.carried(values[0], t.DOUBLE)]
    return gathered(name, ready, gather, session, moments.FINISHES[name], t.DOUBLE)


def _pair(name: str, values: list[Typed], gather: Gather, session: Session, at: str) -> Typed:
    names = [value.type.name for value in values]
    if len(values) != 2 or not {*names} <= {*t.NUMBERS, "unknown"}:
        raise mismatch(name, values, at)
    kind = t.DOUBLE if "double" in names else t.REAL
    ready = [casts.carried(casts.carried(value, kind), t.DOUBLE) for value in values]
    found = gathered(name, ready, gather, session, moments.FINISHES[name], t.DOUBLE)
    return Typed(f"CAST({found.sql} AS {t.duck(kind)})", kind)


LISTED: dict[str, Builder] = {
    "approx_distinct": _distinct,
    "approx_percentile": _percentile,
    "corr": _pair,
    "covar_pop": _pair,
    "covar_samp": _pair,
    "histogram": _histogram,
    "kurtosis": _moment,
    "listagg": _listagg,
    "map_agg": _map_agg,
    "map_union": _map_union,
    "multimap_agg": _map_agg,
    "regr_intercept": _pair,
    "regr_slope": _pair,
    "skewness": _moment,
}
SEVERAL: dict[tuple[str, int], Builder] = {
    ("max", 2): _extremes,
    ("min", 2): _extremes,
    ("max_by", 3): _extremes,
    ("min_by", 3): _extremes,
}
