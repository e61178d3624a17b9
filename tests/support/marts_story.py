"""Rows of a lake whose marts are known: golden cases under two tenants with the same call ids."""

import hashlib
import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from tests.golden.reference import Criterion

Row = dict[str, Any]

TENANTS = ("acme", "acme-uk")
FORM = {
    "greet_01": "1",
    "empathy_02": "1",
    "resolve_03": "1",
    "confirm_04": "0.5",
    "compliance_05": "1",
}
SAMPLE = ("passed", "failed", "passed", "passed", "failed")
CLAIM = {"stated_total_score": 2.5, "stated_max_score": 3.5, "stated_pct": 71.0}
WORDS = ("passed", "failed", "not_applicable", "not_answered")


def call(tenant: str, call_id: str, document: str, month: str = "2026-01", **changes: Any) -> Row:
    """Return a row of `calls`: half past eleven at night, UTC, on the fifth of the month."""
    return {
        **_identity(tenant, call_id, document, month),
        "document_hash": _hash(tenant, call_id, document),
        "started_at": f"{month}-05T23:30:00Z",
        "timezone": "Europe/London",
        "duration_seconds": 183.4,
        "non_talk_seconds": 33.1,
        "agent_talk_seconds": 80.1,
        "customer_talk_seconds": 70.2,
        "characteristics_source": "call_analytics",
        "outcome": "resolved",
        "turn_count": 3,
        **changes,
    }


def evaluation(
    tenant: str, call_id: str, document: str, criteria: Sequence[Row], **changes: Any
) -> Row:
    """Return a row of `evaluations` of that document: the model's, standard, complete."""
    month = changes.pop("month", "2026-01")
    return {
        **_identity(tenant, call_id, document, month),
        "evaluation_id": "e1",
        "evaluation_origin": "document",
        "form_name": "default",
        "form_version": 1,
        "evaluator": "model",
        "evaluation_type": "standard",
        "model_id": "judge-1",
        "prompt_version": "evaluate-1",
        "status": "complete",
        "submitted_at": f"{month}-06T00:00:00Z",
        "criteria": list(criteria),
        **changes,
    }


def turns(tenant: str, call_id: str, document: str, month: str = "2026-01") -> list[Row]:
    """Return three turns of one second each: agent, customer and a third voice."""
    return [
        {
            **_identity(tenant, call_id, document, month),
            "turn_number": number,
            "speaker": speaker,
            "start_seconds": float(number),
            "end_seconds": number + 1.0,
        }
        for number, speaker in enumerate(("agent", "customer", "speaker_3"), start=1)
    ]


def answers(results: Sequence[str], ids: Sequence[str] = tuple(FORM)) -> list[Row]:
    """Return the criteria of an evaluation, one result each, without weights of their own."""
    return [
        answer(number, criterion_id, result)
        for number, (criterion_id, result) in enumerate(zip(ids, results, strict=True), start=1)
    ]


def answer(number: int, criterion_id: str, result: str, weight: str | None = None) -> Row:
    """Return one criterion's answer, its quote in turn 1."""
    return {
        "criterion_number": number,
        "criterion_id": criterion_id,
        "question": f"{criterion_id}?",
        "section": None,
        "weight": weight,
        "is_required": None,
        "is_critical": None,
        "result": result,
        "result_raw": result,
        "stated_score": None,
        "reason": "because",
        "evidence_turn": 1,
        "evidence_quote": "Good morning",
        "is_evidence_verified": True,
    }


def form(tenant: str, name: str = "default", *, critical: str = "") -> list[Row]:
    """Return the copy of the sample's form; `critical` names its critical criterion."""
    return [
        {
            "tenant_id": tenant,
            "form_name": name,
            "form_version": 1,
            "pass_threshold_fraction": "0.7",
            "is_current_version": True,
            "criterion_id": criterion_id,
            "criterion_number": number,
            "question": f"{criterion_id}?",
            "weight": weight,
            "is_required": criterion_id != "confirm_04",
            "is_critical": criterion_id == critical,
            "allows_not_applicable": True,
        }
        for number, (criterion_id, weight) in enumerate(FORM.items(), start=1)
    ]


def tenant(tenant_id: str) -> Row:
    """Return the copy of a tenant's settings."""
    return {"tenant_id": tenant_id, "tenant_name": tenant_id, "timezone": "Europe/London"}


def random_evaluations(seed: int, count: int) -> dict[tuple[str, str], list[Row]]:
    """Return answers per (tenant, call) of form `random`: odd weights, unknown and missing ids."""
    chance = random.Random(seed)  # noqa: S311 - the same lake every time
    return {
        (tenant_id, f"r{number}"): _random_answers(chance)
        for number in range(count)
        for tenant_id in TENANTS
    }


def as_reference(found: Sequence[Row]) -> list[Criterion]:
    """Return what metrics.md says those answers are, judged by form `random`."""
    by_id = {row["criterion_id"]: row for row in found}
    expected = [
        Criterion(
            result=by_id[one]["result"] if one in by_id else "not_answered",
            weight=Fraction((by_id[one]["weight"] if one in by_id else None) or weight),
            is_required=one != "confirm_04",
            is_critical=one == "compliance_05",
        )
        for one, weight in FORM.items()
    ]
    unknown = [
        Criterion(row["result"], is_known=False) for row in found if row["criterion_id"] not in FORM
    ]
    return expected + unknown


def _random_answers(chance: random.Random) -> list[Row]:
    ids = [one for one in (*FORM, "invented_06") if chance.random() < 0.85]
    return [
        answer(number, one, chance.choice(WORDS), chance.choice((None, "0.3333", "2.5")))
        for number, one in enumerate(ids, start=1)
    ]


def _identity(tenant_id: str, call_id: str, document: str, month: str) -> Row:
    return {
        "tenant_id": tenant_id,
        "call_month": month,
        "call_id": call_id,
        "document_key": _hash(tenant_id, call_id, document)[:16],
        "call_date": f"{month}-05",
    }


def _hash(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()
