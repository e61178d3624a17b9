"""Athena's query text -> DuckDB's, typed by Trino's rules on the way.

Everything the translation does not know is refused by name.
"""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from localaws.athena import casts, correlation
from localaws.athena import trino_types as t
from localaws.athena.common_types import unify
from localaws.athena.expressions import rewrite
from localaws.athena.failures import ENGINE_HINT, QueryFailed, not_supported
from localaws.athena.limits import sorted_and_limited
from localaws.athena.parsing import tree_of
from localaws.athena.plans import Plan
from localaws.athena.python_functions import PythonFunction
from localaws.athena.scopes import ELSEWHERE, Column, Relation, Scope, Session, Typed, renamed
from localaws.athena.selects import select
from localaws.athena.tables import Table, Tables
from localaws.athena.trino_types import quote
from localaws.athena.values_rows import rows
from localaws.athena.versions import as_of
from localaws.athena.zones import check_zones


@dataclass(frozen=True, slots=True)
class Query:
    """A translated query: DuckDB's text, columns, tables by read id, Python functions it calls.

    `trees` are the parsed texts it is made of: its own and those of the views it reads.
    """

    sql: str
    columns: tuple[Column, ...]
    plan: Plan
    reads: Mapping[str, Table]
    functions: Mapping[str, PythonFunction]
    trees: tuple[Any, ...]


def parse(text: str) -> Any:
    """Return the tree of one query; raise SyntaxRefused in Trino's form."""
    return tree_of(text)


def translate(tree: Any, schema: str, tables: Tables) -> Query:
    """Return the translation of a parsed query, names resolved in database `schema`.

    Reads Glue through `tables`, no data. Raise QueryFailed for what Trino or this engine refuses.
    """
    translator = _Translator(tables)
    session = Session(translator.subquery, rewrite)
    found = translator.query(tree, Scope(session, schema=schema))
    for column in found.columns:
        check_zones(column.type)
    trees = (tree, *translator.views)
    return Query(found.sql, found.columns, found.plan, translator.reads, session.functions, trees)


class _Translator:
    """Turns query nodes into relations; `reads` collects the tables met."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.reads: dict[str, Table] = {}
        self.views: list[Any] = []

    def query(self, node: Any, scope: Scope) -> Relation:
        """Return a SELECT, set operation, VALUES or bracketed query as a relation."""
        names = self._with(node, scope)
        if isinstance(node, exp.Select):
            found = select(node, scope, self)
        elif isinstance(node, exp.SetOperation):
            found = self._set_operation(node, scope)
        elif isinstance(node, exp.Values):
            found = self._values(node, scope)
        elif isinstance(node, exp.Subquery):
            found = self._bracketed(node, scope)
        else:
            raise not_supported(f"the query form {type(node).__name__.upper()}")
        return replace(found, sql=f"WITH {names} {found.sql}") if names else found

    def subquery(self, node: Any, scope: Scope) -> Relation:
        """Return a query inside an expression; it may refer to the columns around it."""
        if scope.lambdas:
            raise QueryFailed("NOT_SUPPORTED", "Lambda expression cannot contain subqueries")
        around = scope.inner()
        inner = self.query(node, around)
        correlation.check(node, around, scope.clause)
        scope.references.add(ELSEWHERE)
        scope.subplans.append(inner.plan)
        return inner

    def table(self, schema: str, name: str, scope: Scope, version: Any) -> Relation:
        """Return a table, as of a `version` unless that is None, or, expanded, a view."""
        found = self.tables.find(schema, name)
        if version is not None:
            found = as_of(found, version, scope)
        if isinstance(found, Table):
            read = scope.session.unique("read")
            self.reads[read] = found
            columns = tuple(
                Column(column, kind, column.lower(), hidden=column.startswith("$"))
                for column, kind in found.columns
            )
            return Relation(quote(read), columns, Plan(reads=read))
        inner = Scope(scope.session, schema=found.schema)
        tree = parse(found.sql)
        self.views.append(tree)
        try:
            body = self.query(tree, inner)
        except QueryFailed as error:
            if ENGINE_HINT in error.text:
                raise
            text = f"line 1:1: Failed analyzing stored view '{found.name}': {error.text}"
            raise QueryFailed("INVALID_VIEW", text) from error
        if tuple(column.name.lower() for column in body.columns) != found.columns:
            text = f"View '{found.name}' is stale: its query now has other columns"
            raise QueryFailed("INVALID_VIEW", f"line 1:1: {text}")
        return replace(body, sql=f"({body.sql})")

    def _with(self, node: Any, scope: Scope) -> str:
        clause = node.args.get("with_")
        if clause is None:
            return ""
        if clause.args.get("recursive"):
            raise not_supported("WITH RECURSIVE")
        texts: list[str] = []
        names: set[str] = set()
        for cte in clause.expressions:
            outside = scope.beside()
            body = self.query(cte.this, outside)
            scope.absorb(outside, "with")
            if cte.alias.lower() in names:
                text = f"WITH query name '{cte.alias}' specified more than once"
                raise QueryFailed("DUPLICATE_NAMED_QUERY", f"line 1:1: {text}")
            names.add(cte.alias.lower())
            name = scope.session.unique(cte.alias)
            columns = renamed(body.columns, cte.args["alias"].columns)
            scope.ctes[cte.alias.lower()] = Relation(quote(name), columns, body.plan)
            texts.append(f"{quote(name)} AS ({body.sql})")
        return ", ".join(texts)

    def _set_operation(self, node: Any, scope: Scope) -> Relation:
        word = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}[type(node)]
        word += "" if node.args.get("distinct") else " ALL"
        sides = [self._side(side, scope) for side in (node.this, node.expression)]
        if len(sides[0].columns) != len(sides[1].columns):
            text = f"{word} query has different number of fields"
            raise QueryFailed("TYPE_MISMATCH", text)
        kinds = []
        for one, two in zip(sides[0].columns, sides[1].columns, strict=True):
            kind = unify([one.type, two.type])
            if kind is None:
                pair = f"{t.trino(one.type)}, {t.trino(two.type)}"
                raise QueryFailed("TYPE_MISMATCH", f"column in {word} query has types: {pair}")
            kinds.append(kind)
        left, right = (_carried(side, kinds, scope) for side in sides)
        columns = tuple(replace(c, type=k) for c, k in zip(left.columns, kinds, strict=True))
        plan = Plan(branches=[left.plan, right.plan], columns=[c.slot for c in columns])
        whole = Relation(f"({left.sql}) {word} ({right.sql})", columns, plan)
        return sorted_and_limited(node, whole, scope)

    def _side(self, node: Any, scope: Scope) -> Relation:
        beside = scope.beside()
        found = self.query(node, beside)
        scope.absorb(beside, "set")
        return found

    def _values(self, node: Any, scope: Scope) -> Relation:
        scope.clause = "values"
        return sorted_and_limited(node, rows(node, scope), scope)

    def _bracketed(self, node: Any, scope: Scope) -> Relation:
        return sorted_and_limited(node, self.query(node.this, scope), scope)


def _carried(side: Relation, kinds: list[t.Type], scope: Scope) -> Relation:
    pairs = list(zip(side.columns, kinds, strict=True))
    if all(t.duck(column.type) == t.duck(kind) for column, kind in pairs):
        return side
    alias = quote(scope.session.unique("side"))
    items = ", ".join(
        f"{casts.carried(Typed(f'{alias}.{quote(c.slot)}', c.type), kind).sql} AS {quote(c.slot)}"
        for c, kind in pairs
    )
    return replace(side, sql=f"SELECT {items} FROM ({side.sql}) AS {alias}")
