"""JOIN -> DuckDB's text: which rows meet, and which columns USING leaves to be named."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlglot import exp

from localaws.athena import trino_types as t
from localaws.athena.common_types import unify
from localaws.athena.conjuncts import conjuncts
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.plans import Name, Plan
from localaws.athena.scopes import Column, Scope, Source
from localaws.athena.trino_types import quote

Item = Callable[[Any], str]
_UNNEST_CONDITION = "JOIN involving UNNEST is only supported with condition ON TRUE"


def joined(before: str, join: Any, item: Item, scope: Scope, plan: Plan) -> str:
    """Return `before`, the text of FROM so far, with one more join; `item` translates its right."""
    side, kind = str(join.side).upper(), str(join.kind).upper()
    _refuse_kinds(join, side)
    left = list(scope.sources)
    text = item(join.this)
    right = scope.sources[len(left) :]
    if side in ("LEFT", "FULL"):
        plan.nullable.update(source.alias for source in right)
    if side in ("RIGHT", "FULL"):
        plan.nullable.update(source.alias for source in left)
    on, using = join.args.get("on"), join.args.get("using")
    if using:
        return _using(f"{before} {side or 'INNER'} JOIN {text}", using, side, left, scope, plan)
    if on is None:
        return f"{before} CROSS JOIN {text}"
    if isinstance(join.this, exp.Unnest):
        return f"{before} {_word(side, kind)} JOIN {text} ON TRUE"
    found = _condition(on, side, scope, plan, {source.alias for source in right})
    return f"{before} {side or 'INNER'} JOIN {text} ON {found}"


def grouped(inner: Scope, text: str, plan: Plan, scope: Scope, outer: Plan) -> str:
    """Return joins as one item of FROM; what they join can be named in `scope` as before."""
    alias = scope.session.unique("joined")
    scope.sources += _wrap(alias, inner.sources, plan, [])
    outer.inputs[alias] = plan
    listed = ", ".join(
        f"{quote(source)}.{quote(column)} AS {quote(slot)}"
        for slot, (source, column) in plan.outputs.items()
    )
    return f"(SELECT {listed}{text}) AS {quote(alias)}"


def _refuse_kinds(join: Any, side: str) -> None:
    if join.args.get("method"):
        raise QueryFailed("NOT_SUPPORTED", "Natural join not supported")
    for name in ("hint", "match_condition"):
        if join.args.get(name):
            raise not_supported(f"JOIN with {name.upper()}")
    on = join.args.get("on")
    lateral = isinstance(join.this, exp.Lateral | exp.Unnest)
    if lateral and side in ("RIGHT", "FULL"):
        raise not_supported(f"{side} JOIN of what is computed for each row")
    always = isinstance(on, exp.Boolean) and on.this
    if isinstance(join.this, exp.Unnest) and (join.args.get("using") or (on and not always)):
        raise QueryFailed("NOT_SUPPORTED", f"{side or 'INNER'} {_UNNEST_CONDITION}")


def _word(side: str, kind: str) -> str:
    return side or ("INNER" if kind != "CROSS" else kind)


def _condition(on: Any, side: str, scope: Scope, plan: Plan, right: set[str]) -> str:
    scope.clause = "on" if side in ("", "INNER") else "outer on"
    found = conjuncts(on, scope)
    pairs = [one.pair for one in found if one.pair]
    demands = [demand for one in found for demand in one.demands]
    if side in ("", "INNER"):
        plan.equal += pairs
        plan.conditions += demands
    elif side == "LEFT":
        # Rows of the left side stay, whatever ON says of them.
        plan.equal += [(a, b) for a, b in pairs if (a[0] in right) != (b[0] in right)]
        plan.guards += [(sql, names) for sql, names in demands if {a for a, _ in names} <= right]
    return " AND ".join(one.sql for one in found)


def _using(
    text: str, using: list[Any], side: str, left: list[Source], scope: Scope, plan: Plan
) -> str:
    right = scope.sources[len(left) :]
    if len({name.name.lower() for name in using}) < len(using):
        raise not_supported("a column twice in USING")
    merged: list[tuple[str, t.Type, Name | None]] = []
    tests, listed = [], []
    for name in using:
        pairs = [_side_column(name.name, each, w) for each, w in ((left, "left"), (right, "right"))]
        (one, kind), (two, other) = pairs
        shared = unify([kind, other])
        if shared is None:
            kinds = f"{t.trino(kind)}, {t.trino(other)}"
            text_ = f"Column '{name.name}' has incompatible types in USING: {kinds}"
            raise QueryFailed("TYPE_MISMATCH", text_)
        first, second = (f"CAST({_named(n)} AS {t.duck(shared)})" for n in (one, two))
        tests.append(f"{first} = {second}")
        listed.append(f"coalesce({first}, {second})")
        origin = {"RIGHT": two, "FULL": None}.get(side, one)
        merged.append((name.name, shared, origin if kind == other == shared else None))
        if side != "FULL" and kind == other:
            plan.equal.append((one, two))
    return _merged(f"{text} ON {' AND '.join(tests)}", merged, listed, scope, plan)


def _merged(
    text: str,
    merged: list[tuple[str, t.Type, Name | None]],
    listed: list[str],
    scope: Scope,
    plan: Plan,
) -> str:
    alias = scope.session.unique("joined")
    inner = _taken(plan)
    gone = [name.lower() for name, _, _ in merged]
    columns = tuple(Column(n, kind, f"using_{i}") for i, (n, kind, _) in enumerate(merged))
    sources = _wrap(alias, scope.sources, inner, gone)
    items = [
        f"{value} AS {quote(column.slot)}" for value, column in zip(listed, columns, strict=True)
    ]
    items += [f"{_named(origin)} AS {quote(slot)}" for slot, origin in inner.outputs.items()]
    for column, (_, _, origin) in zip(columns, merged, strict=True):
        inner.columns.append(column.slot)
        if origin is not None:
            inner.outputs[column.slot] = origin
    plan.inputs[alias] = inner
    scope.sources[:] = [Source(alias, (), columns), *sources]
    return f" FROM (SELECT {', '.join(items)}{text}) AS {quote(alias)}"


def _taken(plan: Plan) -> Plan:
    """Return all a plan has so far as an inner one, and empty it."""
    inner = replace(plan, inputs=dict(plan.inputs), outputs={}, columns=[], subplans=[])
    plan.inputs, plan.conditions, plan.guards = {}, [], []
    plan.equal, plan.nullable = [], set()
    return inner


def _wrap(alias: str, sources: list[Source], plan: Plan, gone: list[str]) -> list[Source]:
    found = []
    for source in sources:
        columns = []
        for column in source.columns:
            if column.name.lower() in gone and not column.hidden:
                continue
            slot = f"{column.slot}_{len(plan.outputs)}"
            plan.outputs[slot] = (source.alias, column.slot)
            plan.columns.append(slot)
            columns.append(replace(column, slot=slot))
        found.append(replace(source, alias=alias, columns=tuple(columns)))
    return found


def _side_column(name: str, sources: list[Source], word: str) -> tuple[Name, t.Type]:
    hits = [
        ((source.alias, column.slot), column.type)
        for source in sources
        for column in source.columns
        if column.name.lower() == name.lower() and not column.hidden
    ]
    if not hits:
        text = f"Column '{name}' is missing from {word} side of join"
        raise QueryFailed("COLUMN_NOT_FOUND", text)
    if len(hits) > 1:
        raise QueryFailed("AMBIGUOUS_NAME", f"Column '{name}' is ambiguous")
    return hits[0]


def _named(name: Name) -> str:
    return f"{quote(name[0])}.{quote(name[1])}"
