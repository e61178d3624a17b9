"""VALUES -> DuckDB's text and typed columns; a row value is a row of columns."""

# ruff: noqa: S608 -- this package writes SQL; names and texts are quoted by trino_types

from typing import Any

from sqlglot import exp

from localaws.athena import casts
from localaws.athena import trino_types as t
from localaws.athena.common_types import unify
from localaws.athena.failures import QueryFailed
from localaws.athena.plans import Plan
from localaws.athena.scopes import Column, Relation, Scope, Typed
from localaws.athena.trino_types import quote


def rows(node: Any, scope: Scope) -> Relation:
    """Return the rows of VALUES; raise QueryFailed if they differ in length or type."""
    listed = [_row(part, scope) for part in node.expressions]
    names = listed[0][0]
    if any(len(values) != len(names) for _, values in listed):
        raise QueryFailed("TYPE_MISMATCH", "line 1:1: Values rows have mismatched sizes")
    kinds = [unify([values[i].type for _, values in listed]) for i in range(len(names))]
    known = [kind for kind in kinds if kind is not None]
    if len(known) < len(kinds):
        raise QueryFailed("TYPE_MISMATCH", "line 1:1: Values rows have mismatched types")
    texts = []
    for _, values in listed:
        pairs = zip(values, known, strict=True)
        cells = (f"CAST({casts.carried(v, k).sql} AS {t.duck(k)})" for v, k in pairs)
        texts.append(f"({', '.join(cells)})")
    columns = tuple(Column("", kind, f"_col{i}") for i, kind in enumerate(known))
    slots = ", ".join(quote(column.slot) for column in columns)
    text = f"SELECT * FROM (VALUES {', '.join(texts)}) AS listed({slots})"
    return Relation(text, columns, Plan(subplans=list(scope.subplans)))


def _row(node: Any, scope: Scope) -> tuple[list[str], list[Typed]]:
    parts = node.expressions if isinstance(node, exp.Tuple) else [node]
    if len(parts) != 1:
        return [""] * len(parts), [scope.session.rewrite(part, scope) for part in parts]
    value = scope.session.rewrite(parts[0], scope)
    if value.type.name != "row":
        return [""], [value]
    fields = [
        Typed(f"struct_extract({value.sql}, {t.text(name or f'field{i}')})", kind)
        for i, (name, kind) in enumerate(zip(value.type.names, value.type.parts, strict=True))
    ]
    return list(value.type.names), fields
