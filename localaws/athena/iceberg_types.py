"""Iceberg's types and columns <-> Trino's, and a schema as DuckDB must be told of it."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from pyiceberg import types as i
from pyiceberg.schema import Schema

from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.scopes import Column, with_own_names
from localaws.athena.trino_types import Type, duck, quote, text

_TO_TRINO: dict[Any, Type] = {
    i.BooleanType: t.BOOLEAN,
    i.IntegerType: t.INTEGER,
    i.LongType: t.BIGINT,
    i.FloatType: t.REAL,
    i.DoubleType: t.DOUBLE,
    i.DateType: t.DATE,
    i.TimeType: Type("time", (6,)),
    i.TimestampType: Type("timestamp", (6,)),
    i.TimestamptzType: Type("timestamp with time zone", (6,)),
    i.StringType: t.VARCHAR,
    i.UUIDType: Type("uuid"),
    i.BinaryType: t.VARBINARY,
    i.FixedType: t.VARBINARY,
}
_TO_ICEBERG: dict[str, Callable[[], Any]] = {
    "boolean": i.BooleanType,
    "tinyint": i.IntegerType,
    "smallint": i.IntegerType,
    "integer": i.IntegerType,
    "bigint": i.LongType,
    "real": i.FloatType,
    "double": i.DoubleType,
    "date": i.DateType,
    "varchar": i.StringType,
    "uuid": i.UUIDType,
    "varbinary": i.BinaryType,
    "time": i.TimeType,
    "timestamp": i.TimestampType,
    "timestamp with time zone": i.TimestamptzType,
}
_DDL_TYPES = {
    *("boolean", "integer", "bigint", "real", "double", "decimal", "date", "timestamp", "varchar"),
    *("varbinary", "array", "map", "row"),
}


def trino_type(kind: Any) -> Type:
    """Return the Trino type of an Iceberg type; raise QueryFailed for one this engine lacks."""
    if isinstance(kind, i.DecimalType):
        return Type("decimal", (kind.precision, kind.scale))
    if isinstance(kind, i.ListType):
        return t.array(trino_type(kind.element_type))
    if isinstance(kind, i.MapType):
        return Type("map", parts=(trino_type(kind.key_type), trino_type(kind.value_type)))
    if isinstance(kind, i.StructType):
        parts = tuple(trino_type(field.field_type) for field in kind.fields)
        return Type("row", parts=parts, names=tuple(f.name.lower() for f in kind.fields))
    if type(kind) not in _TO_TRINO:
        raise not_supported(f"the Iceberg type {kind}")
    return _TO_TRINO[type(kind)]


def columns_of(schema: Schema) -> tuple[tuple[str, Type], ...]:
    """Return a schema's columns as names and Trino types."""
    return tuple((field.name.lower(), trino_type(field.field_type)) for field in schema.fields)


def schema_of(columns: tuple[tuple[str, Type, str], ...]) -> Schema:
    """Return the schema of (name, type, comment), with fresh field ids, every field optional."""
    ids = itertools.count(1)
    numbers = [next(ids) for _ in columns]
    return Schema(
        *(
            i.NestedField(number, name, iceberg_type(kind, ids), False, comment or None)  # noqa: FBT003 -- pyiceberg's
            for number, (name, kind, comment) in zip(numbers, columns, strict=True)
        )
    )


def iceberg_type(kind: Type, ids: Iterator[int]) -> Any:
    """Return the Iceberg type of a Trino type, its inner fields numbered from `ids`."""
    if kind.name == "decimal":
        return i.DecimalType(*kind.numbers)
    if kind.name == "array":
        number = next(ids)
        return i.ListType(number, iceberg_type(kind.parts[0], ids), element_required=False)
    if kind.name == "map":
        key, value = next(ids), next(ids)
        parts = [iceberg_type(part, ids) for part in kind.parts]
        return i.MapType(key, parts[0], value, parts[1], value_required=False)
    if kind.name == "row":
        return _struct(kind, ids)
    if kind.name not in _TO_ICEBERG:
        raise QueryFailed("NOT_SUPPORTED", f"Type not supported for Iceberg: {t.trino(kind)}")
    return _TO_ICEBERG[kind.name]()


def declared(name: str, kind: str) -> Type:
    """Return the type a column is declared with in DDL; raise QueryFailed for one Iceberg lacks."""
    found = t.parse(kind)
    for part in _every(found):
        if part.name not in _DDL_TYPES or (part.name == "varchar" and part.numbers):
            text_ = f"Type not supported for Iceberg: {kind}; column name: {name}"
            raise QueryFailed("NOT_SUPPORTED", text_)
    return found


def storable(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return a query's columns if a new Iceberg table may hold them; raise QueryFailed if not."""
    for column in with_own_names(columns):
        for part in _every(column.type):
            _refuse(part, column.name)
    return columns


def field_ids(schema: Schema) -> str:
    """Return DuckDB's FIELD_IDS of a schema's columns."""
    return "{" + ", ".join(_named_id(f.name.lower(), f) for f in schema.fields) + "}"


def by_field_id(schema: Schema) -> str:
    """Return DuckDB's `schema` of read_parquet: columns by field id, named `c<id>`."""
    entries = ", ".join(
        f"{f.field_id}: {{name: 'c{f.field_id}', type: {text(duck(trino_type(f.field_type)))}, "
        "default_value: NULL}"
        for f in schema.fields
    )
    return f"MAP {{{entries}}}"


def _refuse(kind: Type, name: str) -> None:
    if kind.name == "unknown":
        raise QueryFailed("COLUMN_TYPE_UNKNOWN", f"line 1:1: Column type is unknown: {name}")
    if kind.name == "row" and "" in kind.names:
        text_ = f"Row type field does not have a name: {t.trino(kind)}"
        raise QueryFailed("NOT_SUPPORTED", text_)
    moment = kind.name.partition(" ")[0]
    if moment in ("timestamp", "time") and kind.numbers != (6,):
        digits = kind.numbers[0] if kind.numbers else 3
        wanted = kind.name.replace(moment, f"{moment}(6)", 1)
        text_ = f"{moment.capitalize()} precision ({digits}) not supported for Iceberg."
        raise QueryFailed("NOT_SUPPORTED", f'{text_} Use "{wanted}" instead.')
    if kind.name == "char":
        raise not_supported("a char column of an Iceberg table")
    if not kind.parts and kind.name not in ("row", "decimal", *_TO_ICEBERG):
        raise QueryFailed("NOT_SUPPORTED", f"Type not supported for Iceberg: {t.trino(kind)}")


def _struct(kind: Type, ids: Iterator[int]) -> Any:
    numbers = [next(ids) for _ in kind.parts]
    named = zip(numbers, kind.names, kind.parts, strict=True)
    fields = (i.NestedField(n, name, iceberg_type(p, ids), False) for n, name, p in named)  # noqa: FBT003 -- pyiceberg's
    return i.StructType(*fields)


def _every(kind: Type) -> list[Type]:
    return [kind, *(inner for part in kind.parts for inner in _every(part))]


def _named_id(name: str, field: Any) -> str:
    return f"{quote(name)}: {_id(field.field_id, field.field_type)}"


def _id(number: int, kind: Any) -> str:
    if isinstance(kind, i.ListType):
        inner = f"element: {_id(kind.element_id, kind.element_type)}"
    elif isinstance(kind, i.MapType):
        key, value = _id(kind.key_id, kind.key_type), _id(kind.value_id, kind.value_type)
        inner = f"key: {key}, value: {value}"
    elif isinstance(kind, i.StructType):
        inner = ", ".join(_named_id(field.name.lower(), field) for field in kind.fields)
    else:
        return str(number)
    return f"{{__duckdb_field_id: {number}, {inner}}}"
