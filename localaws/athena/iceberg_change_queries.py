"""DELETE, UPDATE or MERGE, parsed -> the query that finds what changes, and what each case does.

The query's columns are the row's file and position, the number of its case, then the values of
every case. It is an ordinary query, so Trino's rules of names and types hold in it.
"""

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.iceberg_scans import POSITION
from localaws.athena.insertions import insertion
from localaws.athena.scopes import Column
from localaws.athena.tables import Columns

FIXED = 3
_MISSING = "Merge column name does not exist in target table:"


@dataclass(frozen=True, slots=True)
class Case:
    """What is done to rows: `names` are the columns that `values` fill; none: they are deleted."""

    names: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    inserts: bool = False
    condition: Any = None


@dataclass(frozen=True, slots=True)
class Change:
    """The query of a change and its cases, in the order of their numbers."""

    query: Any
    cases: tuple[Case, ...]
    word: str


def change_query(tree: Any, columns: Columns) -> Change:
    """Return the query of a change of a table with these columns.

    Raise QueryFailed for a column the table does not have or one that is set twice.
    """
    names = tuple(name for name, _ in columns if not name.startswith("$"))
    if isinstance(tree, exp.Merge):
        return _merge(tree, names)
    if isinstance(tree, exp.Update):
        case, word = _update_case(tree.expressions, names, "The UPDATE SET target column"), "UPDATE"
    elif isinstance(tree, exp.Delete):
        case, word = Case(), "DELETE"
    else:
        raise not_supported(f"the form {type(tree).__name__.upper()}")
    items = [*_place(tree.this), _number(0), *(value.copy() for value in case.values)]
    query = exp.Select(expressions=items, from_=exp.From(this=tree.this.copy()))
    if tree.args.get("where") is not None:
        query.set("where", tree.args["where"].copy())
    return Change(query, (case,), word)


def filled(change: Change, found: tuple[Column, ...], columns: Columns) -> list[dict[str, str]]:
    """Return, for each case, the slots of the values that fill columns; check their types.

    Raise QueryFailed TYPE_MISMATCH as Trino does.
    """
    wanted, at, slots = dict(columns), FIXED, []
    for number, case in enumerate(change.cases):
        given = found[at : at + len(case.names)]
        targets = [wanted[name] for name in case.names]
        pairs = zip(given, targets, strict=True)
        if not all(_fits(column.type, kind) for column, kind in pairs):
            raise _mismatch(change.word, number, targets, given)
        slots.append({name: c.slot for name, c in zip(case.names, given, strict=True)})
        at += len(case.names)
    return slots


def _fits(source: t.Type, target: t.Type) -> bool:
    found = insertion(source, target)
    if found == "narrowed":
        raise not_supported(f"a row change that makes {t.trino(source)} {t.trino(target)}")
    return found == "assigned"


def _merge(tree: Any, names: tuple[str, ...]) -> Change:
    target = tree.this
    cases = tuple(_case(when, names) for when in tree.args["whens"].expressions)
    here = exp.Not(this=exp.Is(this=_place(target)[0], expression=exp.Null()))
    guards = [_guard(case, here) for case in cases]
    chosen = exp.Case(
        ifs=[exp.If(this=g.copy(), true=_number(n)) for n, g in enumerate(guards)],
        default=_number(-1),
    )
    values = [
        _guarded(value, guards[: number + 1])
        for number, case in enumerate(cases)
        for value in case.values
    ]
    join = exp.Join(this=target.copy(), side="LEFT", on=tree.args["on"].copy())
    query = exp.Select(
        expressions=[*_place(target), chosen, *values],
        from_=exp.From(this=tree.args["using"].copy()),
        joins=[join],
    )
    return Change(query, cases, "MERGE")


def _case(when: Any, names: tuple[str, ...]) -> Case:
    if when.args.get("source"):
        raise not_supported("WHEN NOT MATCHED BY SOURCE")
    action, condition = when.args["then"], when.args.get("condition")
    inserts = not when.args["matched"]
    if isinstance(action, exp.Update):
        found = _update_case(
            action.expressions, names, "Merge column name does not exist in target"
        )
        return Case(found.names, found.values, inserts, condition)
    if isinstance(action, exp.Insert):
        return _insert_case(action, names, condition)
    return Case((), (), inserts, condition)


def _insert_case(action: Any, names: tuple[str, ...], condition: Any) -> Case:
    values = tuple(action.expression.expressions)
    listed = action.this.expressions if action.this is not None else []
    columns = tuple(c.name.lower() for c in listed) if listed else names
    if len(columns) != len(values):
        text = f"Number of merge columns ({len(columns)}) isn't equal to number of expressions"
        raise QueryFailed("GENERIC_INTERNAL_ERROR", f"{text} ({len(values)})")
    _known(columns, names, _MISSING)
    return Case(columns, values, inserts=True, condition=condition)


def _update_case(assignments: list[Any], names: tuple[str, ...], words: str) -> Case:
    columns = tuple(assignment.this.name.lower() for assignment in assignments)
    _known(columns, names, words)
    return Case(columns, tuple(assignment.expression for assignment in assignments))


def _known(columns: tuple[str, ...], names: tuple[str, ...], words: str) -> None:
    for position, column in enumerate(columns):
        if column not in names:
            raise QueryFailed("COLUMN_NOT_FOUND", f"line 1:1: {words} {column}")
        if column in columns[:position]:
            text = f"line 1:1: Merge column name is specified more than once: {column}"
            raise QueryFailed("DUPLICATE_COLUMN_NAME", text)


def _guard(case: Case, here: Any) -> Any:
    presence = exp.Paren(this=exp.Not(this=here.copy())) if case.inserts else here.copy()
    if case.condition is None:
        return presence
    # CASE, because AND may evaluate both sides and the condition is of rows that are there.
    there = exp.If(this=presence, true=case.condition.copy())
    return exp.Case(ifs=[there], default=exp.false())


def _guarded(value: Any, guards: list[Any]) -> Any:
    # A value counts only where its case is the first that applies; elsewhere it may even fail.
    *before, own = guards
    ifs = [exp.If(this=guard.copy(), true=exp.Null()) for guard in before]
    return exp.Case(ifs=[*ifs, exp.If(this=own.copy(), true=value.copy())])


def _place(target: Any) -> list[Any]:
    name = exp.to_identifier(target.alias or target.name, quoted=True)
    return [
        exp.Column(this=exp.to_identifier(column, quoted=True), table=name.copy())
        for column in ("$path", POSITION)
    ]


def _number(value: int) -> Any:
    literal = exp.Literal.number(abs(value))
    return exp.Neg(this=literal) if value < 0 else literal


def _mismatch(
    word: str, number: int, targets: list[t.Type], given: tuple[Column, ...]
) -> QueryFailed:
    kinds = (", ".join(map(t.trino, side)) for side in (targets, [c.type for c in given]))
    lists = "Table: [{}], Expressions: [{}]".format(*kinds)
    what = f"for MERGE case {number}, SET expressions" if word == "MERGE" else "SET expressions"
    text = f"line 1:1: {word} table column types don't match {what}: {lists}"
    return QueryFailed("TYPE_MISMATCH", text)
