"""Conditions of Athena's SQL -> DuckDB's text, their operands typed and compared as Trino does."""

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from localaws.athena import casts, float_order
from localaws.athena import trino_types as t
from localaws.athena.common_types import unify
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.nested_values import compared, complete, holds_map, orderable
from localaws.athena.raising import may_fail
from localaws.athena.scopes import Scope, Typed
from localaws.athena.subqueries import member, quantified, quantifier
from localaws.athena.trino_types import Type

Handler = Callable[[Any, Scope], Typed]


def where(node: Any) -> str:
    """Return `line l:c: ` of the first token of a node that has a known place, or nothing."""
    for part in node.walk():
        if "line" in part.meta:
            column = part.meta["col"] - (part.meta["end"] - part.meta["start"])
            return f"line {part.meta['line']}:{column}: "
    return ""


def condition(node: Any, scope: Scope) -> Typed:
    """Return a translation that must be boolean."""
    found = scope.session.rewrite(node, scope)
    if found.type not in (t.BOOLEAN, t.UNKNOWN):
        kind = t.trino(found.type)
        raise mismatch(node, f"WHERE clause must evaluate to a boolean: actual type {kind}")
    return found


def coerced(values: list[Typed], node: Any, what: str) -> tuple[list[Typed], Type]:
    """Return values in the one type they share; raise QueryFailed TYPE_MISMATCH if none exists."""
    shared = unify([value.type for value in values])
    if shared is None:
        kinds = ", ".join(t.trino(value.type) for value in values)
        raise mismatch(node, f"{what} must be the same type or coercible to a common type: {kinds}")
    return [casts.carried(value, shared) for value in values], shared


def equality(left: Typed, right: Typed, scope: Scope) -> str:
    """Return `left = right` of two values of one type."""
    if left.type.parts:
        return compared("=", left, right, scope.session).sql
    if float_order.is_float(left.type):
        return float_order.compared("=", left, right)
    return f"({left.sql} = {right.sql})"


def mismatch(node: Any, text: str) -> QueryFailed:
    """Return TYPE_MISMATCH at the place of a node."""
    return QueryFailed("TYPE_MISMATCH", where(node) + text)


def _not(node: Any, scope: Scope) -> Typed:
    return Typed(f"(NOT {condition(node.this, scope).sql})", t.BOOLEAN)


def _connector(word: str) -> Handler:
    def handler(node: Any, scope: Scope) -> Typed:
        sides = [condition(side, scope).sql for side in _flat(node)]
        if any(map(may_fail, sides[1:])):
            return Typed(_in_turn(word, sides), t.BOOLEAN)
        return Typed("(" + f" {word} ".join(sides) + ")", t.BOOLEAN)

    return handler


def _in_turn(word: str, sides: list[str]) -> str:
    # DuckDB looks at a side that fails although the one before has settled it.
    settled, found = ("FALSE" if word == "AND" else "TRUE"), sides[-1]
    for side in reversed(sides[:-1]):
        found = f"(CASE WHEN {side} IS {settled} THEN {settled} ELSE {side} {word} {found} END)"
    return found


def _flat(node: Any) -> list[Any]:
    found: list[Any] = []
    while isinstance(node.this, type(node)):
        found.append(node.expression)
        node = node.this
    return [node.this, node.expression, *reversed(found)]


def _comparison(word: str) -> Handler:
    def handler(node: Any, scope: Scope) -> Typed:
        side = quantifier(node.expression)
        if side is not None:
            value = scope.session.rewrite(node.this, scope)
            return quantified(word, value, side, scope, where(node))
        sides = [
            scope.session.rewrite(node.this, scope),
            scope.session.rewrite(node.expression, scope),
        ]
        kinds = [side.type for side in sides]
        ordered = word not in ("=", "<>")
        if unify(kinds) is None or (ordered and "json" in (kinds[0].name, kinds[1].name)):
            text = f"Cannot apply operator: {t.trino(kinds[0])} {word} {t.trino(kinds[1])}"
            raise mismatch(node, text)
        (left, right), kind = coerced(sides, node, "Operands")
        if kind.parts:
            if word not in ("=", "<>") and not orderable(kind):
                text = f"Cannot apply operator: {t.trino(kinds[0])} {word} {t.trino(kinds[1])}"
                raise mismatch(node, text)
            return compared(word, left, right, scope.session)
        if float_order.is_float(kind):
            return Typed(float_order.compared(word, left, right), t.BOOLEAN)
        return Typed(f"({left.sql} {word} {right.sql})", t.BOOLEAN)

    return handler


def _between(node: Any, scope: Scope) -> Typed:
    values, kind = coerced(
        [
            scope.session.rewrite(part, scope)
            for part in (node.this, node.args["low"], node.args["high"])
        ],
        node,
        "BETWEEN operands",
    )
    if float_order.is_float(kind):
        return Typed(float_order.between(*values), t.BOOLEAN)
    value, low, high = (complete(item, scope.session).sql for item in values)
    return Typed(f"({value} BETWEEN {low} AND {high})", t.BOOLEAN)


def _in(node: Any, scope: Scope) -> Typed:
    value, query = scope.session.rewrite(node.this, scope), node.args.get("query")
    if query is None and [type(e) for e in node.expressions] == [exp.Values]:
        query = node.expressions[0]
    if query is None:
        items = [scope.session.rewrite(item, scope) for item in node.expressions]
        (value, *items), kind = coerced([value, *items], node, "IN value and list items")
        spelled = all(item.literal is not None for item in items)
        if kind.parts or (float_order.is_float(kind) and not spelled):
            if float_order.is_float(kind) and value.sql in (item.sql for item in items):
                raise not_supported(f"{where(node)}IN of a value that is in the list itself")
            tests = [equality(value, item, scope) for item in items]
            return Typed(f"({' OR '.join(tests)})", t.BOOLEAN)
        return Typed(f"({value.sql} IN ({', '.join(item.sql for item in items)}))", t.BOOLEAN)
    return member(value, query, scope, where(node))


def _like(node: Any, scope: Scope) -> Typed:
    like, escape = (node.this, node.expression) if isinstance(node, exp.Escape) else (node, None)
    if isinstance(like.expression, exp.Any | exp.All):
        raise not_supported(f"{where(node)}LIKE with ANY or ALL")
    sides = [scope.session.rewrite(like.this, scope), scope.session.rewrite(like.expression, scope)]
    if any(side.type.name not in ("varchar", "unknown") for side in sides):
        kinds = ", ".join(t.trino(side.type) for side in sides)
        raise mismatch(node, f"Both sides of LIKE must evaluate to a varchar (actual: {kinds})")
    tail = _escape(scope.session.rewrite(escape, scope), sides[1], node) if escape else ""
    # sqlglot keeps the NOT of `x NOT LIKE y` inside the node.
    word = "NOT LIKE" if like.args.get("negate") else "LIKE"
    return Typed(f"({sides[0].sql} {word} {sides[1].sql}{tail})", t.BOOLEAN)


def _escape(escape: Typed, pattern: Typed, node: Any) -> str:
    if escape.literal is None or pattern.literal is None:
        raise not_supported(f"{where(node)}LIKE with a computed pattern and ESCAPE")
    if len(escape.literal) != 1:
        text = "Escape string must be a single character"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", text)
    letters = iter(pattern.literal)
    wanted = ("%", "_", escape.literal)
    if any(letter == escape.literal and next(letters, "") not in wanted for letter in letters):
        text = "Escape character must be followed by '%', '_' or the escape character itself"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", text)
    return f" ESCAPE {escape.sql}"


def _is(node: Any, scope: Scope) -> Typed:
    if not isinstance(node.expression, exp.Null):
        raise not_supported(f"{where(node)}IS with anything but NULL")
    return Typed(f"({scope.session.rewrite(node.this, scope).sql} IS NULL)", t.BOOLEAN)


def _distinct_from(node: Any, scope: Scope) -> Typed:
    sides = [scope.session.rewrite(node.this, scope), scope.session.rewrite(node.expression, scope)]
    (left, right), kind = coerced(sides, node, "Operands")
    if holds_map(kind):
        raise not_supported(f"{where(node)}IS DISTINCT FROM of {t.trino(kind)}")
    word = "IS NOT DISTINCT FROM" if isinstance(node, exp.NullSafeEQ) else "IS DISTINCT FROM"
    return Typed(f"({left.sql} {word} {right.sql})", t.BOOLEAN)


HANDLERS: dict[Any, Handler] = {
    exp.Not: _not,
    exp.And: _connector("AND"),
    exp.Or: _connector("OR"),
    exp.EQ: _comparison("="),
    exp.NEQ: _comparison("<>"),
    exp.LT: _comparison("<"),
    exp.LTE: _comparison("<="),
    exp.GT: _comparison(">"),
    exp.GTE: _comparison(">="),
    exp.Between: _between,
    exp.In: _in,
    exp.Like: _like,
    exp.Escape: _like,
    exp.Is: _is,
    exp.NullSafeEQ: _distinct_from,
    exp.NullSafeNEQ: _distinct_from,
}
