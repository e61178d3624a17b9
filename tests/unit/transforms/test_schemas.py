from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from contracts.columns import Column, Table
from contracts.tables import COPY_TABLES, LAKE_TABLES
from transforms.schemas import UnfitValue, arrow_schema, build_table


def _time(hour: int, microsecond: int = 0) -> datetime:
    """Return a naive time, as the lake holds UTC."""
    return datetime(2026, 1, 30, hour, 0, 0, microsecond)  # noqa: DTZ001 naive on purpose


def _built(kind: str, *values: Any, nullable: bool = True) -> list[Any]:
    column = Column("value", kind, "A value.", "value", nullable=nullable)
    table = Table("any", "One row per value.", (), (column,), (), "detail")
    rows = build_table(table, {"value": list(values)})
    rows.validate(full=True)
    return list(rows.column("value").to_pylist())


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("string", "Grüße", "Grüße"),
        ("double", 3, 3.0),
        ("date", "2026-01-30", date(2026, 1, 30)),
        ("timestamp", "2026-01-30T12:00:00.1239Z", _time(12, 123000)),
        ("timestamp", "2026-01-30T12:00:00Z", _time(12)),
        ("timestamp", "2026-01-30T12:00:00+02:00", _time(10)),
        ("decimal(9,4)", "1.5", Decimal("1.5000")),
        ("array<string>", [], []),
        ("array<struct<a:int,b:string>>", [{"a": 1, "b": None}], [{"a": 1, "b": None}]),
    ],
)
def test_a_value_is_stored_as_the_contract_says(kind: str, value: Any, stored: Any) -> None:
    assert _built(kind, None, value) == [None, stored]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("double", True),
        ("double", "3.5"),
        ("double", 2**60 + 1),
        ("int", 3.5),
        ("int", True),
        ("int", 2**40),
        ("bigint", 2**70),
        ("boolean", 1),
        ("string", 3),
        ("string", "\ud83d"),
        ("date", "30.01.2026"),
        ("timestamp", "yesterday"),
        ("decimal(9,4)", "0.33333"),
        ("decimal(9,4)", 0.5),
        ("decimal(9,4)", "much"),
        ("array<struct<a:int>>", [{"a": 1.5}]),
        ("array<string>", "text"),
    ],
)
def test_no_value_is_converted_silently(kind: str, value: Any) -> None:
    with pytest.raises(UnfitValue, match=r"any\.value") as refusal:
        _built(kind, value)
    assert "much" not in str(refusal.value)


def test_a_column_that_is_never_null_refuses_null() -> None:
    with pytest.raises(UnfitValue, match=r"any\.value: a value is missing"):
        _built("string", "a", None, nullable=False)


def test_partition_columns_are_no_columns_of_the_files() -> None:
    for table in (*LAKE_TABLES, *COPY_TABLES):
        names = arrow_schema(table).names
        assert names == [column.name for column in table.columns]
        assert not {"tenant_id", "call_month"} & set(names)
