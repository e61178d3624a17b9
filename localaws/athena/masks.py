"""FILTER of an aggregate, where Trino looks at other rows than the clause says.

An argument is computed for every row, unless all aggregates of the SELECT have the same filter; so
one that fails does so for rows the filter leaves out. And `count(p)` beside `count(*) FILTER (WHERE
p)` counts what the filter lets through: a fault of Trino 476, refused, as Athena may not share it.
"""

from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from localaws.athena.aggregates import AGGREGATES
from localaws.athena.failures import not_supported
from localaws.athena.listed_aggregates import LISTED
from localaws.athena.scopes import Scope, plain_column

_AROUND = (exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls)


def refuse_shared_mask(node: Any, scope: Scope) -> None:
    """Raise QueryFailed NOT_SUPPORTED if a SELECT filters count(*) by a column it counts too."""
    masks, counted = set(), set()
    for call in _aggregates(node):
        if str(call.this).lower() != "count":
            continue
        test = _filter(call)
        argument = call.expressions[0] if len(call.expressions) == 1 else exp.Star()
        if test is not None and isinstance(argument, exp.Star):
            masks.add(plain_column(test, scope))
        elif test is None:
            counted.add(plain_column(argument, scope))
    if (masks & counted) - {None}:
        text = "count(p) beside count(*) FILTER (WHERE p), for which Trino counts the same rows"
        raise not_supported(text)


def computes_every_row(call: Any) -> bool:
    """Tell whether Trino computes a filtered aggregate's argument for the rows left out, too.

    Raise QueryFailed NOT_SUPPORTED where that depends on several filters.
    """
    tests = {_filter(other) for other in _aggregates(call.find_ancestor(exp.Select))}
    if None not in tests and len(tests) > 1:
        raise not_supported("different filters around what may fail")
    return None in tests


def _aggregates(select: Any) -> Iterator[Any]:
    for part in (*select.expressions, select.args.get("having"), select.args.get("order")):
        for call in part.find_all(exp.Anonymous) if part is not None else ():
            known = str(call.this).lower() in AGGREGATES or str(call.this).lower() in LISTED
            if known and call.find_ancestor(exp.Select) is select:
                yield call


def _filter(call: Any) -> Any:
    around = call.parent
    while isinstance(around, _AROUND):
        around = around.parent
    return around.expression.this if isinstance(around, exp.Filter) else None
