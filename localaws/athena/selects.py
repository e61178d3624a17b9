"""One SELECT -> DuckDB's text, its typed columns and the plan of what it reads."""

from typing import Any

from sqlglot import exp

from localaws.athena.calls import is_aggregate
from localaws.athena.conjuncts import conjuncts
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.groupings import Item, group_by
from localaws.athena.limits import sorted_and_limited
from localaws.athena.masks import refuse_shared_mask
from localaws.athena.nested_values import refuse_maps
from localaws.athena.plans import Plan
from localaws.athena.predicates import condition
from localaws.athena.scopes import Column, Relation, Scope, Typed, plain_column, visible
from localaws.athena.sources import Translator, read_from
from localaws.athena.trino_types import quote

_KNOWN = {
    *("expressions", "distinct", "from_", "joins", "where", "group", "having", "order", "limit"),
    *("offset", "with_", "windows", "kind"),
}


def select(node: Any, scope: Scope, translator: Translator) -> Relation:
    """Return a SELECT as a relation; raise QueryFailed for clauses this engine does not know."""
    refuse_unknown(node, _KNOWN, "SELECT")
    plan = Plan()
    scope.clause = "from"
    start = read_from(node, scope, translator, plan)
    where = _filter(node.args.get("where"), scope, plan)
    scope.windows = {w.name.lower(): w for w in node.args.get("windows") or []}
    scope.clause, scope.repeats = "items", {}
    items = _items(node, scope)
    refuse_shared_mask(node, scope)
    scope.clause = "group"
    group = group_by(node, items, scope, plan)
    having = node.args.get("having")
    if having is not None and having.find(exp.Window):
        raise QueryFailed("NESTED_WINDOW", "HAVING clause cannot contain window functions")
    scope.clause = "having"
    having_text = f" HAVING {condition(having.this, scope).sql}" if having is not None else ""
    columns = _columns(items)
    _describe(plan, node, items, columns, scope)
    pairs = zip(items, columns, strict=True)
    listed = ", ".join(f"{item[1].sql} AS {quote(column.slot)}" for item, column in pairs)
    distinct = _distinct(node)
    if distinct:
        refuse_maps((column.type for column in columns), "DISTINCT")
    text = f"SELECT {distinct}{listed}{start}{where}{group}{having_text}"
    scope.outputs = {name.lower(): Typed(f"({v.sql})", v.type) for name, v, _ in items if name}
    values = [value for _, value, _ in items]
    return sorted_and_limited(node, Relation(text, columns, plan), scope, values)


def refuse_unknown(node: Any, known: set[str], what: str) -> None:
    """Raise QueryFailed NOT_SUPPORTED if a node carries a part nobody translates."""
    for name, value in node.args.items():
        if value and name not in known:
            raise not_supported(f"{name.strip('_').replace('_', ' ').upper()} of a {what}")


def _filter(where: Any, scope: Scope, plan: Plan) -> str:
    if where is None:
        return ""
    scope.clause = "where"
    found = conjuncts(where.this, scope)
    plan.conditions += [demand for one in found for demand in one.demands]
    plan.equal += [one.pair for one in found if one.pair]
    return " WHERE " + " AND ".join(one.sql for one in found)


def _items(node: Any, scope: Scope) -> list[Item]:
    found: list[Item] = []
    for part in node.expressions:
        if isinstance(part, exp.Star) or (
            isinstance(part, exp.Column) and isinstance(part.this, exp.Star)
        ):
            found += _star(part, scope)
            continue
        if isinstance(part, exp.Dot) and isinstance(part.expression, exp.Star):
            raise not_supported("the star of a row value")
        inner = part.this if isinstance(part, exp.Alias) else part
        value = scope.session.rewrite(inner, scope)
        found.append((_name(part), value, plain_column(inner, scope)))
    return found


def _star(node: Any, scope: Scope) -> list[Item]:
    if any(node.args.get(key) for key in ("except_", "replace", "rename")):
        raise not_supported("a star with EXCEPT or REPLACE")
    parts = node.parts[:-1] if isinstance(node, exp.Column) else []
    wanted = [part.name.lower() for part in parts]
    sources = [s for s in scope.sources if not wanted or s.has_name(wanted)]
    if not sources:
        text = f"Unable to resolve reference {'.'.join(wanted) or '*'}"
        raise QueryFailed("TABLE_NOT_FOUND" if wanted else "COLUMN_NOT_FOUND", text)
    return [
        (column.name, value, (source.alias, column.slot))
        for source in sources
        for column, value in visible(source)
    ]


def _name(node: Any) -> str:
    if isinstance(node, exp.Alias):
        return str(node.alias)
    if isinstance(node, exp.Column):
        return str(node.name)
    inner = node
    while isinstance(inner, exp.Dot | exp.Paren):
        inner = inner.this
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Column):
        return str(node.name)
    return str(node.expression.name) if isinstance(inner, exp.Column) else ""


def _columns(items: list[Item]) -> tuple[Column, ...]:
    found: list[Column] = []
    taken: set[str] = set()
    for i, (name, value, _) in enumerate(items):
        slot = name.lower() or f"_col{i}"
        slot = slot if slot not in taken else f"{slot}__{i}"
        taken.add(slot)
        found.append(Column(name, value.type, slot))
    return tuple(found)


def _describe(
    plan: Plan, node: Any, items: list[Item], columns: tuple[Column, ...], scope: Scope
) -> None:
    plan.columns = [column.slot for column in columns]
    origins = zip(columns, items, strict=True)
    plan.outputs = {column.slot: item[2] for column, item in origins if item[2]}
    plan.subplans += scope.subplans
    if plan.keys is None and any(map(_aggregates, node.expressions)):
        plan.keys = set()
    for keys in scope.partitions:
        plan.keys = keys if plan.keys is None else plan.keys & keys


def _aggregates(node: Any) -> bool:
    calls = node.find_all(exp.Anonymous)
    return any(is_aggregate(call) and not _windowed(call) for call in calls)


def _windowed(call: Any) -> bool:
    parent = call.parent
    while isinstance(parent, exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
        parent = parent.parent
    return isinstance(parent, exp.Window)


def _distinct(node: Any) -> str:
    distinct = node.args.get("distinct")
    if distinct is not None and distinct.args.get("on"):
        raise not_supported("DISTINCT ON")
    return "DISTINCT " if distinct is not None else ""
