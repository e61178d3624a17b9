"""A condition -> the parts that must all hold, and what its OR demands of one column.

Of `(k = 'a' AND n > 1) OR k = 'b'` every row satisfies `k = 'a' OR k = 'b'`: enough to prune by.
"""

from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from localaws.athena.plans import Demand, Name
from localaws.athena.predicates import condition
from localaws.athena.scopes import Scope, plain_column
from localaws.athena.trino_types import Type


@dataclass(frozen=True, slots=True)
class Conjunct:
    """One part: its text, its columns, the two columns it makes equal, what follows from it."""

    sql: str
    names: frozenset[Name]
    pair: tuple[Name, Name] | None = None
    implied: tuple[Demand, ...] = ()

    @property
    def demands(self) -> list[Demand]:
        """Return what a row that satisfies it satisfies, each with its columns."""
        return [(self.sql, self.names), *self.implied]


def conjuncts(node: Any, scope: Scope) -> list[Conjunct]:
    """Return the parts of a condition that must all hold."""
    return [
        replace(found, implied=_implied(part, scope)) if isinstance(part, exp.Or) else found
        for part, found in _parts(node, scope)
    ]


def _parts(node: Any, scope: Scope) -> list[tuple[Any, Conjunct]]:
    node = _bare(node)
    if isinstance(node, exp.And):
        return [*_parts(node.this, scope), *_parts(node.expression, scope)]
    inner = replace(scope, references=set())
    text = condition(node, inner).sql
    scope.references.update(inner.references)
    return [(node, Conjunct(text, frozenset(inner.references), _pair(node, scope)))]


def _bare(node: Any) -> Any:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _pair(node: Any, scope: Scope) -> tuple[Name, Name] | None:
    if not isinstance(node, exp.EQ):
        return None
    one, two = plain_column(node.this, scope), plain_column(node.expression, scope)
    kinds = [
        _comparable(scope.session.rewrite(side, scope).type) for side in node.unnest_operands()
    ]
    return (one, two) if one and two and kinds[0] == kinds[1] else None


def _comparable(kind: Type) -> Any:
    return kind.name if kind.name == "varchar" else kind


def _implied(node: Any, scope: Scope) -> tuple[Demand, ...]:
    # A subquery translated twice would be read twice.
    if node.find(exp.Query, exp.Exists) is not None:
        return ()
    sides = [[found for _, found in _parts(side, scope)] for side in _sides(node)]
    columns = {found.names for found in sides[0] if len(found.names) == 1}
    common = [c for c in columns if all(any(f.names == c for f in side) for side in sides)]
    return tuple((" OR ".join(_of(names, side) for side in sides), names) for names in common)


def _sides(node: Any) -> list[Any]:
    found, left = [], [node]
    while left:
        one = _bare(left.pop())
        if isinstance(one, exp.Or):
            left += [one.this, one.expression]
        else:
            found.append(one)
    return found


def _of(names: frozenset[Name], side: list[Conjunct]) -> str:
    return "(" + " AND ".join(found.sql for found in side if found.names == names) + ")"
