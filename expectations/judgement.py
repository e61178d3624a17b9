"""One dataset of one tenant and its suite -> verdict rows: worst wins, silence is never a pass.

A forbidden emptiness, a crash, a missing result or a dataset without a suite blocks. What is
written for people holds keys, never the values that failed.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pyarrow as pa

from contracts.datasets import Dataset
from contracts.verdicts import WHOLE, Status, Verdict, worst
from expectations.ports import ItemResult, Judge
from expectations.suite_files import Item, Suite, with_key

_FAILED: Final[Mapping[str, Status]] = {"critical": "FAIL", "warning": "WARN", "info": "PASS"}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the gate.

    `recorded_at` is ISO 8601 UTC, `parameters` fill `$PARAMETER`s of suites, `seconds` is a
    monotonic clock.
    """

    run_id: str
    recorded_at: str
    code_version: str
    parameters: Mapping[str, Any]
    seconds: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: a dataset's rows of one tenant, or why there are none to judge."""

    tenant_id: str
    dataset: Dataset
    table: pa.Table | None
    content_hash: str | None = None
    problem: str | None = None


def judge_dataset(
    subject: Subject, suites: Mapping[str, Suite], judge: Judge, run: Run, *, holds_calls: bool
) -> list[Verdict]:
    """Return the rows of one dataset: first `*`, the dataset as a whole, then one per expectation.

    `holds_calls` says whether the tenant has calls that must be in the marts: only then is an empty
    dataset a failure.
    """
    name = subject.dataset.name
    blank = _blank(subject, run)
    if subject.problem:
        return [_ended(blank, "ERROR", f"{name} cannot be judged", subject.problem)]
    if name not in suites:
        return [_ended(blank, "ERROR", f"no suite for {name}", f"write suites/{name}.yml")]
    if subject.table is None or not subject.table.num_rows:
        return [_empty(blank, subject.dataset, holds_calls=holds_calls)]
    suite = with_key(suites[name], subject.dataset.key, _text_columns(subject.table))
    key = ("tenant_id", *(each for each in subject.dataset.key if each != "tenant_id"))
    began = run.seconds()
    results = judge(suite, subject.table, key, run.parameters)
    blank = replace(blank, suite_hash=suite.digest, row_count=subject.table.num_rows)
    rows = [_row(blank, result) for result in _complete(suite, results)]
    return [replace(_whole(blank, rows), elapsed_seconds=run.seconds() - began), *rows]


def tenant_status(verdicts: Iterable[Verdict], datasets: Iterable[str]) -> Status:
    """Return the worst verdict of a tenant; a dataset without its `*` row is a failure."""
    found = {each.dataset: each.status for each in verdicts if each.expectation_id == WHOLE}
    return worst([found.get(name, "FAIL") for name in datasets])


def for_tenant(verdicts: Iterable[Verdict], tenant_id: str) -> list[Verdict]:
    """Return verdicts on a shared dataset as rows of one tenant, without the keys of others."""
    return [
        replace(each, tenant_id=tenant_id, example_keys=_own(each.example_keys, tenant_id))
        for each in verdicts
    ]


def _blank(subject: Subject, run: Run) -> Verdict:
    return Verdict(
        tenant_id=subject.tenant_id,
        run_id=run.run_id,
        dataset=subject.dataset.name,
        expectation_id=WHOLE,
        severity="critical",
        status="PASS",
        element_count=None,
        unexpected_count=None,
        observed=None,
        example_keys=None,
        row_count=0,
        content_hash=subject.content_hash,
        why=None,
        what_to_do=None,
        owner="platform",
        suite_hash=None,
        code_version=run.code_version,
        elapsed_seconds=None,
        recorded_at=run.recorded_at,
    )


def _ended(blank: Verdict, status: Status, why: str, what_to_do: str) -> Verdict:
    return replace(blank, status=status, why=why, what_to_do=what_to_do)


def _empty(blank: Verdict, dataset: Dataset, *, holds_calls: bool) -> Verdict:
    if not holds_calls and not dataset.is_alone:
        return replace(blank, observed="no calls yet")
    if dataset.empty_is == "fine":
        return replace(blank, observed="no rows")
    if dataset.is_alone:
        return _ended(
            blank,
            "FAIL",
            f"{dataset.name} holds no row: nobody would see anything.",
            "Grant access in the tenants' documents (ACCESS items), then run the night again.",
        )
    return _ended(
        blank,
        "FAIL",
        f"{dataset.name} holds no row although the ledger holds flattened calls.",
        "Look at the dbt job's run of tonight; run the night again once the model has rows.",
    )


def _text_columns(table: pa.Table) -> list[str]:
    return [column.name for column in table.schema if pa.types.is_string(column.type)]


def _complete(suite: Suite, results: Sequence[ItemResult]) -> list[ItemResult]:
    """Return one result per item, in order: a missing one crashed, an extra one is a bug."""
    found = {result.item.id: result for result in results}
    extra = set(found) - {item.id for item in suite.items}
    if extra:
        raise RuntimeError(f"suite {suite.name}: results for {sorted(extra)}, which it lacks")
    return [found.get(item.id) or _missing(item) for item in suite.items]


def _missing(item: Item) -> ItemResult:
    return ItemResult(item, "crashed", observed="no result came back")


def _row(blank: Verdict, result: ItemResult) -> Verdict:
    item = result.item
    status: Status = "PASS"
    if result.outcome != "passed":
        status = "ERROR" if result.outcome == "crashed" else _FAILED[item.severity]
    keys = [dict(key) for key in result.example_keys]
    return replace(
        blank,
        expectation_id=item.id,
        severity=item.severity,
        status=status,
        element_count=result.element_count,
        unexpected_count=result.unexpected_count,
        observed=result.observed,
        example_keys=json.dumps(keys, sort_keys=True) if keys else None,
        why=item.why,
        what_to_do=item.what_to_do,
        owner=item.owner,
    )


def _whole(blank: Verdict, rows: Sequence[Verdict]) -> Verdict:
    status = worst([row.status for row in rows])
    causes = [row for row in rows if row.status == status and status != "PASS"]
    if not causes:
        return blank
    first = causes[0]
    return replace(
        blank,
        status=status,
        severity=first.severity,
        observed=", ".join(row.expectation_id for row in causes)[:300],
        unexpected_count=first.unexpected_count,
        why=first.why,
        what_to_do=first.what_to_do,
        owner=first.owner,
    )


def _own(example_keys: str | None, tenant_id: str) -> str | None:
    if example_keys is None:
        return None
    keys = [key for key in json.loads(example_keys) if key.get("tenant_id") == tenant_id]
    return json.dumps(keys, sort_keys=True) if keys else None
