"""FROM and JOIN -> DuckDB's text and the sources a scope can name; UNNEST by its argument types."""

from dataclasses import replace
from typing import Any, Protocol

from sqlglot import exp

from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.plans import Name, Plan
from localaws.athena.predicates import condition
from localaws.athena.scopes import Column, Relation, Scope, Source, plain_column, renamed
from localaws.athena.trino_types import quote

Conjunct = tuple[str, frozenset[Name], tuple[Name, Name] | None]


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
    text = f" FROM {_source(first.this, scope, translator, plan)}"
    for join in node.args.get("joins") or []:
        text += _join(join, scope, translator, plan)
    return text


def conjuncts(node: Any, scope: Scope) -> list[Conjunct]:
    """Return the parts of a condition that must all hold: text, columns, the pair it equates."""
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.And):
        return [*conjuncts(node.this, scope), *conjuncts(node.expression, scope)]
    inner = replace(scope, references=set())
    text = condition(node, inner).sql
    scope.references.update(inner.references)
    pair = None
    if isinstance(node, exp.EQ):
        one, two = plain_column(node.this, scope), plain_column(node.expression, scope)
        pair = (one, two) if one and two else None
    return [(text, frozenset(inner.references), pair)]


def _join(join: Any, scope: Scope, translator: Translator, plan: Plan) -> str:
    for name in ("using", "method", "hint", "match_condition"):
        if join.args.get(name):
            raise not_supported(f"JOIN with {name.upper()}")
    side, kind = str(join.side).upper(), str(join.kind).upper()
    before = [source.alias for source in scope.sources]
    text = _source(join.this, scope, translator, plan, side)
    added = scope.sources[-1].alias
    if side in ("LEFT", "FULL"):
        plan.nullable.add(added)
    if side in ("RIGHT", "FULL"):
        plan.nullable.update(before)
    on = join.args.get("on")
    if on is None:
        if side or kind not in ("", "CROSS"):
            raise not_supported("JOIN without ON")
        return f" CROSS JOIN {text}"
    found = conjuncts(on, scope)
    if side != "FULL" and side != "RIGHT":
        plan.equal += [pair for _, _, pair in found if pair]
        target = plan.guards if side == "LEFT" else plan.conditions
        target += [(sql, names) for sql, names, _ in found]
    return f" {side or 'INNER'} JOIN {text} ON {' AND '.join(sql for sql, _, _ in found)}"


def _source(node: Any, scope: Scope, translator: Translator, plan: Plan, side: str = "") -> str:
    if isinstance(node, exp.Unnest):
        return _unnest(node, scope, side)
    if isinstance(node, exp.Lateral):
        _only(node, {"this", "alias", "view", "outer"})
        inner, word = translator.query(node.this, scope.inner()), "LATERAL "
    elif isinstance(node, exp.Table):
        inner, word = _table(node, scope, translator), ""
    else:
        _only(node, {"this", "expressions", "alias", "with_", "order", "limit", "offset"})
        inner, word = translator.query(node, _apart(scope)), ""
    text = inner.sql if isinstance(node, exp.Table) else f"({inner.sql})"
    return f"{word}{text} AS {quote(_add(node, inner, scope, plan))}"


def _table(node: Any, scope: Scope, translator: Translator) -> Relation:
    _only(node, {"this", "alias", "db", "catalog", "version"})
    if node.catalog and node.catalog.lower() != "awsdatacatalog":
        raise QueryFailed("CATALOG_NOT_FOUND", f"Catalog '{node.catalog}' not found")
    name = node.name.lower()
    if not node.db and name in scope.ctes:
        return scope.ctes[name]
    version = node.args.get("version")
    return translator.table((node.db or scope.schema).lower(), name, scope, version)


def _only(node: Any, known: set[str]) -> None:
    for name, value in node.args.items():
        if value and name not in known:
            raise not_supported(f"{name.strip('_').upper()} in FROM")


def _apart(scope: Scope) -> Scope:
    return Scope(scope.session, outer=scope.outer, ctes=dict(scope.ctes), schema=scope.schema)


def _add(node: Any, relation: Relation, scope: Scope, plan: Plan) -> str:
    written = node.alias or (node.name if isinstance(node, exp.Table) else "")
    alias = scope.session.unique(written or "query")
    names = node.args["alias"].columns if node.args.get("alias") is not None else []
    columns = renamed(relation.columns, names)
    schema = ""
    if isinstance(node, exp.Table) and not node.alias:
        schema = (node.db or scope.schema).lower()
    scope.sources.append(Source(alias, written, columns, schema))
    plan.inputs[alias] = relation.plan
    return alias


def _unnest(node: Any, scope: Scope, side: str) -> str:
    if side not in ("", "LEFT"):
        raise not_supported(f"{side} JOIN UNNEST")
    texts: list[str] = []
    columns: list[Column] = []
    lengths: list[str] = []
    for part in node.expressions:
        value = scope.session.rewrite(part, scope)
        lengths.append(_exploded(value.sql, value.type, texts, columns))
    if node.args.get("offset"):
        longest = lengths[0] if len(lengths) == 1 else f"greatest({', '.join(lengths)})"
        texts.append(f"unnest(range(1, {longest} + 1))")
        columns.append(Column("", t.BIGINT, f"_col{len(columns)}"))
    names = node.args["alias"].columns if node.args.get("alias") is not None else []
    offset = node.args.get("offset")
    names = [*names, offset] if isinstance(offset, exp.Identifier) else names
    written = node.args["alias"].name if node.args.get("alias") is not None else ""
    alias = scope.session.unique(written or "unnested")
    scope.sources.append(Source(alias, written, renamed(tuple(columns), names)))
    slots = ", ".join(quote(column.slot) for column in columns)
    return f"LATERAL (SELECT {', '.join(texts)}) AS {quote(alias)}({slots})"


def _exploded(sql: str, kind: t.Type, texts: list[str], columns: list[Column]) -> str:
    if kind.name == "map":
        texts += [f"unnest(map_keys({sql}))", f"unnest(map_values({sql}))"]
        parts = [("", part) for part in kind.parts]
    elif kind.name == "array" and kind.parts[0].name == "row":
        texts.append(f"unnest({sql}, max_depth := 2)")
        parts = list(zip(kind.parts[0].names, kind.parts[0].parts, strict=True))
    elif kind.name == "array":
        texts.append(f"unnest({sql})")
        parts = [("", kind.parts[0])]
    else:
        text = f"Cannot unnest type: {t.trino(kind)}"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", text)
    for name, part in parts:
        columns.append(Column(name, part, f"_col{len(columns)}"))
    return f"coalesce(len({f'map_keys({sql})' if kind.name == 'map' else sql}), 0)"
