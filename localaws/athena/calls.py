"""Function calls with all that may hang on them: DISTINCT, ORDER BY, FILTER, OVER, lambdas."""

from dataclasses import replace
from typing import Any

from sqlglot import exp

from localaws.athena import functions
from localaws.athena import trino_types as t
from localaws.athena.aggregate_calls import Wrapping, aggregate, filtered
from localaws.athena.aggregates import AGGREGATES, RANKINGS
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.lambdas import rewrite_lambda_call
from localaws.athena.listed_aggregates import LISTED
from localaws.athena.scopes import Scope, Typed
from localaws.athena.syntactic_calls import SYNTACTIC
from localaws.athena.windows import over


def rewrite_call(node: Any, scope: Scope) -> Typed:
    """Return the translation of a call, bare or inside FILTER, IGNORE NULLS and OVER."""
    wrapping, inner = Wrapping(), node
    while not isinstance(inner, exp.Anonymous):
        wrapping = _wrapped(inner, wrapping, scope)
        inner = inner.this
    name, where = str(inner.this).lower(), _where(inner)
    if name in AGGREGATES or name in RANKINGS or name in LISTED:
        return aggregate(name, inner, scope, wrapping, where)
    if wrapping != Wrapping():
        raise _unfit(name, wrapping, where)
    found = rewrite_lambda_call(name, inner, scope, where)
    if found is not None:
        return found
    if name in SYNTACTIC:
        return SYNTACTIC[name](inner, scope, where)
    values = [scope.session.rewrite(part, scope) for part in inner.expressions]
    if name == "grouping":
        kind = t.INTEGER if len(values) < 32 else t.BIGINT
        arguments = ", ".join(value.sql for value in values)
        return Typed(f"CAST(grouping({arguments}) AS {t.duck(kind)})", kind)
    return functions.call(name, values, scope, where)


def is_aggregate(node: Any) -> bool:
    """Tell whether a call aggregates rows (and is not a window)."""
    name = str(node.this).lower() if isinstance(node, exp.Anonymous) else ""
    return name in AGGREGATES or name in LISTED


def _unfit(name: str, wrapping: Wrapping, where: str) -> QueryFailed:
    found = functions.unknown(name, where)
    if not functions.known(name):
        return found
    if wrapping.over:
        return QueryFailed("FUNCTION_NOT_WINDOW", f"{where}Not a window function: {name}")
    text = f"{where}Only aggregation functions can have FILTER or ORDER: {name}"
    return QueryFailed("FUNCTION_NOT_AGGREGATE", text)


def _where(node: Any) -> str:
    meta = node.meta
    return f"line {meta['line']}:{meta['col'] - meta['end'] + meta['start']}: " if meta else ""


def _wrapped(node: Any, wrapping: Wrapping, scope: Scope) -> Wrapping:
    if isinstance(node, exp.Filter):
        return replace(wrapping, filter=filtered(node.expression.this, scope))
    if isinstance(node, exp.IgnoreNulls):
        return replace(wrapping, ignore_nulls=True)
    if isinstance(node, exp.RespectNulls):
        return wrapping
    if isinstance(node, exp.Window):
        return replace(wrapping, over=over(node, scope))
    if isinstance(node, exp.WithinGroup):
        return replace(wrapping, order=node.expression)
    raise not_supported(f"the form {type(node).__name__.upper()} around a function")
