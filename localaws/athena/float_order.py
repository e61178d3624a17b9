"""Comparisons of doubles and reals: NaN equals nothing and is neither more nor less, as in Trino.

DuckDB has NaN equal to itself and greater than all else. A number the query spells out is none.
"""

from localaws.athena.scopes import Typed
from localaws.athena.trino_types import Type


def is_float(kind: Type) -> bool:
    """Tell whether values of a type may be NaN."""
    return kind.name in ("double", "real")


def compared(word: str, left: Typed, right: Typed) -> str:
    """Return `left word right` of two doubles or reals."""
    plain = f"({left.sql} {word} {right.sql})"
    if word == "<>":
        if left.literal is not None or right.literal is not None:
            return plain
        return f"({plain} OR (isnan({left.sql}) AND isnan({right.sql})))"
    # The side whose NaN would make it true: the greater one, either one of two equals.
    guarded, other = (right, left) if word in ("<", "<=") else (left, right)
    if guarded.literal is not None or (word == "=" and other.literal is not None):
        return plain
    return f"({plain} AND ({other.sql} IS NULL OR NOT isnan({guarded.sql})))"


def between(value: Typed, low: Typed, high: Typed) -> str:
    """Return `value BETWEEN low AND high` of doubles or reals."""
    return f"({compared('>=', value, low)} AND {compared('<=', value, high)})"


def to_find(value: Typed) -> str:
    """Return a value to look for by DuckDB's equality; NaN, which that would find, fails."""
    if not is_float(value.type) or value.literal is not None:
        return value.sql
    return f"number_to_find({value.sql})"


def extreme(word: str, values: list[Typed]) -> str:
    """Return greatest or least: NaN only where nothing else is."""
    numbers = (f"CASE WHEN isnan({value.sql}) THEN NULL ELSE {value.sql} END" for value in values)
    return f"coalesce({word}({', '.join(numbers)}), {values[0].sql})"
