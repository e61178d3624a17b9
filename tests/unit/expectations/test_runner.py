"""The traps of Great Expectations 1.24 on pandas, each of which would let a bad frame pass."""

import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from expectations.ports import ItemResult
from expectations.runner import Runner
from expectations.suite_files import Item, Suite

FRAME = pa.table(
    {
        "tenant_id": ["acme", "acme", "acme"],
        "call_id": ["g1", "g2", "g3"],
        "count": pa.array([1, None, 3], pa.int64()),
        "flag": pa.array([True, None, True]),
        "share": pa.array([0.5, float("nan"), None]),
        "name": ["acme", "acme\n", "acme"],
    }
)


def item(name: str, kind: str, where: str | None = None, least: int = 0, **kwargs: Any) -> Item:
    return Item(name, kind, kwargs, "critical", "data", "why", "what", where, least)


def results(judge: Runner, *items: Item, frame: pa.Table = FRAME) -> dict[str, ItemResult]:
    found = judge(Suite("calls", items), frame, ["call_id"], {})
    return {result.item.id: result for result in found}


def test_results_come_in_the_order_of_the_suite_one_for_each_item(judge: Runner) -> None:
    items = [
        item(f"item_{n}", "expect_column_values_to_not_be_null", column=column)
        for n, column in enumerate(["missing", "call_id", "count", "also_missing"])
    ]
    assert list(results(judge, *items)) == [each.id for each in items]


def test_an_unknown_expectation_type_is_a_crash_of_the_suite_not_a_silent_drop(
    judge: Runner,
) -> None:
    good = item("good", "expect_column_values_to_not_be_null", column="call_id")
    found = results(judge, good, item("bad", "expect_column_values_to_be_fine", column="call_id"))
    assert [result.outcome for result in found.values()] == ["crashed", "crashed"]


def test_a_bad_argument_is_a_crash(judge: Runner) -> None:
    bad = item("bad", "expect_column_values_to_be_between", column="count", minimum=1)
    assert results(judge, bad)["bad"].outcome == "crashed"


@pytest.mark.parametrize(
    "kind", ["expect_column_values_to_not_be_null", "expect_column_values_to_be_between"]
)
def test_a_missing_column_is_a_crash_and_its_neighbour_is_still_judged(
    judge: Runner, kind: str
) -> None:
    missing = item(
        "missing", kind, column="nowhere", **({"min_value": 0} if "between" in kind else {})
    )
    good = item("good", "expect_column_values_to_not_be_null", column="call_id")
    found = results(judge, missing, good)
    assert (found["missing"].outcome, found["good"].outcome) == ("crashed", "passed")


def test_a_condition_on_a_missing_column_is_a_crash(judge: Runner) -> None:
    bad = item("bad", "expect_column_values_to_be_null", where="nowhere > 1", column="tenant_id")
    assert results(judge, bad)["bad"].outcome == "crashed"


def test_null_passes_a_value_expectation_so_the_twin_must_notice(judge: Runner) -> None:
    value = item("value", "expect_column_values_to_be_in_set", column="flag", value_set=[True])
    twin = item("twin", "expect_column_values_to_not_be_null", column="flag")
    found = results(judge, value, twin)
    assert (found["value"].outcome, found["twin"].outcome) == ("passed", "failed")


def test_a_selection_of_no_row_passes_unless_rows_are_demanded(judge: Runner) -> None:
    kind, where = "expect_column_values_to_not_be_null", "count > 100"
    found = results(
        judge,
        item("quiet", kind, where, column="call_id"),
        item("loud", kind, where, 1, column="call_id"),
    )
    assert (found["quiet"].outcome, found["loud"].outcome) == ("passed", "failed")


def test_nan_is_a_value_and_fails_a_range_while_null_does_not(judge: Runner) -> None:
    found = results(
        judge,
        item(
            "share", "expect_column_values_to_be_between", column="share", min_value=0, max_value=1
        ),
    )
    assert (found["share"].unexpected_count, found["share"].example_keys) == (
        1,
        ({"call_id": "g2"},),
    )


def test_a_nullable_integer_stays_an_integer(judge: Runner) -> None:
    found = results(
        judge, item("count", "expect_column_values_to_be_in_set", column="count", value_set=[1, 3])
    )
    assert found["count"].outcome == "passed"


def test_a_newline_at_the_end_does_not_pass_a_whole_pattern(judge: Runner) -> None:
    found = results(
        judge,
        item("name", "expect_column_values_to_match_regex", column="name", regex=r"\A[a-z]+\Z"),
    )
    assert found["name"].unexpected_count == 1


def test_examples_hold_keys_and_never_the_value_that_failed(judge: Runner) -> None:
    found = results(
        judge, item("name", "expect_column_values_to_be_in_set", column="name", value_set=["x"])
    )
    assert found["name"].example_keys == ({"call_id": "g1"}, {"call_id": "g2"}, {"call_id": "g3"})


def test_at_most_five_examples_are_kept(judge: Runner) -> None:
    many = pa.table({"tenant_id": ["acme"] * 9, "call_id": [str(n) for n in range(9)]})
    kind = "expect_column_values_to_be_null"
    found = results(judge, item("many", kind, column="call_id"), frame=many)
    assert (found["many"].unexpected_count, len(found["many"].example_keys)) == (9, 5)


def test_analytics_are_off_and_nothing_is_written_beside_the_code(
    judge: Runner, repository: Path
) -> None:
    results(judge, item("good", "expect_column_values_to_not_be_null", column="call_id"))
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
    assert not (repository / "gx").exists()
