"""ORDER BY of a query, a window or an aggregate -> DuckDB's text."""

from typing import Any

from localaws.athena.nested_values import complete
from localaws.athena.scopes import Scope


def ordering(order: Any, scope: Scope) -> str:
    """Return ` ORDER BY …` with each item's direction and place of NULLs spelled out."""
    if order is None:
        return ""
    items = []
    for item in order.expressions:
        direction = "DESC" if item.args.get("desc") else "ASC"
        nulls = "FIRST" if item.args.get("nulls_first") else "LAST"
        value = scope.session.rewrite(item.this, scope)
        items.append(f"{complete(value, scope.session).sql} {direction} NULLS {nulls}")
    return " ORDER BY " + ", ".join(items)
