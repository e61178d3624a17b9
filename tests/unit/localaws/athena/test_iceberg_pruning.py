"""Which partitions of an Iceberg table a query may need, by each transform: never too few."""

from datetime import date, datetime
from typing import Any

import duckdb
import pytest
from pyiceberg.conversions import from_bytes, to_bytes
from pyiceberg.expressions.visitors import expression_evaluator, inclusive_projection
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import parse_transform
from pyiceberg.typedef import Record
from pyiceberg.types import DateType, IntegerType, NestedField, StringType, TimestampType

from localaws.athena.iceberg_pruning import row_filter
from localaws.athena.iceberg_tables import Source
from localaws.athena.macros import MACROS
from localaws.athena.tables import Table
from tests.support.athena_statements import conditions

FIELDS = {
    "call_id": StringType(),
    "started_at": TimestampType(),
    "call_date": DateType(),
    "turns": IntegerType(),
    "tenant_id": StringType(),
}
SCHEMA = Schema(
    *(NestedField(n, name, kind) for n, (name, kind) in enumerate(FIELDS.items(), start=1))
)
# Two tenants, the same call; the days before 1970 have negative numbers.
JANUARY, FEBRUARY, LONG_AGO, NONE = "January", "February", "long ago", "none"
ROWS: dict[str, dict[str, Any]] = {
    JANUARY: {
        "call_id": "c1",
        "started_at": datetime.fromisoformat("2026-01-31 23:59:59.999999"),
        "call_date": date(2026, 1, 31),
        "turns": 34,
        "tenant_id": "acme",
    },
    FEBRUARY: {
        "call_id": "c1",
        "started_at": datetime.fromisoformat("2026-02-01 00:00:00"),
        "call_date": date(2026, 2, 1),
        "turns": 40,
        "tenant_id": "acme-uk",
    },
    LONG_AGO: {
        "call_id": "x9",
        "started_at": datetime.fromisoformat("1969-12-31 23:59:59.999999"),
        "call_date": date(1969, 12, 31),
        "turns": -1,
        "tenant_id": "bravo",
    },
    NONE: dict.fromkeys(FIELDS),
}

KEPT = [
    ("started_at", "day", "started_at >= timestamp '2026-02-01 00:00:00'", {FEBRUARY}),
    ("started_at", "day", "started_at > timestamp '2026-01-31 23:59:59.999999'", {FEBRUARY}),
    ("started_at", "day", "started_at < timestamp '1970-01-01 00:00:00'", {LONG_AGO}),
    ("started_at", "day", "cast(started_at as date) = date '2026-02-01'", set(ROWS)),
    ("started_at", "hour", "started_at = timestamp '2026-02-01 00:00:00'", {FEBRUARY}),
    ("started_at", "month", "started_at between timestamp '2026-01-01 00:00:00' and "
     "timestamp '2026-01-31 23:59:59'", {JANUARY}),
    ("started_at", "year", "started_at < timestamp '2026-01-15 00:00:00'",
     {JANUARY, FEBRUARY, LONG_AGO}),
    ("call_date", "day", "call_date in (date '2026-02-01', date '1969-12-31')",
     {FEBRUARY, LONG_AGO}),
    ("call_date", "month", "call_date = date '2026-01-01'", {JANUARY}),
    ("call_date", "month", "call_date is null", {NONE}),
    ("call_date", "year", "call_date <= date '1969-01-01'", {LONG_AGO}),
    ("call_id", "bucket[16]", "call_id = 'c1'", {JANUARY, FEBRUARY}),
    ("call_id", "bucket[16]", "call_id > 'c1'", set(ROWS)),
    ("turns", "bucket[16]", "turns = 34", {JANUARY}),
    ("turns", "truncate[10]", "turns = 38", {JANUARY}),
    ("turns", "truncate[10]", "turns < 0", {LONG_AGO}),
    ("turns", "truncate[10]", "turns > 39 or turns is null", {FEBRUARY, NONE}),
    ("tenant_id", "truncate[4]", "tenant_id = 'acme'", {JANUARY, FEBRUARY}),
    ("tenant_id", "truncate[4]", "tenant_id > 'acme-uk'", {JANUARY, FEBRUARY, LONG_AGO}),
    ("tenant_id", "identity", "tenant_id = 'acme'", {JANUARY}),
    ("tenant_id", "identity", "tenant_id like 'acme%'", set(ROWS)),
    ("tenant_id", "identity", "tenant_id = lower('ACME')", {JANUARY}),
    ("tenant_id", "identity", "not (tenant_id = 'acme')", set(ROWS)),
    ("turns", "identity", "turns = 34 and duration > 1", {JANUARY}),
    ("turns", "identity", "turns = 34 or duration > 1", set(ROWS)),
]  # fmt: skip


@pytest.mark.parametrize(("column", "transform", "condition", "kept"), KEPT)
def test_a_transform_keeps_the_partitions_a_condition_may_need(
    column: str, transform: str, condition: str, kept: set[str]
) -> None:
    assert _kept(column, transform, [condition]) == kept


def test_two_readers_keep_what_either_needs() -> None:
    found = _kept("turns", "truncate[10]", ["turns = 34", "turns = -1"])
    assert found == {JANUARY, LONG_AGO}


def _kept(column: str, transform: str, readers: list[str]) -> set[str]:
    table = Table("lake", "calls", (), iceberg=Source(None, None, SCHEMA))
    wanted = [
        reader
        for condition in readers
        for places in conditions(f"select call_id from calls where {condition}")
        for reader in places
    ]
    with duckdb.connect() as connection:
        for macro in MACROS:
            connection.execute(macro)
        filtered = row_filter(connection, table, wanted)
    field = SCHEMA.find_field(column)
    made = parse_transform(transform)
    spec = PartitionSpec(PartitionField(field.field_id, 1000, made, "part"))
    projected = inclusive_projection(SCHEMA, spec)(filtered)
    may_match = expression_evaluator(Schema(*spec.partition_type(SCHEMA).fields), projected, True)
    function = made.transform(field.field_type)
    return {name for name, row in ROWS.items() if may_match(Record(function(_stored(row, field))))}


def _stored(row: dict[str, Any], field: NestedField) -> Any:
    value = row[field.name]
    if isinstance(value, date):
        value = from_bytes(field.field_type, to_bytes(field.field_type, value))
    return value
