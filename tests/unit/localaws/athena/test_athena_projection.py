"""Partition projection: which partitions a table's properties describe."""

from datetime import UTC, datetime
from typing import Any

import pytest

from localaws.athena import projection
from localaws.athena.failures import QueryFailed
from localaws.athena.plans import Condition
from tests.support.athena_statements import conditions

NOW = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)


def table(keys: list[str], **properties: str) -> dict[str, Any]:
    named = {f"projection.{name.replace('__', '.')}": value for name, value in properties.items()}
    return {
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
        "StorageDescriptor": {"Location": "s3://lake/t/"},
        "Parameters": {"projection.enabled": "true", **named},
    }


def values(key: str, wanted: list[list[Condition]] | None = None, **properties: str) -> list[Any]:
    named = {f"{key}__{name}": value for name, value in properties.items()}
    return [
        part.values[0] for part in projection.parts_of(table([key], **named), NOW, wanted or [])
    ]


CASES = [
    ({"type": "enum", "values": "acme, acme-uk"}, ["acme", "acme-uk"]),
    ({"type": "integer", "range": "8,11", "digits": "2"}, ["08", "09", "10", "11"]),
    ({"type": "integer", "range": "1,9", "interval": "4"}, ["1", "5", "9"]),
    (
        {"type": "date", "range": "2026-02-27,2026-03-01", "format": "yyyy-MM-dd"},
        ["2026-02-27", "2026-02-28", "2026-03-01"],
    ),
    (
        {"type": "date", "range": "NOW-2MONTHS,NOW", "format": "yyyy-MM"},
        ["2026-01", "2026-02", "2026-03"],
    ),
    (
        {"type": "date", "range": "NOW-3DAYS,NOW", "format": "yyyy/MM/dd", "interval": "2",
         "interval.unit": "DAYS"},
        ["2026/02/26", "2026/02/28"],
    ),
    (
        {"type": "date", "range": "NOW-1HOURS,NOW", "format": "yyyy-MM-dd'T'HH"},
        ["2026-03-01T09", "2026-03-01T10"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("properties", "expected"), CASES)
def test_a_key_has_the_values_of_its_range(properties: Any, expected: list[str]) -> None:
    assert values("p", **properties) == expected


def test_keys_multiply_and_a_template_places_them() -> None:
    described = table(["t", "m"], t__type="enum", t__values="acme,acme-uk",
                      m__type="integer", m__range="1,2")  # fmt: skip
    parts = projection.parts_of(described, NOW, [])
    assert [part.values for part in parts] == [
        ("acme", "1"), ("acme", "2"), ("acme-uk", "1"), ("acme-uk", "2"),
    ]  # fmt: skip
    assert parts[0].location == "s3://lake/t/t=acme/m=1"
    described["Parameters"]["storage.location.template"] = "s3://lake/other/${m}/${t}/"
    assert projection.parts_of(described, NOW, [])[2].location == "s3://lake/other/1/acme-uk/"


def test_an_injected_key_must_be_named() -> None:
    (named,) = conditions("select * from calls where tenant_id = 'ac''me' and turns > 1")
    assert values("tenant_id", named, type="injected") == ["ac'me"]
    for sql in ("select * from calls", "select * from calls where tenant_id in ('acme', 'x')"):
        (unnamed,) = conditions(sql)
        with pytest.raises(QueryFailed, match="injected projected partition column tenant_id"):
            values("tenant_id", unnamed, type="injected")


@pytest.mark.parametrize(
    "properties",
    [{"type": "enum"}, {"type": "date", "range": "a,b", "format": "yyyy"}, {"type": "odd"}],
)
def test_wrong_properties_fail_the_query(properties: dict[str, str]) -> None:
    with pytest.raises(QueryFailed, match="INVALID_TABLE_PROPERTY"):
        values("p", **properties)
