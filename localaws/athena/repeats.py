"""What a SELECT says twice gets one translation, so that DuckDB too sees that it is the same.

GROUP BY, DISTINCT and ORDER BY are compared with what is selected; a function in Python is known
to DuckDB by a name of its own each time it is translated.
"""

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from localaws.athena.scopes import ELSEWHERE, Scope, Typed


def repeated(node: Any, scope: Scope, translate: Callable[[Any, Scope], Typed]) -> Typed:
    """Return the translation of an expression, the one it had before in the same SELECT."""
    if scope.repeats is None:
        return translate(node, scope)
    key = _structure(node, scope)
    if key in scope.repeats:
        return scope.repeats[key]
    names = scope.session.number
    found = translate(node, scope)
    # Where no name was made up, the text is the same anyway. A column of a query around is noted
    # anew in each clause.
    if scope.session.number > names and ELSEWHERE not in scope.references:
        scope.repeats[key] = found
    return found


def _structure(node: Any, scope: Scope) -> Any:
    if isinstance(node, list):
        return tuple(_structure(item, scope) for item in node)
    if not isinstance(node, exp.Expression):
        return node
    if isinstance(node, exp.Column) and (place := _place(node, scope)):
        return place
    parts = ((name, _structure(value, scope)) for name, value in node.args.items() if value)
    return type(node), node.meta.get("typed"), tuple(parts)


def _place(node: Any, scope: Scope) -> tuple[str, str] | None:
    """Return the one column of this SELECT's FROM, or of its list, that a name may mean."""
    *written, name = (part.name.lower() for part in node.parts)
    if not written and name in scope.outputs:
        return "", name
    found = [
        (source.alias, column.slot)
        for source in scope.sources
        if not written or source.has_name(written)
        for column in source.columns
        if column.name.lower() == name
    ]
    return found[0] if len(found) == 1 else None
