"""Type texts of three dialects, and which types meet."""

import pytest

from localaws.athena.common_types import assignable, unify
from localaws.athena.failures import QueryFailed
from localaws.athena.trino_types import duck, hive, parse, trino

TEXTS = [
    ("array<struct<a:int,b:map<string,decimal(9,2)>>>",
     "array(row(a integer, b map(varchar, decimal(9,2))))",
     'STRUCT("a" INTEGER, "b" MAP(VARCHAR, DECIMAL(9,2)))[]'),
    ("varchar(9)", "varchar(9)", "VARCHAR"),
    ("string", "varchar", "VARCHAR"),
    ("float", "real", "FLOAT"),
    ("timestamp", "timestamp(3)", "TIMESTAMP"),
    ("binary", "varbinary", "BLOB"),
    ("decimal(38,0)", "decimal(38,0)", "DECIMAL(38,0)"),
]  # fmt: skip
MEETINGS = [
    ("integer", "bigint", "bigint"),
    ("integer", "decimal(9,4)", "decimal(14,4)"),
    ("decimal(9,2)", "decimal(9,4)", "decimal(11,4)"),
    ("decimal(9,2)", "double", "double"),
    ("varchar(2)", "varchar(5)", "varchar(5)"),
    ("varchar(2)", "varchar", "varchar"),
    ("date", "timestamp", "timestamp(3)"),
    ("unknown", "array(integer)", "array(integer)"),
    ("array(integer)", "array(bigint)", "array(bigint)"),
]
STRANGERS = [("varchar", "integer"), ("date", "varchar"), ("boolean", "integer"), ("json", "date")]


@pytest.mark.parametrize(("in_hive", "in_trino", "in_duck"), TEXTS)
def test_a_type_has_one_text_per_dialect(in_hive: str, in_trino: str, in_duck: str) -> None:
    kind = parse(in_hive)
    assert (hive(kind), trino(kind), duck(kind)) == (in_hive, in_trino, in_duck)
    assert parse(in_trino) == kind


@pytest.mark.parametrize(("one", "two", "both"), MEETINGS)
def test_types_that_meet_become_one(one: str, two: str, both: str) -> None:
    assert unify([parse(one), parse(two)]) == unify([parse(two), parse(one)]) == parse(both)


@pytest.mark.parametrize(("one", "two"), STRANGERS)
def test_types_that_do_not_meet_have_none(one: str, two: str) -> None:
    assert unify([parse(one), parse(two)]) is None


def test_insert_widens_and_never_narrows() -> None:
    assert assignable(parse("integer"), parse("bigint"))
    assert not assignable(parse("bigint"), parse("integer"))
    assert not assignable(parse("integer"), parse("varchar"))


def test_a_type_hive_cannot_store_is_refused() -> None:
    with pytest.raises(QueryFailed, match="Unsupported Hive type"):
        hive(parse("timestamp(3) with time zone"))
