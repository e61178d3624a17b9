"""A suite and a frame -> one result per expectation, by Great Expectations on pandas.

Importing it costs seconds and 290 MB, so only the gate's process does. Each line that looks fussy
answers a trap of serving.md 1.2: pyarrow-backed columns keep types and NaN; items come back in any
order and are matched by id; a missing column does not raise; `success` knows no severity.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import great_expectations as gx
import pandas as pd
import pyarrow as pa
from great_expectations.exceptions.exceptions import GreatExpectationsError
from great_expectations.expectations.registry import get_expectation_impl

from expectations import settings  # noqa: F401 - must run before Great Expectations is imported
from expectations.ports import ItemResult
from expectations.suite_files import Item, Suite

EXAMPLES: Final = 5
_CRASHES: Final = (GreatExpectationsError, pa.ArrowException, LookupError, TypeError, ValueError)


class Runner:
    """Judges frames; one ephemeral context, no store, no Data Docs, no analytics."""

    def __init__(self) -> None:
        context: Any = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False, "metric_calculations": False}
        asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
        self._whole = asset.add_batch_definition_whole_dataframe("whole")

    def __call__(
        self, suite: Suite, frame: pa.Table, key: Sequence[str], parameters: Mapping[str, Any]
    ) -> tuple[ItemResult, ...]:
        """Return one result per item, in the suite's order.

        `parameters` fill `$PARAMETER` values of kwargs. Whatever makes the run itself fail makes
        every item crashed.
        """
        try:
            found = self._validate(suite, frame, key, parameters)
        except _CRASHES as problem:
            told = f"{type(problem).__name__}: {str(problem)[:200]}"
            return tuple(ItemResult(item, "crashed", observed=told) for item in suite.items)
        return tuple(_result(item, found, frame, key) for item in suite.items)

    def _validate(
        self, suite: Suite, frame: pa.Table, key: Sequence[str], parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        built = gx.ExpectationSuite(name=suite.name, expectations=[_build(i) for i in suite.items])
        batch = self._whole.get_batch(batch_parameters={"dataframe": _pandas(frame)})
        answer = batch.validate(
            built,
            expectation_parameters=dict(parameters),
            result_format={
                "result_format": "SUMMARY",
                "partial_unexpected_count": EXAMPLES,
                "unexpected_index_column_names": list(key),
            },
        )
        results: list[Any] = answer.results
        return {each.expectation_config.meta["id"]: each for each in results}


def _build(item: Item) -> Any:
    where = {"row_condition": item.where, "condition_parser": "pandas"} if item.where else {}
    expectation: Any = get_expectation_impl(item.type)
    return expectation(**item.kwargs, **where, severity=item.severity, meta={"id": item.id})


def _pandas(frame: pa.Table) -> pd.DataFrame:
    return pd.DataFrame(frame.to_pandas(types_mapper=pd.ArrowDtype))


def _result(
    item: Item, found: Mapping[str, Any], frame: pa.Table, key: Sequence[str]
) -> ItemResult:
    answer = found.get(item.id)
    if answer is None:
        return ItemResult(item, "crashed", observed="Great Expectations returned no result for it")
    if crash := _crash(answer.exception_info):
        return ItemResult(item, "crashed", observed=crash)
    if (
        item.where_min_rows
        and item.where
        and len(_pandas(frame).query(item.where)) < item.where_min_rows
    ):
        told = f"`where` selects fewer than {item.where_min_rows} rows"
        return ItemResult(item, "failed", element_count=0, unexpected_count=0, observed=told)
    counts = answer.result
    return ItemResult(
        item,
        "passed" if answer.success else "failed",
        element_count=counts.get("element_count", frame.num_rows),
        unexpected_count=counts.get("unexpected_count", 0 if answer.success else 1),
        observed=_text(counts.get("observed_value")),
        example_keys=_examples(counts.get("partial_unexpected_index_list"), key),
    )


def _crash(info: Mapping[str, Any]) -> str | None:
    """Return what was raised: the info is flat, or keyed by the id of the metric that failed."""
    parts = [info] if "raised_exception" in info else list(info.values())
    for part in parts:
        if part.get("raised_exception"):
            return str(part.get("exception_message"))[:300]
    return None


def _examples(
    indexes: Sequence[Mapping[str, Any]] | None, key: Sequence[str]
) -> tuple[Mapping[str, Any], ...]:
    """Keep key columns only: Great Expectations returns the failing values too."""
    rows = (indexes or ())[:EXAMPLES]
    return tuple({name: _plain(row.get(name)) for name in key} for row in rows)


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value if isinstance(value, bool | int | str) else str(value)


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, default=str)[:300]
