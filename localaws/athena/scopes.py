"""Names in a query -> the column they mean, by Trino's rules of scope.

Every emitted alias is unique in the query and every column is emitted with its alias, so DuckDB
has no name left to resolve by rules of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from sqlglot import exp

from localaws.athena.failures import QueryFailed
from localaws.athena.plans import Name, Plan
from localaws.athena.trino_types import Type, quote
from localaws.athena.trino_types import text as text_of

ELSEWHERE: Name = ("", "")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a relation: `name` as people see it ("" for none), `slot` as DuckDB does."""

    name: str
    type: Type
    slot: str
    hidden: bool = False


def with_own_names(columns: tuple[Column, ...]) -> Iterator[Column]:
    """Yield the columns of a new table; raise QueryFailed at the first without a name of its own.

    One at a time, so that of a column's faults and a later one's the first is told.
    """
    names = [column.name.lower() for column in columns]
    for position, column in enumerate(columns):
        if not column.name:
            text = f"line 1:1: Column name not specified at position {position + 1}"
            raise QueryFailed("MISSING_COLUMN_NAME", text)
        if names.index(names[position]) != position:
            text = f"line 1:1: Column name '{names[position]}' specified more than once"
            raise QueryFailed("DUPLICATE_COLUMN_NAME", text)
        yield column


@dataclass(frozen=True, slots=True)
class Relation:
    """A translated query or table: DuckDB's text, its columns, and where its rows come from."""

    sql: str
    columns: tuple[Column, ...]
    plan: Plan


@dataclass(frozen=True, slots=True)
class Source:
    """An item of FROM: `alias` as emitted, `written` its name's parts as the query spells them."""

    alias: str
    written: tuple[str, ...]
    columns: tuple[Column, ...]

    def has_name(self, names: list[str]) -> bool:
        """Tell whether names of a qualifier, lower case, mean this item."""
        return names == [part.lower() for part in self.written][-len(names) :]


@dataclass(frozen=True, slots=True)
class Typed:
    """A translated expression; `literal` is its value when the query spells it out."""

    sql: str
    type: Type
    literal: str | None = None


@dataclass(slots=True)
class Session:
    """What one translation shares: the two translators, Python functions used, unique numbers."""

    subquery: Callable[[Any, "Scope"], Relation]
    rewrite: Callable[[Any, "Scope"], Typed]
    functions: dict[str, Any] = field(default_factory=dict)
    number: int = 0

    def unique(self, name: str) -> str:
        """Return an identifier no other part of the query has."""
        self.number += 1
        return f"{name.lower()}_{self.number}"


@dataclass(slots=True)
class Scope:
    """What names may mean at one place; `clause` is the part of the SELECT being read.

    Translating fills the rest: `references` the columns that were meant (ELSEWHERE: of another
    scope), `correlated` the clauses that meant a column outside, `holding` those with a
    correlated subquery, `subplans` the subqueries, `partitions` the keys of each window.
    """

    session: Session
    sources: list[Source] = field(default_factory=list)
    outer: "Scope | None" = None
    ctes: dict[str, Relation] = field(default_factory=dict)
    schema: str = ""
    lambdas: dict[str, Typed] = field(default_factory=dict)
    outputs: dict[str, Typed] = field(default_factory=dict)
    windows: dict[str, Any] = field(default_factory=dict)
    repeats: dict[Any, Typed] | None = None
    references: set[Name] = field(default_factory=set)
    subplans: list[Plan] = field(default_factory=list)
    partitions: list[set[Name]] = field(default_factory=list)
    clause: str = ""
    correlated: set[str] = field(default_factory=set)
    holding: list[str] = field(default_factory=list)

    def inner(self) -> "Scope":
        """Return a scope for a subquery, which sees this one around it."""
        return Scope(self.session, outer=self, ctes=dict(self.ctes), schema=self.schema)

    def beside(self) -> "Scope":
        """Return a scope for a query in FROM or of a set, which sees what this one sees."""
        return Scope(self.session, outer=self.outer, ctes=dict(self.ctes), schema=self.schema)

    def absorb(self, other: "Scope", form: str) -> None:
        """Take note that a part of the query, a `form`, meant columns outside of it."""
        if other.correlated:
            self.correlated.add(form)

    def with_lambdas(self, lambdas: dict[str, Typed]) -> "Scope":
        """Return this scope with lambda parameters in front of its columns."""
        return replace(self, lambdas={**self.lambdas, **lambdas}, repeats=None)


def plain_column(node: Any, scope: Scope) -> Name | None:
    """Return the column of this scope that an expression is, or None if it is anything more."""
    if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
        return None
    found = replace(scope, references=set())
    value = resolve([part.name for part in node.parts], found, "")
    only = next(iter(found.references)) if len(found.references) == 1 else ELSEWHERE
    return only if value.sql == f"{quote(only[0])}.{quote(only[1])}" else None


def resolve(parts: list[str], scope: Scope, where: str) -> Typed:
    """Return the column or field that `parts` name (`a.b.c`), nearest scope first.

    Raise QueryFailed COLUMN_NOT_FOUND when nothing has that name, or two columns have.
    """
    names = [part.lower() for part in parts]
    if len(names) == 1 and names[0] in scope.lambdas:
        return scope.lambdas[names[0]]
    if len(names) == 1 and names[0] in scope.outputs:
        return scope.outputs[names[0]]
    here: Scope | None = scope
    while here is not None:
        found = _in_scope(names, here, where)
        if found:
            (source, column), fields = found
            here.references.add((source.alias, column.slot))
            if here is not scope:
                scope.references.add(ELSEWHERE)
                _note_correlation(scope, here)
            return _fields(_reference(source, column), fields, where)
        here = here.outer
    raise QueryFailed("COLUMN_NOT_FOUND", f"{where}Column '{'.'.join(parts)}' cannot be resolved")


def field_of(value: Typed, name: str, where: str) -> Typed:
    """Return one field of a row value; raise QueryFailed if it has no such field."""
    if value.type.name != "row":
        raise QueryFailed("TYPE_MISMATCH", f"{where}Expression {name} is not of type ROW")
    if name.lower() not in value.type.names:
        text = f"{where}Column reference '{name}' is invalid"
        raise QueryFailed("INVALID_COLUMN_REFERENCE", text)
    kind = value.type.parts[value.type.names.index(name.lower())]
    return Typed(f"struct_extract({value.sql}, {text_of(name.lower())})", kind)


def visible(source: Source) -> list[tuple[Column, Typed]]:
    """Return what `source.*` stands for, in order."""
    shown = (column for column in source.columns if not column.hidden)
    return [(column, _reference(source, column)) for column in shown]


def renamed(columns: tuple[Column, ...], names: list[Any]) -> tuple[Column, ...]:
    """Return columns under the names of an alias list, which must name them all if any."""
    shown = tuple(column for column in columns if not column.hidden)
    if not names:
        return columns
    if len(names) != len(shown):
        text = f"Column alias list has {len(names)} entries but relation has {len(shown)} columns"
        raise QueryFailed("MISMATCHED_COLUMN_ALIASES", text)
    return tuple(replace(c, name=n.name) for c, n in zip(shown, names, strict=True))


Found = tuple[tuple[Source, Column], list[str]]


def _in_scope(names: list[str], scope: Scope, where: str) -> Found | None:
    for length in (4, 3, 2, 1):
        if len(names) < length:
            continue
        hits = [
            (source, column)
            for source in scope.sources
            if length == 1 or source.has_name(names[: length - 1])
            for column in source.columns
            if column.name.lower() == names[length - 1]
        ]
        if len(hits) > 1:
            name = ".".join(names[:length])
            raise QueryFailed("AMBIGUOUS_NAME", f"{where}Column '{name}' is ambiguous")
        if hits:
            return hits[0], names[length:]
    return None


def _reference(source: Source, column: Column) -> Typed:
    return Typed(f"{quote(source.alias)}.{quote(column.slot)}", column.type)


def _note_correlation(scope: Scope, meant: Scope) -> None:
    scope.correlated.add(scope.clause)
    between = scope.outer
    while between is not None and between is not meant:
        between.correlated.add("nested")
        between = between.outer


def _fields(value: Typed, names: list[str], where: str) -> Typed:
    for name in names:
        if value.type.name == "row" and name.lower() not in value.type.names:
            text = f"{where}Column reference '{'.'.join(names)}' is invalid"
            raise QueryFailed("INVALID_COLUMN_REFERENCE", text)
        value = field_of(value, name, where)
    return value
