"""One SELECT -> DuckDB's text, its typed columns and the plan of what it reads."""

from dataclasses import replace
from typing import Any

from sqlglot import exp

from localaws.athena.calls import is_aggregate
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.nested_values import refuse_maps, refuse_unordered
from localaws.athena.orderings import ordering
from localaws.athena.plans import Name, Plan
from localaws.athena.predicates import condition
from localaws.athena.scopes import Column, Relation, Scope, Typed, plain_column, visible
from localaws.athena.sources import Translator, conjuncts, read_from
from localaws.athena.trino_types import quote

_KNOWN = {
    *("expressions", "distinct", "from_", "joins", "where", "group", "having", "order", "limit"),
    *("offset", "with_", "windows", "kind"),
}
Item = tuple[str, Typed, Name | None]


def select(node: Any, scope: Scope, translator: Translator) -> Relation:
    """Return a SELECT as a relation; raise QueryFailed for clauses this engine does not know."""
    refuse_unknown(node, _KNOWN, "SELECT")
    plan = Plan()
    start = read_from(node, scope, translator, plan)
    where = _filter(node.args.get("where"), scope, plan)
    scope.windows = {w.name.lower(): w for w in node.args.get("windows") or []}
    items = _items(node, scope)
    group = _group(node.args.get("group"), items, scope, plan)
    having = node.args.get("having")
    if having is not None and having.find(exp.Window):
        raise QueryFailed("NESTED_WINDOW", "HAVING clause cannot contain window functions")
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
    return sorted_and_limited(node, Relation(text, columns, plan), scope)


def sorted_and_limited(node: Any, relation: Relation, scope: Scope) -> Relation:
    """Return a relation with the node's ORDER BY, OFFSET and LIMIT."""
    order = _order(node.args.get("order"), relation, scope)
    limit = _limit(node.args.get("limit"))
    offset = node.args.get("offset")
    after = f" OFFSET {_number(offset.expression)}" if offset is not None else ""
    if not limit and not after:
        return replace(relation, sql=relation.sql + order)
    columns = [column.slot for column in relation.columns]
    plan = Plan(inputs={"limited": relation.plan}, columns=columns, limited=True)
    return replace(relation, sql=relation.sql + order + limit + after, plan=plan)


def refuse_unknown(node: Any, known: set[str], what: str) -> None:
    """Raise QueryFailed NOT_SUPPORTED if a node carries a part nobody translates."""
    for name, value in node.args.items():
        if value and name not in known:
            raise not_supported(f"{name.strip('_').replace('_', ' ').upper()} of a {what}")


def _filter(where: Any, scope: Scope, plan: Plan) -> str:
    if where is None:
        return ""
    found = conjuncts(where.this, scope)
    plan.conditions += [(sql, names) for sql, names, _ in found]
    return " WHERE " + " AND ".join(sql for sql, _, _ in found)


def _items(node: Any, scope: Scope) -> list[Item]:
    found: list[Item] = []
    for part in node.expressions:
        if isinstance(part, exp.Star) or (
            isinstance(part, exp.Column) and isinstance(part.this, exp.Star)
        ):
            found += _star(part, scope)
            continue
        inner = part.this if isinstance(part, exp.Alias) else part
        value = scope.session.rewrite(inner, scope)
        found.append((_name(part), value, plain_column(inner, scope)))
    return found


def _star(node: Any, scope: Scope) -> list[Item]:
    if any(node.args.get(key) for key in ("except_", "replace", "rename")):
        raise not_supported("a star with EXCEPT or REPLACE")
    wanted = node.parts[0].name.lower() if isinstance(node, exp.Column) else None
    sources = [s for s in scope.sources if wanted in (None, s.name.lower())]
    if not sources:
        text = f"Unable to resolve reference {wanted or '*'}"
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
    while isinstance(inner, exp.Dot):
        inner = inner.this
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


def _group(group: Any, items: list[Item], scope: Scope, plan: Plan) -> str:
    if group is None:
        return ""
    refuse_unknown(group, {"expressions"}, "GROUP BY")
    texts, keys = [], set()
    for part in group.expressions:
        _refuse_aggregates(part)
        if isinstance(part, exp.Literal) and not part.is_string:
            position = int(part.this)
            if not 1 <= position <= len(items):
                text = f"GROUP BY position {position} is not in select list"
                raise QueryFailed("INVALID_COLUMN_REFERENCE", text)
            texts.append(str(position))
            keys.add(items[position - 1][2])
            refuse_maps([items[position - 1][1].type], "GROUP BY")
        else:
            key = scope.session.rewrite(part, scope)
            refuse_maps([key.type], "GROUP BY")
            texts.append(key.sql)
            keys.add(plain_column(part, scope))
    plan.keys = {key for key in keys if key}
    return " GROUP BY " + ", ".join(texts)


def _refuse_aggregates(part: Any) -> None:
    if part.find(exp.Window) or any(map(is_aggregate, part.find_all(exp.Anonymous))):
        text = "GROUP BY clause cannot contain aggregations, window functions or grouping"
        raise QueryFailed("EXPRESSION_NOT_SCALAR", f"line 1:1: {text} operations")


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


def _order(order: Any, relation: Relation, scope: Scope) -> str:
    if order is None:
        return ""
    places = {column.name.lower(): i for i, column in enumerate(relation.columns, 1) if column.name}
    for item in order.expressions:
        name = item.this
        if isinstance(name, exp.Column) and not name.table and name.name.lower() in places:
            refuse_unordered(relation.columns[places[name.name.lower()] - 1].type)
            name.replace(exp.Literal.number(places[name.name.lower()]))
        elif isinstance(name, exp.Literal) and not 1 <= int(name.this) <= len(relation.columns):
            text = f"ORDER BY position {name.this} is not in select list"
            raise QueryFailed("INVALID_COLUMN_REFERENCE", text)
    return ordering(order, scope)


def _limit(limit: Any) -> str:
    if limit is None:
        return ""
    if isinstance(limit, exp.Fetch):
        options = limit.args.get("limit_options")
        if options is not None and (options.args.get("with_ties") or options.args.get("percent")):
            raise not_supported("FETCH FIRST … WITH TIES")
        return f" LIMIT {_number(limit.args.get('count') or exp.Literal.number(1))}"
    if str(limit.expression.name).upper() == "ALL":
        return ""
    return f" LIMIT {_number(limit.expression)}"


def _number(node: Any) -> int:
    if not isinstance(node, exp.Literal) or node.is_string:
        raise not_supported("a computed LIMIT or OFFSET")
    return int(node.this)
