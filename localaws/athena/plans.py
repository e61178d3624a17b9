"""The shape of a translated query -> which predicates reach which table.

Only what a table's rows must satisfy anyway is pushed down; what cannot be decided is not, and
then every partition is kept. A text common to two readers (a CTE) keeps what either needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Name = tuple[str, str]
Demand = tuple[str, frozenset[Name]]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition in DuckDB's text over one alias; `names` maps its columns to the reader's."""

    sql: str
    alias: str
    names: Mapping[str, str]


@dataclass(slots=True)
class Plan:
    """Where rows come from: a table (`reads`), a union (`branches`), or a SELECT of `inputs`.

    `outputs`: output name -> the (alias, column) it is, when it is plainly one.
    `conditions`: what WHERE and inner ON demand. `guards`: what a LEFT JOIN's ON does of its right.
    `equal`: columns a join or WHERE makes equal. `keys`: those of groups or windows, None when
    rows pass freely.
    """

    reads: str = ""
    branches: list["Plan"] = field(default_factory=list)
    inputs: dict[str, "Plan"] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    outputs: dict[str, Name] = field(default_factory=dict)
    conditions: list[Demand] = field(default_factory=list)
    guards: list[Demand] = field(default_factory=list)
    equal: list[tuple[Name, Name]] = field(default_factory=list)
    nullable: set[str] = field(default_factory=set)
    keys: set[Name] | None = None
    limited: bool = False
    subplans: list["Plan"] = field(default_factory=list)


def demands(plan: Plan) -> dict[str, list[list[Condition]]]:
    """Return read id -> one list of conditions per reader; a row that meets any list is kept."""
    found: dict[str, list[list[Condition]]] = {}
    _visit(plan, [], found)
    return found


def _visit(plan: Plan, wanted: list[Condition], found: dict[str, list[list[Condition]]]) -> None:
    if plan.reads:
        found.setdefault(plan.reads, []).append(wanted)
        return
    for branch in plan.branches:
        _visit(branch, _by_position(wanted, plan, branch), found)
    passed = [] if plan.limited else _through(wanted, plan)
    for alias, source in plan.inputs.items():
        _visit(source, [c for a, c in [*passed, *_own(plan)] if a == alias], found)
    for sub in plan.subplans:
        _visit(sub, [], found)


def _by_position(wanted: list[Condition], plan: Plan, branch: Plan) -> list[Condition]:
    place = dict(zip(plan.columns, branch.columns, strict=False))
    return [
        Condition(c.sql, c.alias, {name: place[column] for name, column in c.names.items()})
        for c in wanted
        if all(column in place for column in c.names.values())
    ]


def _through(wanted: list[Condition], plan: Plan) -> list[tuple[str, Condition]]:
    found = []
    for condition in wanted:
        origins = {name: plan.outputs.get(column) for name, column in condition.names.items()}
        known = {name: origin for name, origin in origins.items() if origin}
        aliases = {alias for alias, _ in known.values()}
        keyed = plan.keys is None or set(known.values()) <= plan.keys
        if (
            len(known) == len(origins)
            and len(aliases) == 1
            and keyed
            and not aliases & plan.nullable
        ):
            names = {name: column for name, (_, column) in known.items()}
            pushed = Condition(condition.sql, condition.alias, names)
            found.append((aliases.pop(), pushed))
    return found + [pair for a, c in found for pair in _equalled(a, c, plan)]


def _own(plan: Plan) -> list[tuple[str, Condition]]:
    found = []
    for sql, names in plan.conditions:
        aliases = {alias for alias, _ in names}
        if len(aliases) == 1 and not aliases & (plan.nullable | {""}):
            alias = aliases.pop()
            found.append((alias, Condition(sql, alias, {column: column for _, column in names})))
    found += [pair for a, c in found for pair in _equalled(a, c, plan)]
    for sql, names in plan.guards:
        aliases = {alias for alias, _ in names}
        if len(aliases) == 1 and aliases <= plan.nullable:
            alias = aliases.pop()
            found.append((alias, Condition(sql, alias, {column: column for _, column in names})))
    return found


def _equalled(alias: str, condition: Condition, plan: Plan) -> list[tuple[str, Condition]]:
    if len(condition.names) != 1:
        return []
    (name, column), *_ = condition.names.items()
    pairs = [*plan.equal, *((b, a) for a, b in plan.equal)]
    return [
        (other, Condition(condition.sql, condition.alias, {name: its}))
        for (one, mine), (other, its) in pairs
        if (one, mine) == (alias, column) and other != alias
    ]
