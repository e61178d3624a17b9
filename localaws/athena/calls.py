"""Function calls with all that may hang on them: DISTINCT, ORDER BY, FILTER, OVER, lambdas."""

from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from localaws.athena import casts, functions
from localaws.athena import trino_types as t
from localaws.athena.aggregates import AGGREGATES, RANKINGS
from localaws.athena.arithmetic import decimal_quotient
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.lambdas import rewrite_lambda_call
from localaws.athena.nested_values import complete, refuse_maps
from localaws.athena.scopes import Scope, Typed, plain_column
from localaws.athena.trino_types import Type


@dataclass(frozen=True, slots=True)
class _Wrapping:
    """What stands around a call: FILTER's and OVER's text, IGNORE NULLS."""

    filter: str = ""
    over: str = ""
    ignore_nulls: bool = False


def rewrite_call(node: Any, scope: Scope) -> Typed:
    """Return the translation of a call, bare or inside FILTER, IGNORE NULLS and OVER."""
    wrapping, inner = _Wrapping(), node
    while not isinstance(inner, exp.Anonymous):
        wrapping = _wrapped(inner, wrapping, scope)
        inner = inner.this
    name, where = str(inner.this).lower(), _where(inner)
    if name in AGGREGATES or name in RANKINGS:
        return _aggregate(name, inner, scope, wrapping, where)
    if wrapping != _Wrapping():
        raise functions.unknown(name, where)
    found = rewrite_lambda_call(name, inner, scope, where)
    if found is not None:
        return found
    values = [scope.session.rewrite(part, scope) for part in inner.expressions]
    if name == "try":
        return Typed(f"TRY({values[0].sql})", values[0].type)
    if name == "grouping":
        return Typed(f"grouping({', '.join(value.sql for value in values)})", t.BIGINT)
    return functions.call(name, values, scope, where)


def ordering(order: Any, scope: Scope) -> str:
    """Return ` ORDER BY …` with each item's direction and place of NULLs spelled out."""
    if order is None:
        return ""
    items = []
    for item in order.expressions:
        direction = "DESC" if item.args.get("desc") else "ASC"
        nulls = "FIRST" if item.args.get("nulls_first") else "LAST"
        value = scope.session.rewrite(item.this, scope)
        items.append(f"{complete(value, scope.session).sql} {direction} NULLS {nulls}")
    return " ORDER BY " + ", ".join(items)


def is_aggregate(node: Any) -> bool:
    """Tell whether a call aggregates rows (and is not a window)."""
    return isinstance(node, exp.Anonymous) and str(node.this).lower() in AGGREGATES


def _where(node: Any) -> str:
    meta = node.meta
    return f"line {meta['line']}:{meta['col'] - meta['end'] + meta['start']}: " if meta else ""


def _wrapped(node: Any, wrapping: _Wrapping, scope: Scope) -> _Wrapping:
    if isinstance(node, exp.Filter):
        test = scope.session.rewrite(node.expression.this, scope)
        return replace(wrapping, filter=f" FILTER (WHERE {test.sql})")
    if isinstance(node, exp.IgnoreNulls):
        return replace(wrapping, ignore_nulls=True)
    if isinstance(node, exp.RespectNulls):
        return wrapping
    if isinstance(node, exp.Window):
        return replace(wrapping, over=_over(node, scope))
    raise not_supported(f"the form {type(node).__name__.upper()} around a function")


def _over(node: Any, scope: Scope) -> str:
    name = node.args.get("alias")
    if name is not None:
        named = scope.windows.get(name.name.lower())
        if named is None or node.args.get("order") or node.args.get("partition_by"):
            raise not_supported(f"the window {name.name}")
        node = named
    parts = node.args.get("partition_by") or []
    keys = [scope.session.rewrite(part, scope).sql for part in parts]
    scope.partitions.append({name for part in parts if (name := plain_column(part, scope))})
    partition = f"PARTITION BY {', '.join(keys)}" if keys else ""
    frame = _frame(node.args.get("spec"), scope)
    return f" OVER ({partition}{ordering(node.args.get('order'), scope)}{frame})"


def _frame(spec: Any, scope: Scope) -> str:
    if spec is None:
        return ""
    kind = str(spec.args["kind"]).upper()
    if kind not in ("ROWS", "RANGE") or spec.args.get("exclude"):
        raise not_supported(f"a {kind} frame")
    start = _bound(spec.args["start"], spec.args.get("start_side"), kind, scope)
    end = _bound(spec.args.get("end") or "CURRENT ROW", spec.args.get("end_side"), kind, scope)
    return f" {kind} BETWEEN {start} AND {end}"


def _bound(bound: Any, side: Any, kind: str, scope: Scope) -> str:
    if isinstance(bound, str):
        return f"{bound} {side or ''}".upper().strip()
    if kind == "RANGE":
        raise not_supported("a RANGE frame with an offset")
    return f"{scope.session.rewrite(bound, scope).sql} {str(side).upper()}"


def _aggregate(name: str, node: Any, scope: Scope, around: _Wrapping, where: str) -> Typed:
    parts, distinct, order = _arguments(node, scope)
    values = [scope.session.rewrite(part, scope) for part in parts]
    if distinct:
        refuse_maps((value.type for value in values), "DISTINCT")
    if name in RANKINGS and not around.over:
        raise QueryFailed("MISSING_OVER", f"{where}Window function {name} requires an OVER clause")
    build = RANKINGS.get(name) or AGGREGATES[name]
    if name == "avg" and values and values[0].type.name == "decimal":
        return _mean(values[0], distinct, around, scope)
    inside, kind = build(name, values, where)
    function, _, arguments = inside.partition("(")
    nulls = " IGNORE NULLS" if around.ignore_nulls else ""
    call = f"{function}({distinct}{arguments[:-1]}{nulls}{order}){around.filter}{around.over}"
    return Typed(f"CAST({call} AS {t.duck(kind)})" if name in _WIDER else call, kind)


def _arguments(node: Any, scope: Scope) -> tuple[list[Any], str, str]:
    parts, distinct, order = list(node.expressions), "", ""
    if parts and isinstance(parts[-1], exp.Order):
        order = ordering(parts[-1], scope)
        parts[-1] = parts[-1].this
    if parts and isinstance(parts[0], exp.Distinct):
        distinct, parts = "DISTINCT ", list(parts[0].expressions)
    if parts and isinstance(parts[-1], exp.Order):
        order = ordering(parts[-1], scope)
        parts[-1] = parts[-1].this
    parts = [part for part in parts if not isinstance(part, exp.Star)]
    return parts, distinct, order


def _mean(value: Typed, distinct: str, around: _Wrapping, scope: Scope) -> Typed:
    tail = f"{around.filter}{around.over}"
    wide = Type("decimal", (38, value.type.numbers[1]))
    total = Typed(f"sum({distinct}{value.sql}){tail}", wide)
    number = Typed(f"nullif(count({distinct}{value.sql}){tail}, 0)", t.BIGINT)
    return decimal_quotient(
        total, casts.carried(number, t.decimal(38, 0)), value.type, scope.session
    )


_WIDER = ("sum", "avg")
