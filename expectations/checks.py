"""Marts, ledger and configuration -> small frames that say whether they agree with each other.

Ordinary suites judge them (mostly: this column is 0), so there is one mechanism, one YAML and one
verdict. Pure: one tenant in, one frame out, one row per thing checked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import pyarrow as pa

from contracts.datasets import Dataset
from contracts.ledger import State, count
from contracts.scoring import Score, Scored, score
from contracts.tenant import TenantId
from expectations.frames import Frame, rows_of

CONSERVATION: Final = Dataset(
    "check_conservation", "", ("call_date", "example_call_id"), has_month=False, empty_is="fail"
)
KEYS: Final = Dataset("check_keys", "", ("dataset",), has_month=False, empty_is="fail")
TENANTS: Final = Dataset(
    "check_tenants", "", ("dataset", "call_month"), has_month=False, empty_is="fail"
)
SCORES: Final = Dataset(
    "check_scores", "", ("call_id", "evaluation_id"), has_month=False, empty_is="fine"
)

_IN_LAKE: Final = frozenset({State.FLATTENED, State.PUBLISHED})
_PARENTS: Final = {
    "fct_evaluations": ("fct_calls", ("call_id",)),
    "fct_criterion_results": ("fct_evaluations", ("call_id", "evaluation_id")),
}
_NULLABLE: Final = {"example_call_id": pa.string()}


@dataclass(frozen=True, slots=True)
class Tenant:
    """What is known of one tenant apart from its marts; `status` is None where unregistered."""

    tenant_id: TenantId
    status: str | None
    calls: Sequence[Mapping[str, Any]]

    @property
    def in_lake(self) -> frozenset[str]:
        """Return the ids of the calls whose rows the lake holds, older ones of a correction too."""
        return frozenset(_call_id(item) for item in self.calls if _was_flattened(item))


def check_conservation(tenant: Tenant, calls: Frame | None, built_at: str) -> pa.Table:
    """Return one row per day: the ledger's identity, and what it and `fct_calls` lack of another.

    A call flattened at or after `built_at` (ISO, Z) may be missing: the marts could not know it.
    """
    mart = {row["call_id"]: str(row["call_date"]) for row in _rows(calls, "call_id", "call_date")}
    days: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for item in tenant.calls:
        days[str(item["day"])].append(item)
    unledgered = set(mart) - tenant.in_lake
    for call_id in unledgered:
        days.setdefault(mart[call_id], [])
    rows = [
        _day(tenant, day, items, set(mart), built_at)
        | _unledgered({call_id for call_id in unledgered if mart[call_id] == day})
        for day, items in sorted(days.items())
    ]
    return _frame(rows)


def check_keys(tenant: Tenant, frames: Mapping[str, Frame]) -> pa.Table:
    """Return one row per dataset: keys that stand twice, and rows whose parent row is missing."""
    rows = []
    for name, frame in frames.items():
        totals = frame.totals()
        rows.append(
            {
                "tenant_id": tenant.tenant_id,
                "dataset": name,
                "duplicate_keys_count": totals.row_count - totals.key_count,
                "orphans_count": _orphans(name, frame, frames),
            }
        )
    return _frame(rows)


def check_tenants(tenant: Tenant, frames: Mapping[str, Frame]) -> pa.Table:
    """Return one row per dataset and partition: is its tenant registered, are its calls its own."""
    known = {_call_id(item) for item in tenant.calls}
    rows = []
    for name, frame in frames.items():
        foreign = _foreign_calls(frame, known)
        rows += [
            {
                "tenant_id": tenant.tenant_id,
                "dataset": name,
                "call_month": part.call_month,
                "is_registered": tenant.status is not None,
                "foreign_calls_count": foreign.get(part.call_month, 0),
            }
            for part in frame.partitions
        ]
    return _frame(rows)


def check_scores(tenant: Tenant, evaluations: Frame | None, results: Frame | None) -> pa.Table:
    """Return one row per evaluation scored by its form: the score computed again, exactly.

    Evaluations with a provider's own score have no weights to compute from and are left out.
    """
    criteria: dict[tuple[str, str], dict[str, Scored]] = defaultdict(dict)
    for row in _rows(results, *_CRITERION):
        if not row["is_unknown_criterion"]:
            found = criteria[row["call_id"], row["evaluation_id"]]
            found.setdefault(row["criterion_id"], _scored(row))
    rows = [
        _compared(tenant, row, _answers(row, criteria))
        for row in _rows(evaluations, *_EVALUATION)
        if row["score_status"] != "provider_score"
    ]
    return _frame(rows)


def rules_frame(rules: Frame, tenants: Mapping[TenantId, str]) -> pa.Table:
    """Return the access rules with what the suite asks of each one.

    `names_count` is how many of user and group are filled (exactly one is right); `is_active` says
    whether the tenant is registered and active; `rules_count` is the rules of that user or group.
    Raise NotBuilt where a column is missing.
    """
    rows = list(rows_of(rules, "user_name", "group_name", "tenant_id"))
    who = [(row["user_name"], row["group_name"]) for row in rows]
    columns = {name: [row[name] for row in rows] for name in ("user_name", "group_name")}
    return pa.table(
        {
            **{name: pa.array(values, pa.string()) for name, values in columns.items()},
            "tenant_id": pa.array([row["tenant_id"] for row in rows], pa.string()),
            "names_count": pa.array(
                [sum(bool(name) for name in names) for names in who], pa.int64()
            ),
            "is_active": [tenants.get(TenantId(str(row["tenant_id"]))) == "active" for row in rows],
            "rules_count": pa.array([who.count(names) for names in who], pa.int64()),
        }
    )


def _rows(frame: Frame | None, *columns: str) -> Iterable[Mapping[str, Any]]:
    return rows_of(frame, *columns) if frame else ()


def _frame(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    if not rows:
        return pa.table({"tenant_id": pa.array([], pa.string())})
    return pa.table(
        {name: pa.array([row[name] for row in rows], _NULLABLE.get(name)) for name in rows[0]}
    )


def _call_id(item: Mapping[str, Any]) -> str:
    return str(item["sk"]).partition("#")[2]


def _was_flattened(item: Mapping[str, Any]) -> bool:
    """Return whether the lake may hold the call: a correction on its way keeps the older rows."""
    return State(item["state"]) is not State.ERASED and State.FLATTENED in item.get("at", {})


def _day(
    tenant: Tenant, day: str, items: Sequence[Mapping[str, Any]], mart: set[str], built_at: str
) -> dict[str, Any]:
    counts = count(items)
    received = counts.pop("received")
    due = {_call_id(item) for item in items if _is_due(item, built_at)}
    missing = sorted(due - mart)
    return {
        "tenant_id": tenant.tenant_id,
        "call_date": day,
        "example_call_id": missing[0] if missing else None,
        "received_count": received,
        "difference_count": received - sum(counts.values()),
        "missing_from_mart_count": len(missing),
    }


def _is_due(item: Mapping[str, Any], built_at: str) -> bool:
    flattened_at = str(item.get("at", {}).get(State.FLATTENED, ""))
    return State(item["state"]) in _IN_LAKE and flattened_at < built_at


def _unledgered(call_ids: set[str]) -> dict[str, Any]:
    example = {"example_call_id": min(call_ids)} if call_ids else {}
    return {"unledgered_count": len(call_ids), **example}


def _orphans(name: str, frame: Frame, frames: Mapping[str, Frame]) -> int:
    if name not in _PARENTS:
        return 0
    parent, columns = _PARENTS[name]
    found = {_values(row, columns) for row in _rows(frames.get(parent), *columns)}
    return sum(_values(row, columns) not in found for row in rows_of(frame, *columns))


def _values(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in columns)


def _foreign_calls(frame: Frame, known: set[str]) -> dict[str, int]:
    if "call_id" not in frame.dataset.key:
        return {}
    foreign: dict[str, set[str]] = defaultdict(set)
    for row in _rows(frame, "call_id", "call_month"):
        if row["call_id"] not in known:
            foreign[row["call_month"]].add(row["call_id"])
    return {month: len(call_ids) for month, call_ids in foreign.items()}


_CRITERION: Final = (
    "call_id",
    "evaluation_id",
    "criterion_id",
    "result",
    "weight",
    "credit_fraction",
    "is_critical",
    "is_unknown_criterion",
)
_EVALUATION: Final = (
    "call_id",
    "evaluation_id",
    "score_status",
    "score_fraction",
    "final_score_fraction",
    "has_passed",
    "pass_threshold_fraction",
)


def _scored(row: Mapping[str, Any]) -> Scored:
    return Scored(
        criterion_id=row["criterion_id"],
        result=row["result"],
        weight=_fraction(row["weight"]),
        is_critical=bool(row["is_critical"]),
        credit=_fraction(row["credit_fraction"]),
    )


def _answers(
    row: Mapping[str, Any], criteria: Mapping[tuple[str, str], Mapping[str, Scored]]
) -> tuple[Scored, ...]:
    """Return what an evaluation answered; one that could not be read answered nothing."""
    if row["score_status"] == "unreadable":
        return ()
    return tuple(criteria.get((row["call_id"], row["evaluation_id"]), {}).values())


def _fraction(value: Any) -> Fraction | None:
    return None if value is None else Fraction(str(value))


def _compared(tenant: Tenant, row: Mapping[str, Any], criteria: Sequence[Scored]) -> dict[str, Any]:
    threshold = _fraction(row["pass_threshold_fraction"])
    again = score(criteria, threshold or Fraction(1))
    passed = again.has_passed if threshold else row["has_passed"]
    return {
        "tenant_id": tenant.tenant_id,
        "call_id": row["call_id"],
        "evaluation_id": row["evaluation_id"],
        "has_other_nulls": (row["score_fraction"] is None) != (again.score_fraction is None),
        "score_difference": _difference(row["score_fraction"], again.score_fraction),
        "final_difference": _difference(row["final_score_fraction"], again.final_score_fraction),
        "has_other_pass": _other_pass(row, again, passed=passed),
    }


def _difference(stored: float | None, again: Fraction | None) -> float:
    return 0.0 if stored is None or again is None else float(abs(Fraction(stored) - again))


def _other_pass(row: Mapping[str, Any], again: Score, *, passed: bool | None) -> bool:
    return again.score_fraction is not None and row["has_passed"] != passed
