"""GROUP BY in all its forms -> DuckDB's text, and which columns every group has."""

from typing import Any

from sqlglot import exp

from localaws.athena.calls import is_aggregate
from localaws.athena.failures import QueryFailed, SyntaxRefused, not_supported
from localaws.athena.nested_values import refuse_maps
from localaws.athena.plans import Name, Plan
from localaws.athena.scopes import Scope, Typed, plain_column

Item = tuple[str, Typed, Name | None]
_SETS = (exp.GroupingSets, exp.Rollup, exp.Cube)
_KNOWN = {"expressions", "all"}


def group_by(node: Any, items: list[Item], scope: Scope, plan: Plan) -> str:
    """Return ` GROUP BY …` of a SELECT, or nothing; note in `plan` what every row of it keeps.

    Raise QueryFailed for a position that is none, and for GROUPING() of what is not grouped.
    """
    group = node.args.get("group")
    found = _Groups(items, scope)
    texts: list[str] = []
    if group is not None:
        _refuse(group)
        texts = [found.element(part) for part in group.expressions]
        plan.keys = {key for key in found.plain if key}
    _check_grouping(node, found, grouped=group is not None)
    return " GROUP BY " + ", ".join(texts) if texts else ""


class _Groups:
    """Collects the texts that are grouped by, and the plain columns of no grouping set."""

    def __init__(self, items: list[Item], scope: Scope) -> None:
        self.items = items
        self.scope = scope
        self.texts: set[str] = set()
        self.plain: list[Name | None] = []

    def element(self, node: Any) -> str:
        """Return an element of GROUP BY."""
        if isinstance(node, _SETS):
            word = {exp.Rollup: "ROLLUP", exp.Cube: "CUBE"}.get(type(node), "GROUPING SETS")
            return f"{word} ({', '.join(self._set(part) for part in node.expressions)})"
        parts = node.expressions if isinstance(node, exp.Tuple) else [node]
        if not parts:
            return "()"
        return ", ".join(self._one(part, plain=True) for part in parts)

    def _set(self, node: Any) -> str:
        if isinstance(node, _SETS):
            raise not_supported("grouping sets inside of others")
        parts = node.expressions if isinstance(node, exp.Tuple) else [node]
        return f"({', '.join(self._one(part, plain=False) for part in parts)})"

    def _one(self, node: Any, *, plain: bool) -> str:
        _refuse_aggregates(node)
        while isinstance(node, exp.Paren):
            node = node.this
        if isinstance(node, exp.Literal) and not node.is_string and str(node.this).isdigit():
            position = int(node.this)
            if not 1 <= position <= len(self.items):
                text = f"GROUP BY position {position} is not in select list"
                raise QueryFailed("INVALID_COLUMN_REFERENCE", text)
            _, value, key = self.items[position - 1]
            text = str(position)
        else:
            value, key = (
                self.scope.session.rewrite(node, self.scope),
                plain_column(node, self.scope),
            )
            text = value.sql
        if not plain and (key is None or text is not value.sql):
            raise _no_column(node)
        refuse_maps([value.type], "GROUP BY")
        self.texts.add(value.sql)
        if plain:
            self.plain.append(key)
        return text


def _no_column(node: Any) -> QueryFailed:
    if isinstance(node, exp.Column | exp.Dot):
        return not_supported("a field of a row in a grouping set")
    text = f"GROUP BY expression must be a column reference: {node.sql('trino')}"
    return QueryFailed("INVALID_COLUMN_REFERENCE", f"line 1:1: {text}")


def _refuse_aggregates(part: Any) -> None:
    if part.find(exp.Window) or any(map(is_aggregate, part.find_all(exp.Anonymous))):
        text = "GROUP BY clause cannot contain aggregations, window functions or grouping"
        raise QueryFailed("EXPRESSION_NOT_SCALAR", f"line 1:1: {text} operations")


def _refuse(group: Any) -> None:
    for name, value in group.args.items():
        if value and name not in _KNOWN:
            raise not_supported(f"{name.upper()} of a GROUP BY")
    if group.args.get("all") and not group.expressions:
        raise QueryFailed("COLUMN_NOT_FOUND", "line 1:1: Column 'all' cannot be resolved")
    if group.args.get("all") is False and any(isinstance(e, _SETS) for e in group.expressions):
        raise not_supported("GROUP BY DISTINCT of grouping sets")
    first = group.expressions[0]
    if isinstance(first, exp.Column) and first.sql().lower() == "auto":
        raise not_supported("GROUP BY AUTO")


def _check_grouping(node: Any, found: _Groups, *, grouped: bool) -> None:
    for call in _calls(node):
        if not grouped:
            text = "A GROUPING() operation can only be used with a GROUP BY clause"
            raise QueryFailed("MISSING_GROUP_BY", f"line 1:1: {text}")
        for part in call.expressions:
            if not isinstance(part, exp.Column | exp.Dot):
                raise SyntaxRefused("line 1:1: mismatched input. Expecting: ')', ',', '.'")
            if found.scope.session.rewrite(part, found.scope).sql not in found.texts:
                text = "The arguments to GROUPING() must be expressions of the GROUP BY"
                raise QueryFailed("INVALID_ARGUMENTS", f"line 1:1: {text}")


def _calls(node: Any) -> list[Any]:
    parts = [*node.expressions, node.args.get("having"), node.args.get("order")]
    return [
        call
        for part in parts
        if part is not None
        for call in part.find_all(exp.Anonymous)
        if str(call.this).lower() == "grouping" and call.find_ancestor(exp.Select) is node
    ]
