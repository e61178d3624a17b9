"""The type a query names in CAST -> a Type, of Trino's words alone.

Glue's words (`string`, `float`, `struct`) name columns of tables; in a query they are no types.
"""

from typing import Any

from sqlglot import exp

from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.predicates import mismatch, where
from localaws.athena.trino_types import Type

_ELSEWHERE = (exp.DType.USERDEFINED, exp.DType.UNKNOWN)
_REFUSED = ("hyperloglog", "ipaddress", "p4hyperloglog", "qdigest", "tdigest")
_BARE = {
    *(exp.DType.BIGINT, exp.DType.BOOLEAN, exp.DType.DATE, exp.DType.DOUBLE, exp.DType.FLOAT),
    *(exp.DType.INT, exp.DType.JSON, exp.DType.SMALLINT, exp.DType.TINYINT, exp.DType.UUID),
    exp.DType.VARBINARY,
}


def target(node: Any) -> Type:
    """Return the type a cast goes to; raise QueryFailed TYPE_MISMATCH for a word Trino lacks."""
    written = node.to.sql("trino")
    kinds = list(node.to.find_all(exp.DataType))
    if any(map(_is_unknown, kinds)):
        raise mismatch(node, f"Unknown type: {written.lower()}")
    if any(map(_is_refused, kinds)):
        raise not_supported(f"{where(node)}the type {written.lower()}")
    try:
        return t.parse(written)
    except QueryFailed as error:
        raise mismatch(node, f"Unknown type: {written}") from error


def _is_refused(kind: Any) -> bool:
    if kind.this == exp.DType.USERDEFINED:
        return kind.sql("trino").lower() in _REFUSED
    return kind.this in (exp.DType.TIME, exp.DType.TIMETZ) or isinstance(kind.this, exp.Interval)


def _is_unknown(kind: Any) -> bool:
    if kind.this in _ELSEWHERE and not _is_refused(kind):
        return True
    if kind.this in exp.DataType.NESTED_TYPES:
        return not kind.expressions
    return kind.this in _BARE and bool(kind.expressions)
