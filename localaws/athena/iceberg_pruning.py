"""Conditions a query puts on a table -> the filter pyiceberg plans files with.

Only plain comparisons of a column with constants are handed on; all else keeps every file. Floats
are left out, because NaN sorts differently in each place.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import duckdb
import sqlglot
from pyiceberg import expressions as e
from pyiceberg import types as i
from sqlglot import exp
from sqlglot.errors import SqlglotError

from localaws.athena.plans import Condition
from localaws.athena.tables import Table

_TYPES = (
    *(i.BooleanType, i.IntegerType, i.LongType, i.DecimalType, i.DateType, i.TimestampType),
    i.StringType,
)


def row_filter(connection: Any, table: Table, wanted: list[list[Condition]]) -> Any:
    """Return an expression every row some reader may need satisfies."""
    readers = [_all_of([_expression(connection, table, c) for c in cs]) for cs in wanted]
    if not readers:
        return e.AlwaysTrue()
    found = readers[0]
    for other in readers[1:]:
        found = e.Or(found, other)
    return found


def _all_of(parts: list[Any]) -> Any:
    found: Any = e.AlwaysTrue()
    for part in parts:
        found = e.And(found, part)
    return found


def _expression(connection: Any, table: Table, condition: Condition) -> Any:
    try:
        tree = sqlglot.parse_one(condition.sql, dialect="duckdb")
    except SqlglotError:
        return e.AlwaysTrue()
    return _translated(tree, lambda node: _column(node, table, condition), connection)


def _translated(node: Any, column: Callable[[Any], Any], connection: Any) -> Any:
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.And | exp.Or):
        sides = [_translated(side, column, connection) for side in (node.this, node.expression)]
        return (e.And if isinstance(node, exp.And) else e.Or)(*sides)
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        field = column(node.this)
        return _is_null(field.name) if field is not None else e.AlwaysTrue()
    if isinstance(node, exp.Between):
        low, high = node.args["low"], node.args["high"]
        least = _compared(e.GreaterThanOrEqual, node.this, [low], column, connection)
        return e.And(least, _compared(e.LessThanOrEqual, node.this, [high], column, connection))
    if isinstance(node, exp.In) and node.expressions:
        return _compared(e.In, node.this, node.expressions, column, connection)
    operator = _OPERATORS.get(type(node))
    if operator is None:
        return e.AlwaysTrue()
    return _compared(operator, node.this, [node.expression], column, connection)


def _compared(
    operator: Any, side: Any, constants: list[Any], column: Callable[[Any], Any], connection: Any
) -> Any:
    field = column(side)
    if field is None:
        return e.AlwaysTrue()
    values = [_value(connection, constant) for constant in constants]
    if None in values:
        return e.AlwaysTrue()
    found = operator(field.name, values if operator is e.In else values[0])
    try:
        found.bind(field.schema)
    except (TypeError, ValueError):
        return e.AlwaysTrue()
    return found


def _is_null(name: str) -> Any:
    make: Any = e.IsNull
    return make(name)


class _Field:
    def __init__(self, name: str, schema: Any) -> None:
        self.name, self.schema = name, schema


def _column(node: Any, table: Table, condition: Condition) -> _Field | None:
    if not isinstance(node, exp.Column) or node.table != condition.alias:
        return None
    wanted = condition.names.get(node.name, "")
    schema = table.iceberg.schema
    hits = [field for field in schema.fields if field.name.lower() == wanted]
    if len(hits) != 1 or not isinstance(hits[0].field_type, _TYPES):
        return None
    return _Field(hits[0].name, schema)


def _value(connection: Any, node: Any) -> Any:
    if node.find(exp.Column, exp.Query) is not None:
        return None
    try:
        (value,) = connection.execute(f"SELECT {node.sql('duckdb')}").fetchone()
    except duckdb.Error:
        return None
    if isinstance(value, datetime):
        return value.isoformat() if value.tzinfo is None else None
    if isinstance(value, date):
        return value.isoformat()
    return None if isinstance(value, float) else value


_OPERATORS: dict[Any, Any] = {
    exp.EQ: e.EqualTo,
    exp.LT: e.LessThan,
    exp.LTE: e.LessThanOrEqual,
    exp.GT: e.GreaterThan,
    exp.GTE: e.GreaterThanOrEqual,
}
