"""The rules of the marts' SQL that no linter knows, as functions: Model -> what is wrong, where.

Both engines must answer alike (marts.md §3), and no row may meet another tenant's.
"""

from collections.abc import Callable, Iterator

import sqlglot
from sqlglot import exp

from tests.support.dbt_models import Model

Rule = Callable[[Model, exp.Expression], Iterator[tuple[exp.Expression, str]]]

BANNED = frozenset({
    "any_match", "approx_distinct", "approx_percentile", "arbitrary", "any_value", "at_timezone",
    "avg", "corr", "current_date", "current_timestamp", "every", "format", "format_datetime",
    "histogram", "json_extract", "json_extract_scalar", "json_parse", "map_agg", "max_by",
    "min_by", "normal_cdf", "normalize", "now", "pow", "power", "sequence", "upper",
    "width_bucket",
})  # fmt: skip
_TENANT = "tenant_id"


def problems(model: Model) -> list[str]:
    """Return what breaks a rule, each as `file:line: what to do`."""
    found = []
    if not model.text.startswith("-- grain: one row per "):
        found.append(f"{model.path.name}:1: begin with `-- grain: one row per …`")
    tree = sqlglot.parse_one(model.sql, read="athena")
    for rule in RULES:
        for node, advice in rule(model, tree):
            found.append(f"{model.path.name}:{_line(node)}: {advice}")
    return found


def joins_hold_tenants(model: Model, tree: exp.Expression) -> Iterator[tuple[exp.Expression, str]]:
    """Every join compares tenant_id, but for relations that belong to nobody and for unnest."""
    free = _tenant_free(tree) if not model.is_tenant_free else set()
    for join in [] if model.is_tenant_free else tree.find_all(exp.Join):
        joined = join.this
        if isinstance(joined, exp.Unnest) or _is_free(joined, free):
            continue
        on = join.args.get("on")
        if join.args.get("using") or on is None:
            yield join, "write `on a.tenant_id = b.tenant_id and …`; no using, no comma join"
        elif not any(_is_tenant_equality(one, joined.alias_or_name) for one in _conjuncts(on)):
            yield join, f"{joined.alias_or_name}: compare tenant_id in this join"


def groups_hold_tenants(model: Model, tree: exp.Expression) -> Iterator[tuple[exp.Expression, str]]:
    """Every group by and partition by begins with tenant_id."""
    if model.is_tenant_free:
        return
    for group in tree.find_all(exp.Group):
        if not _begins_with_tenant(group.expressions):
            yield group.parent or group, "begin this group by with tenant_id"
    for window in tree.find_all(exp.Window):
        if not _begins_with_tenant(window.args.get("partition_by") or []):
            yield window, "begin this partition by with tenant_id"


def partitions_stand_last(
    model: Model, tree: exp.Expression
) -> Iterator[tuple[exp.Expression, str]]:
    """The last columns are tenant_id, or tenant_id and call_month: Hive demands it."""
    names = tree.named_selects
    last = [_TENANT, "call_month"] if "call_month" in names else [_TENANT]
    if not model.is_tenant_free and names[-len(last) :] != last:
        yield tree, f"end the columns with {', '.join(last)}"


def functions_are_known(_: Model, tree: exp.Expression) -> Iterator[tuple[exp.Expression, str]]:
    """No function, and no clause, that two engines answer differently."""
    for function in tree.find_all(exp.Func):
        name = (
            function.name if isinstance(function, exp.Anonymous) else function.sql_name()
        ).lower()
        if name in BANNED:
            yield function, f"{name}: the engines differ; see marts.md §3 for the form to use"
    for order in tree.find_all(exp.Order):
        if not isinstance(order.parent, exp.Window):
            yield order, "no order by outside windows"
    for clause in tree.find_all(exp.Limit, exp.TableSample):
        yield clause, "no limit, no tablesample: the rows would be chance"
    for within in tree.find_all(exp.In):
        if within.args.get("query") and isinstance(within.parent, exp.Not):
            yield within, "no `not in (subquery)`: one NULL empties it"


def numbers_are_exact(_: Model, tree: exp.Expression) -> Iterator[tuple[exp.Expression, str]]:
    """A division is in double; a decimal literal never stands beside a double."""
    for division in tree.find_all(exp.Div):
        if not (_is_double(division.this) or _is_double(division.expression)):
            yield division, "cast one side of this division to double"
    for pair in tree.find_all(exp.Binary):
        sides = (pair.this, pair.expression)
        for one, other in (sides, sides[::-1]):
            if _is_decimal_literal(one) and _is_double(other):
                yield pair, f"write {one.sql()}e0 beside a double"


def texts_are_cast(_: Model, tree: exp.Expression) -> Iterator[tuple[exp.Expression, str]]:
    """A text literal that becomes a column is cast, else it is a varchar of its own length."""
    for select in tree.find_all(exp.Select):
        for column in select.expressions:
            for text in _text_results(column):
                yield column, f"write cast({text.sql()} as varchar)"


RULES: tuple[Rule, ...] = (
    joins_hold_tenants,
    groups_hold_tenants,
    partitions_stand_last,
    functions_are_known,
    numbers_are_exact,
    texts_are_cast,
)


def _line(node: exp.Expression) -> int:
    lines = [one.meta["line"] for one in node.walk() if "line" in one.meta]
    return min(lines, default=1)


def _tenant_free(tree: exp.Expression) -> set[str]:
    """Return the names of CTEs that read nothing but relations of nobody."""
    free: set[str] = set()
    for cte in tree.find_all(exp.CTE):
        tables = list(cte.this.find_all(exp.Table))
        if tables and all(_is_free(table, free) for table in tables):
            free.add(cte.alias)
    return free


def _is_free(relation: exp.Expression, free: set[str]) -> bool:
    return isinstance(relation, exp.Table) and (
        relation.name in free or relation.name == "seed_timezone_offsets"
    )


def _conjuncts(on: exp.Expression) -> Iterator[exp.Expression]:
    return on.flatten() if isinstance(on, exp.And) else iter([on])


def _is_tenant_equality(one: exp.Expression, joined: str) -> bool:
    """Return whether `one` says joined.tenant_id = other.tenant_id, or = '*' for everybody's."""
    if not isinstance(one, exp.EQ):
        return False
    sides = (one.this, one.expression)
    columns = [side for side in sides if isinstance(side, exp.Column) and side.name == _TENANT]
    if not any(column.table == joined for column in columns):
        return False
    return len({column.table for column in columns}) == 2 or any(
        isinstance(side, exp.Literal) and side.name == "*" for side in sides
    )


def _begins_with_tenant(columns: list[exp.Expression]) -> bool:
    return bool(columns) and isinstance(columns[0], exp.Column) and columns[0].name == _TENANT


def _is_double(side: exp.Expression) -> bool:
    return any(
        (isinstance(node, exp.Cast) and node.is_type("double"))
        or (isinstance(node, exp.Literal) and node.is_number and "e" in node.name.lower())
        for node in side.walk()
    )


def _is_decimal_literal(side: exp.Expression) -> bool:
    number = side.this if isinstance(side, exp.Neg) else side
    return (
        isinstance(number, exp.Literal)
        and number.is_number
        and "." in number.name
        and "e" not in number.name.lower()
    )


def _text_results(column: exp.Expression) -> Iterator[exp.Expression]:
    value = column.this if isinstance(column, exp.Alias) else column
    if isinstance(value, exp.Literal) and value.is_string:
        yield value
    elif isinstance(value, exp.Coalesce):
        for one in (value.this, *value.expressions):
            yield from _text_results(one)
    elif isinstance(value, exp.Case):
        for branch in value.args["ifs"]:
            yield from _text_results(branch.args["true"])
        if value.args.get("default"):
            yield from _text_results(value.args["default"])
