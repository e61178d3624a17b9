"""Which subqueries may mean a column of the query around them: those that Trino can take apart.

Trino refuses the others when it plans them, so must this engine; a shape nobody measured is
refused too.
"""

from typing import Any

from sqlglot import exp

from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.scopes import Scope


def check(node: Any, scope: Scope, clause: str) -> None:
    """Raise QueryFailed NOT_SUPPORTED if a translated subquery, used in `clause`, is beyond Trino.

    `scope` is the subquery's own: what it meant outside of itself.
    """
    if not scope.correlated:
        return
    if scope.outer is not None:
        scope.outer.holding.append(clause)
    while isinstance(node, exp.Subquery):
        node = node.this
    if clause == "outer on":
        raise QueryFailed("NOT_SUPPORTED", "Given correlated subquery is not supported")
    if not isinstance(node, exp.Select):
        raise _refused("the form " + type(node).__name__.upper())
    use = _use(node, clause)
    if scope.correlated == {"unnest"} and use != "in" and _only_unnests(node):
        return
    _check_clauses(node, scope, use)
    _check_shape(node, use)


def _check_clauses(node: Any, scope: Scope, use: str) -> None:
    rowless = node.args.get("from_") is None
    if rowless:
        allowed = {"items"} if use == "lateral" else {"items", "where", "nested"}
    else:
        allowed = {"where", "on", "items"} if use == "exists" else {"where", "on"}
    if scope.holding and not rowless:
        raise _refused("another inside it")
    if not scope.correlated <= allowed:
        clause = min(scope.correlated - allowed)
        raise _refused(f"a column of the query around it in {clause}")


def _use(node: Any, clause: str) -> str:
    if clause == "lateral":
        return clause
    parent = node.parent
    while isinstance(parent, exp.Subquery | exp.Paren):
        parent = parent.parent
    if isinstance(parent, exp.Exists):
        return "exists"
    return "in" if isinstance(parent, exp.In | exp.Any | exp.All) else "scalar"


def _only_unnests(node: Any) -> bool:
    others = ("joins", "where", "having", "group", "limit", "offset", "windows", "distinct")
    start = node.args.get("from_")
    unnest = start is not None and isinstance(start.this, exp.Unnest)
    return unnest and not any(node.args.get(name) for name in others)


def _check_shape(node: Any, use: str) -> None:
    limited = node.args.get("limit") or node.args.get("offset")
    if limited and (use != "exists" or node.args.get("order")):
        raise _refused("LIMIT")
    if node.args.get("having") or list(node.find_all(exp.Window)):
        raise _refused("HAVING or OVER")


def _refused(what: str) -> QueryFailed:
    return not_supported(f"a correlated subquery with {what}")
