"""Rows of marts that pass every expectation, for two tenants with the same call ids.

A test changes one value and expects exactly one expectation to notice.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from tests.support.mart_types import TYPES

RUN_ID = "20260130T020000Z-abcdef"
NOW = datetime(2026, 1, 30, 2, 0, tzinfo=UTC)
PARAMETERS = {
    "earliest_start": datetime(2000, 1, 1),  # noqa: DTZ001 - marts hold UTC without a zone
    "latest_start": datetime(2026, 1, 31, 2, 0),  # noqa: DTZ001
}
DOCUMENT_HASH = "ab" * 32


def good_rows(dataset: str) -> list[dict[str, Any]]:
    """Return three rows that every expectation of the dataset accepts."""
    return [{**_ROWS[dataset], **differs} for differs in _DIFFERS[dataset]]


def table_of(
    dataset: str, rows: Sequence[Mapping[str, Any]], tenant: str | None = "acme"
) -> pa.Table:
    """Return rows as the gate's frame: typed, with the tenant of their partition."""
    fields = dict(TYPES[dataset])
    if tenant is not None:
        fields = {"tenant_id": pa.string(), **fields}
        rows = [{"tenant_id": tenant, **row} for row in rows]
    return pa.Table.from_pylist([dict(row) for row in rows], schema=pa.schema(fields.items()))


_ROWS: Mapping[str, dict[str, Any]] = {
    "rls_rules": {
        "user_name": None,
        "group_name": "tenant-acme",
        "tenant_id": "acme",
        "names_count": 1,
        "is_active": True,
        "rules_count": 1,
    },
    "fct_calls": {
        "call_id": "g1-0123456789",
        "document_key": DOCUMENT_HASH[:16],
        "agent_id": "a-1",
        "direction": "inbound",
        "call_date": date(2026, 1, 29),
        "outcome": "resolved",
        "sentiment_label": "neutral",
        "parse_status": "ok",
        "redaction_status": "verified",
        "is_pii_redacted": True,
        "tone_score": 72.0,
        "sentiment_positive_score": 0.1,
        "sentiment_negative_score": 0.2,
        "coverage_fraction": 1.0,
        "duration_seconds": 183.4,
        "agent_talk_fraction": 0.53,
        "non_talk_fraction": 0.18,
        "score_fraction": 0.5556,
        "call_count": 1,
        "started_at": datetime(2026, 1, 29, 9, 30),  # noqa: DTZ001
    },
    "fct_evaluations": {
        "call_id": "g1-0123456789",
        "evaluation_id": "e1",
        "form_name": "default",
        "evaluator": "model",
        "status": "complete",
        "score_status": "scored",
        "is_counted": True,
        "is_scored": True,
        "has_passed": False,
        "has_critical_failure": False,
        "pass_threshold_fraction": Decimal("0.7"),
        "score_fraction": 0.5,
        "final_score_fraction": 0.5,
        "counted_count": 1,
        "scored_count": 1,
        "passed_count": 0,
        "critical_failure_count": 0,
        "stated_count": 1,
        "mismatch_count": 0,
    },
    "fct_criterion_results": {
        "call_id": "g1-0123456789",
        "evaluation_id": "e1",
        "criterion_id": "greeting",
        "evaluator": "model",
        "model_id": "some.model-v1",
        "prompt_version": "evaluate-2",
        "result": "passed",
        "weight": Decimal(1),
        "credit_fraction": 1.0,
        "is_critical": False,
        "is_counted": True,
        "is_unknown_criterion": False,
        "is_evidence_verified": True,
        "scored_count": 1,
        "passed_count": 1,
        "failed_count": 0,
        "not_applicable_count": 0,
        "not_answered_count": 0,
        "earned_weight": Decimal(1),
        "possible_weight": Decimal(1),
    },
    "rpt_criterion_failure_rates": {
        "form_name": "default",
        "criterion_id": "greeting",
        "window": "28_days",
        "passed_count": 68,
        "failed_count": 12,
        "scored_count": 80,
        "failure_fraction": 0.15,
        "failure_low_fraction": 0.087940405,
        "failure_high_fraction": 0.244132286,
        "is_below_minimum_n": False,
    },
    "rpt_qa_daily": {
        "local_date": date(2026, 1, 29),
        "form_name": "default",
        "form_version": 3,
        "evaluator": "model",
        "evaluation_type": "standard",
        "model_id": "some.model-v1",
        "prompt_version": "evaluate-2",
        "counted_count": 4,
        "scored_count": 3,
        "passed_count": 2,
        "critical_failure_count": 1,
        "mean_final_score_fraction": 0.75,
    },
    "rpt_sentiment_daily": {
        "local_date": date(2026, 1, 29),
        "queue": "billing",
        "talk_source": "turns",
        "calls_count": 5,
        "labelled_count": 4,
        "positive_count": 1,
        "negative_count": 1,
        "neutral_count": 1,
        "mixed_count": 1,
        "toned_count": 2,
        "tone_sum": Decimal(140),
    },
    "check_conservation": {
        "call_date": "2026-01-29",
        "example_call_id": None,
        "difference_count": 0,
        "missing_from_mart_count": 0,
        "unledgered_count": 0,
    },
    "check_keys": {"dataset": "fct_calls", "duplicate_keys_count": 0, "orphans_count": 0},
    "check_tenants": {
        "dataset": "fct_calls",
        "call_month": "2026-01",
        "is_registered": True,
        "foreign_calls_count": 0,
    },
    "check_scores": {
        "call_id": "g1-0123456789",
        "evaluation_id": "e1",
        "has_other_nulls": False,
        "score_difference": 0.0,
        "final_difference": 0.0,
        "has_other_pass": False,
    },
}
_DIFFERS: Mapping[str, Sequence[dict[str, Any]]] = {
    "rls_rules": (
        {},
        {"group_name": None, "user_name": "quality.lead"},
        {"tenant_id": "acme-uk", "group_name": "cci-operators", "rules_count": 2},
    ),
    "fct_calls": (
        {},
        {"call_id": "g2-0123456789", "direction": None, "sentiment_label": None},
        {"call_id": "g3-0123456789", "tone_score": None, "outcome": "unknown"},
    ),
    "fct_evaluations": (
        {},
        {
            "evaluation_id": "e2",
            "score_status": "provider_score",
            "has_critical_failure": True,
            "critical_failure_count": 1,
            "final_score_fraction": 0.0,
        },
        {
            "evaluation_id": "e3",
            "is_counted": False,
            "is_scored": False,
            "counted_count": 0,
            "scored_count": 0,
            "stated_count": 0,
            "score_fraction": None,
            "final_score_fraction": None,
            "has_passed": None,
        },
    ),
    "fct_criterion_results": (
        {},
        {
            "criterion_id": "empathy",
            "result": "failed",
            "credit_fraction": 0.0,
            "is_evidence_verified": None,
            "passed_count": 0,
            "failed_count": 1,
            "earned_weight": Decimal(0),
        },
        {
            "criterion_id": "closing",
            "result": "not_applicable",
            "credit_fraction": None,
            "is_evidence_verified": None,
            "passed_count": 0,
            "scored_count": 0,
            "not_applicable_count": 1,
            "earned_weight": Decimal(0),
            "possible_weight": Decimal(0),
        },
    ),
    "rpt_criterion_failure_rates": (
        {},
        {"window": "90_days"},
        {
            "window": "all",
            "passed_count": 0,
            "failed_count": 0,
            "scored_count": 0,
            "failure_fraction": None,
            "failure_low_fraction": None,
            "failure_high_fraction": None,
            "is_below_minimum_n": True,
        },
    ),
    "rpt_qa_daily": (
        {},
        {"local_date": date(2026, 1, 28), "form_version": None},
        {
            "local_date": date(2026, 1, 27),
            "counted_count": 1,
            "scored_count": 0,
            "passed_count": 0,
            "critical_failure_count": 0,
            "mean_final_score_fraction": None,
        },
    ),
    "rpt_sentiment_daily": (
        {},
        {"queue": "sales"},
        {"queue": "unknown", "toned_count": 0, "tone_sum": None},
    ),
    "check_conservation": (
        {},
        {"call_date": "2026-01-28"},
        {"call_date": "2026-01-27"},
    ),
    "check_keys": ({}, {"dataset": "fct_evaluations"}, {"dataset": "fct_criterion_results"}),
    "check_tenants": ({}, {"call_month": "2025-12"}, {"dataset": "fct_evaluations"}),
    "check_scores": ({}, {"evaluation_id": "e2"}, {"evaluation_id": "e3"}),
}
