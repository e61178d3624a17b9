"""A suite file is read whole or refused with everything that is wrong in it."""

import pytest

from expectations.suite_files import BadSuite, Suite, parse_suite, with_key

GOOD = """
suite: calls
expectations:
  - id: passed_has_evidence
    type: expect_column_values_to_be_in_set
    kwargs: {column: is_verified, value_set: [true]}
    where: result == "passed"
    nulls: forbidden
    severity: critical
    owner: quality
    why: An opinion.
    what_to_do: Look.
"""


def test_forbidden_nulls_add_a_twin_with_the_same_condition() -> None:
    item, twin = parse_suite(GOOD, "calls").items
    assert (twin.id, twin.type) == (f"{item.id}_not_null", "expect_column_values_to_not_be_null")
    assert (twin.where, twin.kwargs) == (item.where, {"column": "is_verified"})


def test_never_means_that_no_row_may_satisfy_the_condition() -> None:
    text = GOOD.replace('where: result == "passed"', "never: a > b").replace("nulls: forbidden", "")
    lines = [line for line in text.splitlines() if "type:" not in line and "kwargs:" not in line]
    (item,) = parse_suite("\n".join(lines), "calls").items
    assert (item.type, item.where) == ("expect_column_values_to_be_null", "a > b")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("severity: critical", "severity: fatal", "`severity` is one of critical, warning, info"),
        ("severity: critical", "", "`severity` is missing"),
        ("why: An opinion.", "", "`why` is missing"),
        ("what_to_do: Look.", "", "`what_to_do` is missing"),
        ("owner: quality", "", "`owner` is missing"),
        ("where:", "were:", "unknown key 'were'"),
        ("suite: calls", "suite: call", "must be the file's name, calls"),
        ("suite: calls", "suite: calls\nowner: me", "unknown key 'owner'"),
        ("nulls: forbidden", "nulls: allowed", "`nulls` can only be `forbidden`"),
        ("nulls: forbidden", "where_min_rows: 1\n    never: a > b", "either `type`"),
        ("id: passed_has_evidence", "id: Passed", "`id` is lower case"),
        ("value_set: [true]", "regex: '^acme$'", r"must start with \A and end with \Z"),
        ("value_set: [true]", r"regex: '\Aacme$\Z'", r"must start with \A and end with \Z"),
        ("value_set: [true]", r"regex: '[a-z]+\Z'", r"must start with \A and end with \Z"),
    ],
)
def test_a_suite_with_a_mistake_is_refused_and_told(before: str, after: str, told: str) -> None:
    with pytest.raises(BadSuite) as refused:
        parse_suite(GOOD.replace(before, after), "calls")
    assert told in str(refused.value)


def test_a_caret_inside_a_class_and_an_escaped_dollar_are_no_anchors() -> None:
    assert parse_suite(GOOD.replace("value_set: [true]", r"regex: '\A[^$,]+\$\Z'"), "calls").items


def test_an_id_used_twice_is_refused() -> None:
    entry = GOOD.partition("expectations:\n")[2]
    with pytest.raises(BadSuite, match="is used 2 times"):
        parse_suite(GOOD + entry, "calls")


@pytest.mark.parametrize("text", ["", "[]", "suite: calls", "suite: calls\nexpectations: {}"])
def test_what_is_no_suite_is_refused(text: str) -> None:
    with pytest.raises(BadSuite):
        parse_suite(text, "calls")


def test_every_part_of_an_item_changes_the_digest() -> None:
    before = parse_suite(GOOD, "calls").digest
    for change in ("severity: warning", "severity: info"):
        assert parse_suite(GOOD.replace("severity: critical", change), "calls").digest != before


def test_the_key_is_unique_with_its_tenant_and_whole_where_it_must_be() -> None:
    suite = with_key(
        Suite("calls", (), ("form_version",)), ("call_id", "form_version"), ["call_id", "tenant_id"]
    )
    assert [item.id for item in suite.items] == [
        "key_is_unique",
        "key_tenant_id_not_null",
        "key_call_id_not_null",
        "key_tenant_id_not_blank",
        "key_call_id_not_blank",
    ]
    assert suite.items[0].kwargs["column_list"] == ["tenant_id", "call_id", "form_version"]
