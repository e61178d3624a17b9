"""Subqueries in expressions -> DuckDB's text: one value, IN, and comparisons with ALL or ANY."""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

from typing import Any

from sqlglot import exp

from localaws.athena import casts, float_order
from localaws.athena import trino_types as t
from localaws.athena.common_types import unify
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.nested_values import orderable
from localaws.athena.scopes import Relation, Scope, Typed
from localaws.athena.trino_types import Type, quote

_WORDS = {exp.Any: "ANY", exp.All: "ALL"}
_NAMED = {"any": "ANY", "some": "ANY", "all": "ALL"}


def scalar(node: Any, scope: Scope) -> Typed:
    """Return the one value of a subquery; several columns are one row value."""
    inner = scope.session.subquery(node, scope)
    if len(inner.columns) == 1:
        return Typed(f"({inner.sql})", inner.columns[0].type)
    names = tuple(column.name.lower() for column in inner.columns)
    if len({name or i for i, name in enumerate(names)}) < len(names):
        raise not_supported("a row with two fields of one name")
    kind = Type("row", parts=tuple(c.type for c in inner.columns), names=names)
    alias = quote(scope.session.unique("row"))
    fields = ", ".join(
        f"{quote(name or f'field{i}')} := {alias}.{quote(column.slot)}"
        for i, (name, column) in enumerate(zip(names, inner.columns, strict=True))
    )
    return Typed(f"(SELECT struct_pack({fields}) FROM ({inner.sql}) AS {alias})", kind)


def member(value: Typed, query: Any, scope: Scope, where: str) -> Typed:
    """Return `value IN (query)`."""
    inner = scope.session.subquery(query, scope)
    left, text = _alike(value, inner, scope, where, "IN (subquery)")
    return Typed(f"({left} IN ({text}))", t.BOOLEAN)


def quantifier(node: Any) -> tuple[str, Any] | None:
    """Return the word and the query of `ALL (…)`, `ANY (…)` or `SOME (…)`, None for another."""
    if type(node) in _WORDS:
        return _WORDS[type(node)], node.this
    if isinstance(node, exp.Anonymous) and [type(e) for e in node.expressions] == [exp.Values]:
        word = _NAMED.get(str(node.this).lower())
        return (word, node.expressions[0]) if word else None
    return None


def quantified(word: str, value: Typed, side: tuple[str, Any], scope: Scope, where: str) -> Typed:
    """Return `value word ALL|ANY (query)`."""
    inner = scope.session.subquery(side[1], scope)
    if word not in ("=", "<>") and not orderable(value.type):
        text = f"{where}Type [{t.trino(value.type)}] must be orderable in order to be used"
        raise QueryFailed("TYPE_MISMATCH", text)
    left, text = _alike(value, inner, scope, where, f"{side[0]} (subquery)")
    return Typed(f"({left} {word} {side[0]} ({text}))", t.BOOLEAN)


def _alike(value: Typed, inner: Relation, scope: Scope, where: str, what: str) -> tuple[str, str]:
    """Return a value and a query's text, both of the one type they share."""
    column, rows = inner.columns[0], value.type.name == "row"
    shared = unify([value.type, column.type]) if len(inner.columns) == 1 else None
    if shared is None and not (rows and len(inner.columns) > 1):
        text = f"{where}value and result of subquery must be of the same type"
        raise QueryFailed("TYPE_MISMATCH", text)
    if shared is None or shared.parts:
        raise not_supported(f"{where}{what} of {t.trino(value.type)}")
    left = float_order.to_find(casts.carried(value, shared))
    if t.duck(column.type) == t.duck(shared):
        return left, inner.sql
    alias = quote(scope.session.unique("side"))
    found = casts.carried(Typed(f"{alias}.{quote(column.slot)}", column.type), shared)
    return left, f"SELECT {found.sql} FROM ({inner.sql}) AS {alias}"
