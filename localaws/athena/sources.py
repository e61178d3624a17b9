"""FROM -> DuckDB's text and the sources a scope can name: tables, queries, joins in brackets."""

from dataclasses import replace
from typing import Any, Protocol

from sqlglot import exp

from localaws.athena import correlation
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.joins import grouped, joined
from localaws.athena.plans import Plan
from localaws.athena.scopes import Relation, Scope, Source, renamed
from localaws.athena.trino_types import quote
from localaws.athena.unnests import unnest


class Translator(Protocol):
    """What FROM needs of the translator: whole queries, and tables by name."""

    def query(self, node: Any, scope: Scope) -> Relation:
        """Return a query as a relation."""

    def table(self, schema: str, name: str, scope: Scope, version: Any) -> Relation:
        """Return a table, as of a `version` unless that is None, or view as a relation."""


def read_from(node: Any, scope: Scope, translator: Translator, plan: Plan) -> str:
    """Return ` FROM …` of a SELECT, or nothing; fill the scope's sources and the plan's inputs."""
    first = node.args.get("from_")
    if first is None:
        return ""
    text = _source(first.this, scope, translator, plan)
    return _joins(text, node.args.get("joins") or [], scope, translator, plan)


def _joins(first: str, joins: list[Any], scope: Scope, translator: Translator, plan: Plan) -> str:
    def item(node: Any) -> str:
        return _source(node, scope, translator, plan)

    text = f" FROM {first}"
    for join in joins:
        text = joined(text, join, item, scope, plan)
    return text


def _source(node: Any, scope: Scope, translator: Translator, plan: Plan) -> str:
    if isinstance(node, exp.Unnest):
        return unnest(node, scope)
    first, joins = _bracketed_joins(node)
    if joins:
        inner, inside = scope.beside(), Plan()
        start = _single(first, inner, translator, inside)
        text = _joins(start, joins, inner, translator, inside)
        scope.absorb(inner, "derived")
        scope.subplans += inner.subplans
        return grouped(inner, text, inside, scope, plan)
    return _single(first, scope, translator, plan)


def _single(node: Any, scope: Scope, translator: Translator, plan: Plan) -> str:
    if isinstance(node, exp.Table):
        relation = _table(node, scope, translator)
        return f"{relation.sql} AS {quote(_add(node, relation, scope, plan))}"
    if isinstance(node, exp.Lateral):
        _only(node, {"this", "alias", "view", "outer"})
        relation = _lateral(node, scope, translator)
        return f"LATERAL ({relation.sql}) AS {quote(_add(node, relation, scope, plan))}"
    _only(node, {"this", "expressions", "alias", "with_", "order", "limit", "offset", "joins"})
    apart = scope.beside()
    relation = translator.query(node, apart)
    scope.absorb(apart, "derived")
    return f"({relation.sql}) AS {quote(_add(node, relation, scope, plan))}"


def _bracketed_joins(node: Any) -> tuple[Any, list[Any]]:
    """Return the first item and the joins of `(a JOIN b …)` or of `a JOIN b` right of a JOIN."""
    while isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table | exp.Subquery):
        if any(value for name, value in node.args.items() if name != "this"):
            break
        node = node.this
    joins = node.args.get("joins") or []
    return node, [] if isinstance(node, exp.Select) else joins


def _lateral(node: Any, scope: Scope, translator: Translator) -> Relation:
    inner = scope.inner()
    relation = translator.query(node.this, inner)
    correlation.check(node.this, inner, "lateral")
    return relation


def _table(node: Any, scope: Scope, translator: Translator) -> Relation:
    _only(node, {"this", "alias", "db", "catalog", "version", "joins"})
    if node.catalog and node.catalog.lower() != "awsdatacatalog":
        raise QueryFailed("CATALOG_NOT_FOUND", f"Catalog '{node.catalog}' not found")
    if isinstance(node.this, exp.Values):
        rows = translator.query(node.this, scope.beside())
        return replace(rows, sql=f"({rows.sql})")
    if not isinstance(node.this, exp.Identifier):
        raise not_supported("a table function")
    name = node.name.lower()
    if not node.db and name in scope.ctes:
        return scope.ctes[name]
    version = node.args.get("version")
    return translator.table((node.db or scope.schema).lower(), name, scope, version)


def _only(node: Any, known: set[str]) -> None:
    for name, value in node.args.items():
        if value and name not in known:
            raise not_supported(f"{name.strip('_').upper()} in FROM")


def _add(node: Any, relation: Relation, scope: Scope, plan: Plan) -> str:
    written = (node.alias,) if node.alias or not isinstance(node, exp.Table) else _parts(node)
    alias = scope.session.unique(written[-1] or "query")
    names = node.args["alias"].columns if node.args.get("alias") is not None else []
    columns = renamed(relation.columns, names)
    scope.sources.append(Source(alias, written, columns))
    plan.inputs[alias] = relation.plan
    return alias


def _parts(node: Any) -> tuple[str, ...]:
    return tuple(part for part in (node.catalog, node.db, node.name) if part)
