"""What Trino sends is printed as Athena prints it."""

from typing import Any

import pytest

from localaws.athena.trino_types import UNBOUNDED, trino
from localaws.athena.trino_values import type_of, value_of
from localaws.athena.values import value_text


def _kind(name: str, *arguments: Any) -> dict[str, Any]:
    return {"rawType": name, "arguments": [{"value": argument} for argument in arguments]}


ROW = _kind(
    "row",
    {"fieldName": {"name": "a"}, "typeSignature": _kind("double")},
    {"typeSignature": _kind("varbinary")},
)
SHOWN: list[tuple[dict[str, Any], Any, str, str | None]] = [
    (_kind("varchar", UNBOUNDED), "x", "varchar", "x"),
    (_kind("varchar", 3), None, "varchar(3)", None),
    (_kind("decimal", 9, 4), "1.5000", "decimal(9,4)", "1.5000"),
    (_kind("double"), 1e10, "double", "1.0E10"),
    (_kind("double"), "NaN", "double", "NaN"),
    (_kind("real"), 1.1, "real", "1.1"),
    (_kind("boolean"), True, "boolean", "true"),
    (_kind("timestamp", 3), "2026-01-31 09:05:00.000", "timestamp(3)", "2026-01-31 09:05:00.000"),
    (
        _kind("timestamp with time zone", 3),
        "2026-01-31 09:05:00.000 Europe/Berlin",
        "timestamp(3) with time zone",
        "2026-01-31 09:05:00.000 Europe/Berlin",
    ),
    (_kind("interval day to second"), "1 00:00:00.000", "interval day to second", "1 00:00:00.000"),
    (ROW, [1.0, "Zfc="], "row(a double, varbinary)", "{a=1.0, field1=65 f7}"),
    (
        _kind("map", _kind("integer"), _kind("array", _kind("boolean"))),
        {"7": [False, None]},
        "map(integer, array(boolean))",
        "{7=[false, null]}",
    ),
    (
        _kind("map", _kind("boolean"), _kind("bigint")),
        {"true": 1},
        "map(boolean, bigint)",
        "{true=1}",
    ),
]


@pytest.mark.parametrize(("signature", "raw", "words", "shown"), SHOWN)
def test_a_value_of_the_protocol_is_shown_as_athena_shows_it(
    signature: dict[str, Any], raw: Any, words: str, shown: str | None
) -> None:
    kind = type_of(signature)
    assert trino(kind) == words
    assert value_text(value_of(raw, kind), kind) == shown
