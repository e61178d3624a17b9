"""ORDER BY, OFFSET, LIMIT and FETCH FIRST -> DuckDB's text behind a query."""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.nested_values import complete, refuse_unordered
from localaws.athena.plans import Plan
from localaws.athena.scopes import Relation, Scope, Source, Typed
from localaws.athena.trino_types import Type, quote

_ENDS = ("order", "limit", "offset")


@dataclass(frozen=True, slots=True)
class _Key:
    """One item of ORDER BY: as it stands behind a query, as a window needs it, its direction."""

    text: str
    value: str
    direction: str
    type: Type


def sorted_and_limited(
    node: Any, relation: Relation, scope: Scope, items: list[Typed] | None = None
) -> Relation:
    """Return a relation with the node's ORDER BY, OFFSET and LIMIT.

    `items` are what a SELECT selects, None for another query, whose columns alone may be named.
    """
    if not any(node.args.get(name) for name in _ENDS):
        return relation
    if items is None or (_with_ties(node) and node.args.get("distinct") is not None):
        relation, scope, items = _as_source(relation, scope)
        distinct = False
    else:
        distinct = node.args.get("distinct") is not None
    scope.clause, known = "order", len(scope.subplans)
    keys = _keys(node.args.get("order"), relation, scope, items, distinct=distinct)
    relation.plan.subplans += scope.subplans[known:]
    order = ", ".join(f"{key.text} {key.direction}" for key in keys)
    text = relation.sql + _ties(node, keys) + (f" ORDER BY {order}" if order else "")
    limit, offset = _limit(node.args.get("limit")), _offset(node)
    if not limit and not offset and not _with_ties(node):
        return replace(relation, sql=text)
    columns = [column.slot for column in relation.columns]
    plan = Plan(inputs={"limited": relation.plan}, columns=columns, limited=True)
    after = f" OFFSET {offset}" if offset else ""
    return replace(relation, sql=text + limit + after, plan=plan)


def _as_source(relation: Relation, scope: Scope) -> tuple[Relation, Scope, list[Typed]]:
    alias = scope.session.unique("whole")
    inner = scope.beside()
    inner.sources = [Source(alias, (), relation.columns)]
    items = [Typed(f"{quote(alias)}.{quote(c.slot)}", c.type) for c in relation.columns]
    listed = ", ".join(quote(column.slot) for column in relation.columns)
    plan = Plan(branches=[relation.plan], columns=[c.slot for c in relation.columns])
    text = f"SELECT {listed} FROM ({relation.sql}) AS {quote(alias)}"
    return replace(relation, sql=text, plan=plan), inner, items


def _keys(
    order: Any, relation: Relation, scope: Scope, items: list[Typed], *, distinct: bool
) -> list[_Key]:
    found = []
    selected = {item.sql for item in items}
    for item in order.expressions if order is not None else []:
        direction = "DESC" if item.args.get("desc") else "ASC"
        direction += " NULLS FIRST" if item.args.get("nulls_first") else " NULLS LAST"
        if _is_constant(item.this):
            continue
        place = _place(item.this, relation)
        value = items[place] if place is not None else scope.session.rewrite(item.this, scope)
        if distinct and place is None and value.sql not in selected:
            text = "For SELECT DISTINCT, ORDER BY expressions must appear in select list"
            raise QueryFailed("EXPRESSION_NOT_IN_DISTINCT", f"line 1:1: {text}")
        refuse_unordered(value.type)
        ready = complete(value, scope.session).sql
        text = str(place + 1) if place is not None and ready == value.sql else ready
        found.append(_Key(text, ready, direction, value.type))
    return found


def _is_constant(node: Any) -> bool:
    # Trino sorts by it, which changes nothing; DuckDB refuses it.
    return isinstance(node, exp.Null) or (isinstance(node, exp.Literal) and node.is_string)


def _place(node: Any, relation: Relation) -> int | None:
    if isinstance(node, exp.Literal) and str(node.this).isdigit():
        if not 1 <= int(node.this) <= len(relation.columns):
            text = f"ORDER BY position {node.this} is not in select list"
            raise QueryFailed("INVALID_COLUMN_REFERENCE", text)
        return int(node.this) - 1
    if not isinstance(node, exp.Column) or node.table:
        return None
    name = node.name.lower()
    places = [i for i, column in enumerate(relation.columns) if column.name.lower() == name]
    if len(places) > 1:
        raise QueryFailed("AMBIGUOUS_NAME", f"Column '{node.name}' is ambiguous")
    return places[0] if places else None


def _with_ties(node: Any) -> bool:
    limit = node.args.get("limit")
    options = limit.args.get("limit_options") if isinstance(limit, exp.Fetch) else None
    if options is not None and options.args.get("percent"):
        raise not_supported("FETCH FIRST … PERCENT")
    return options is not None and bool(options.args.get("with_ties"))


def _ties(node: Any, keys: list[_Key]) -> str:
    if not _with_ties(node):
        return ""
    if node.args.get("order") is None:
        text = "FETCH FIRST WITH TIES clause requires ORDER BY"
        raise QueryFailed("MISSING_ORDER_BY", f"line 1:1: {text}")
    count, offset = _fetched(node.args["limit"]), _offset(node)
    order = ", ".join(f"{key.value} {key.direction}" for key in keys)
    over = f"OVER (ORDER BY {order})" if order else "OVER ()"
    # Rows tie with the last one of `count`, counted after those that OFFSET skips.
    return f" QUALIFY rank() {over} <= {count + offset}"


def _limit(limit: Any) -> str:
    if limit is None or str(limit.args.get("expression") or "").upper() == "ALL":
        return ""
    if isinstance(limit, exp.Fetch):
        count = _fetched(limit)
        options = limit.args.get("limit_options")
        tied = options is not None and options.args.get("with_ties")
        return "" if tied else f" LIMIT {count}"
    return f" LIMIT {_number(limit.expression)}"


def _fetched(limit: Any) -> int:
    count = _number(limit.args.get("count") or exp.Literal.number(1))
    if count == 0:
        text = "FETCH FIRST row count must be positive (actual value: 0)"
        raise QueryFailed("NUMERIC_VALUE_OUT_OF_RANGE", f"line 1:1: {text}")
    return count


def _offset(node: Any) -> int:
    offset = node.args.get("offset")
    return _number(offset.expression) if offset is not None else 0


def _number(node: Any) -> int:
    if not isinstance(node, exp.Literal) or node.is_string:
        raise not_supported("a computed LIMIT or OFFSET")
    return int(node.this)
