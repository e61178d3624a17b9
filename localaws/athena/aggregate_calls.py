"""A call of an aggregate or window function, with DISTINCT, ORDER BY, FILTER and OVER."""

from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from localaws.athena import casts
from localaws.athena import trino_types as t
from localaws.athena.aggregates import AGGREGATES, RANKINGS
from localaws.athena.arithmetic import decimal_quotient
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.listed_aggregates import LISTED, SEVERAL
from localaws.athena.masks import computes_every_row
from localaws.athena.nested_values import complete, orderable, refuse_maps
from localaws.athena.orderings import ordering
from localaws.athena.raising import may_fail
from localaws.athena.scopes import ELSEWHERE, Scope, Typed
from localaws.athena.special_functions import mismatch
from localaws.athena.trino_types import Type

_NULL_TREATMENT = ("first_value", "last_value", "nth_value", "lag", "lead")
# So many digits that no sum of fewer reaches 39 of them.
_SAFE = 28
_WIDER = ("sum", "avg", "bitwise_and_agg", "bitwise_or_agg", "bitwise_xor_agg")


@dataclass(frozen=True, slots=True)
class Wrapping:
    """What stands around a call: FILTER's condition, OVER's text, IGNORE NULLS, a group's order."""

    filter: str = ""
    over: str = ""
    ignore_nulls: bool = False
    order: Any = None


@dataclass(frozen=True, slots=True)
class _Tail:
    """What each aggregate a call becomes carries along."""

    distinct: str
    order: str
    around: Wrapping

    def of(self, function: str, arguments: str) -> str:
        nulls = " IGNORE NULLS" if self.around.ignore_nulls else ""
        inside = f"{self.distinct}{arguments}{nulls}{self.order}"
        test = f" FILTER (WHERE {self.around.filter})" if self.around.filter else ""
        return f"{function}({inside}){test}{self.around.over}"

    def gather(self, item: str) -> str:
        every = replace(self, distinct="").of("list", item)
        return f"distinct_items({every})" if self.distinct else every


def filtered(node: Any, scope: Scope) -> str:
    """Return the condition of a FILTER; raise QueryFailed if it is not one."""
    test = scope.session.rewrite(node, scope)
    if test.type not in (t.BOOLEAN, t.UNKNOWN):
        text = f"Filter expression must evaluate to a boolean (actual: {t.trino(test.type)})"
        raise QueryFailed("TYPE_MISMATCH", f"line 1:1: {text}")
    return test.sql


def aggregate(name: str, node: Any, scope: Scope, around: Wrapping, where: str) -> Typed:
    """Return the translation of an aggregate, ranking or neighbour function."""
    parts, distinct, order = _arguments(node, around)
    _refuse(name, parts, around, where)
    values = _arguments_of(parts, scope, where)
    values, around = _filtered_rows(node, values, around)
    if distinct:
        refuse_maps((value.type for value in values), "DISTINCT")
        _refuse_other_order(order, values, scope, where)
    tail = _Tail(distinct, ordering(order, scope), around)
    listed = SEVERAL.get((name, len(values))) or LISTED.get(name)
    if listed is not None:
        if not values:
            raise mismatch(name, values, where)
        return listed(name, values, tail.gather, scope.session, where)
    return _plain(name, values, tail, scope, where)


def _arguments_of(parts: list[Any], scope: Scope, where: str) -> list[Typed]:
    before, scope.references = scope.references, set()
    values = [scope.session.rewrite(part, scope) for part in parts]
    found, scope.references = scope.references, before | scope.references
    if found == {ELSEWHERE}:
        raise not_supported(f"{where}an aggregate of what belongs to the query around")
    return values


def _filtered_rows(
    node: Any, values: list[Typed], around: Wrapping
) -> tuple[list[Typed], Wrapping]:
    failing = [value.sql for value in values if may_fail(value.sql)]
    if not around.filter or not failing:
        return values, around
    test = around.filter
    if not computes_every_row(node):
        # DuckDB may compute it for the rows the filter leaves out.
        guarded = [
            replace(v, sql=f"(CASE WHEN {test} THEN {v.sql} END)") if v.sql in failing else v
            for v in values
        ]
        return guarded, around
    for sql in failing:
        test = f"CASE WHEN {sql} IS NULL THEN {test} ELSE {test} END"
    return values, replace(around, filter=test)


def _plain(name: str, values: list[Typed], tail: _Tail, scope: Scope, where: str) -> Typed:
    if name == "avg" and len(values) == 1 and values[0].type.name == "decimal":
        return _mean(values[0], tail, scope)
    if name in ("max", "min") and len(values) == 1:
        return _extreme(name, values[0], tail, scope, where)
    build = RANKINGS.get(name) or AGGREGATES[name]
    inside, kind = build(name, values, where)
    function, _, arguments = inside.partition("(")
    call = tail.of(function, arguments[:-1])
    if name == "sum" and values[0].type.name == "decimal" and values[0].type.numbers[0] > _SAFE:
        most = f"CAST('{'9' * 38}e-{kind.numbers[1]}' AS {t.duck(kind)})"
        return Typed(f"sum_within({call}, {most})", kind)
    return Typed(f"CAST({call} AS {t.duck(kind)})" if name in _WIDER else call, kind)


def _extreme(name: str, value: Typed, tail: _Tail, scope: Scope, where: str) -> Typed:
    if not orderable(value.type):
        raise mismatch(name, [value], where)
    if value.type.name not in ("double", "real"):
        return Typed(tail.of(name, complete(value, scope.session).sql), value.type)
    # NaN is the answer only if there is nothing else.
    number = tail.of(name, f"CASE WHEN NOT isnan({value.sql}) THEN {value.sql} END")
    return Typed(f"coalesce({number}, {tail.of(name, value.sql)})", value.type)


def _mean(value: Typed, tail: _Tail, scope: Scope) -> Typed:
    wide = Type("decimal", (38, value.type.numbers[1]))
    total = Typed(tail.of("sum", value.sql), wide)
    number = Typed(f"nullif({tail.of('count', value.sql)}, 0)", t.BIGINT)
    return decimal_quotient(
        total, casts.carried(number, t.decimal(38, 0)), value.type, scope.session
    )


def _arguments(node: Any, around: Wrapping) -> tuple[list[Any], str, Any]:
    parts, distinct, order = list(node.expressions), "", around.order
    if parts and isinstance(parts[-1], exp.Order):
        order, parts[-1] = parts[-1], parts[-1].this
    if parts and isinstance(parts[0], exp.Distinct):
        distinct, parts = "DISTINCT ", [*parts[0].expressions, *parts[1:]]
    if parts and isinstance(parts[-1], exp.Order):
        order, parts[-1] = parts[-1], parts[-1].this
    return [part for part in parts if not isinstance(part, exp.Star)], distinct, order


def _refuse(name: str, parts: list[Any], around: Wrapping, where: str) -> None:
    if name in RANKINGS and not around.over:
        raise QueryFailed("MISSING_OVER", f"{where}Window function {name} requires an OVER clause")
    if around.over and around.filter:
        raise QueryFailed(
            "NOT_SUPPORTED", f"{where}FILTER is not yet supported for window functions"
        )
    if around.ignore_nulls and name not in _NULL_TREATMENT:
        text = f"{where}Cannot specify null treatment clause for {name} function"
        raise QueryFailed("NULL_TREATMENT_NOT_ALLOWED", text)
    for part in parts:
        if _own(part, exp.Window):
            text = f"{where}Cannot nest window functions inside {name}"
            raise QueryFailed("NESTED_WINDOW", text)
        if not around.over and any(map(_aggregates, _own(part, exp.Anonymous))):
            text = f"{where}Cannot nest aggregations inside aggregation '{name}'"
            raise QueryFailed("NESTED_AGGREGATION", text)


def _own(part: Any, kind: Any) -> list[Any]:
    """Return the nodes of a kind in an expression, not those of a subquery in it."""
    query = part.find_ancestor(exp.Select)
    return [node for node in part.find_all(kind) if node.find_ancestor(exp.Select) is query]


def _aggregates(node: Any) -> bool:
    name = str(node.this).lower()
    return name in AGGREGATES or name in LISTED


def _refuse_other_order(order: Any, values: list[Typed], scope: Scope, where: str) -> None:
    known = {value.sql for value in values}
    items = order.expressions if order is not None else []
    if any(scope.session.rewrite(item.this, scope).sql not in known for item in items):
        text = "For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments"
        raise QueryFailed("EXPRESSION_NOT_IN_DISTINCT", where + text)
