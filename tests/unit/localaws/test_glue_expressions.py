"""GetPartitions expressions: what they select, typed by key, and what is refused."""

import pytest

from localaws.errors import ApiError
from localaws.services.glue_expressions import NULL_PARTITION, select

KEYS = [("tenant_id", "string"), ("call_month", "string"), ("n", "int"), ("d", "date")]
ROWS = [
    ("acme", "2026-01", "1", "2026-01-31"),
    ("acme", "2026-02", "10", "2026-02-01"),
    ("acme-uk", "2026-02", "2", "2026-02-02"),
    ("it's", NULL_PARTITION, NULL_PARTITION, NULL_PARTITION),
]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("tenant_id = 'acme'", [0, 1]),
        ("TENANT_ID='acme' and call_month = '2026-02'", [1]),
        ("(tenant_id='acme' and call_month='2026-01') or (tenant_id='acme-uk')", [0, 2]),
        ("n > 2", [1]),
        ("n > '2'", [1]),
        ("n in (1, 2)", [0, 2]),
        ("n not in (1, 2)", [1]),
        ("n between 2 and 10", [1, 2]),
        ("n not between 2 and 10", [0]),
        ("tenant_id like 'acme%'", [0, 1, 2]),
        ("tenant_id like 'acme'", [0, 1]),
        ("d >= '2026-02-01'", [1, 2]),
        ("d = date '2026-02-02'", [2]),
        ("call_month is null", [3]),
        ("call_month is not null", [0, 1, 2]),
        ("not n = 1", [1, 2]),
        ("n <> 1", [1, 2]),
        ("`tenant_id` = 'it''s'", [3]),
        ("n = 1 or call_month is null", [0, 3]),
        (f"call_month = '{NULL_PARTITION}'", [3]),
        (f"call_month in ('2026-01', '{NULL_PARTITION}')", [0, 3]),
    ],
)
def test_an_expression_selects_what_glue_would(expression, found):
    assert select(expression, KEYS, ROWS) == found


@pytest.mark.parametrize(
    "expression",
    [
        "nobody = 'x'",
        "tenant_id =",
        "tenant_id = acme",
        "n = 'seven'",
        "tenant_id ~ 'x'",
        "tenant_id = 'x' tenant_id = 'y'",
        "(tenant_id = 'x'",
        "length(tenant_id) = 4",
    ],
)
def test_what_glue_cannot_read_is_refused_and_selects_nothing(expression):
    with pytest.raises(ApiError) as caught:
        select(expression, KEYS, ROWS)
    assert caught.value.code == "InvalidInputException"
