"""What three nights are given: stories, founding documents, one call id of two tenants."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cci.demo_calls import KnownCall, generate, truth
from tests.support.product import ROOT, Product

GOLDEN = ROOT / "tests" / "golden" / "documents"
TODAY = datetime.now(UTC).date()
STORY_CALLS = 8
SAME_ID = "same-name-0123456789"
FOUNDING = "demo-tenant"
LEGACY_FORMS = ("v1_1_as_written", "v1_1_example", "v1_1_summary_raw")


def known(tenant: str) -> list[KnownCall]:
    """Return the truth about the transcript drops that were landed for a tenant."""
    calls = [
        one
        for one in truth(TODAY, STORY_CALLS)
        if (one.tenant, one.door) == (tenant, "transcripts")
    ]
    return list({one.path: one for one in calls}.values())


def write_stories(folder: Path, tenant: str) -> Path:
    """Write a tenant's story transcripts, each with its side file beside it."""
    root = folder / "drop"
    for file in generate(TODAY, STORY_CALLS):
        if file.tenant == tenant and file.door in ("transcripts", "meta"):
            is_for_audio = file.door == "meta" and not file.path.endswith(".json.json")
            if not is_for_audio:
                path = root / file.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file.body)
    return root


def register_founding_tenant(product: Product, folder: Path) -> None:
    template = json.loads((GOLDEN / "qa_template_v1.json").read_text(encoding="utf-8"))
    document = {
        "tenant_id": FOUNDING,
        "settings": {"name": "Demo Tenant", "timezone": "Europe/London"},
        "forms": [{"name": "default", "version": 1, **template}],
        "access": [{"group": f"tenant-{FOUNDING}"}],
    }
    path = folder / "tenant.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    done = product.cci("tenant", "add", path)
    assert done.code == 0, done.text


def put_founding_documents(product: Product) -> None:
    """Put the founding documents' own examples where the founding code wrote them."""
    for name in ("v1_2", *LEGACY_FORMS):
        document = json.loads((GOLDEN / name / "in.json").read_text(encoding="utf-8"))
        document["call_id"] = f"cci_{FOUNDING}_{name}_wav"
        put(product, f"{FOUNDING}/2025/11/05/{name}.json", document)
    adopt(product, f"{FOUNDING}/2025/")


def put_same_call_of_two_tenants(product: Product) -> None:
    put_final(product, "acme", SAME_ID, agent="101")
    put_final(product, "acme-uk", SAME_ID, agent="202")


def put_final(
    product: Product, tenant: str, call_id: str, *, agent: str, quote_is_verified: bool = True
) -> None:
    """Put a final document with one passed criterion, and adopt it into the ledger."""
    document = final_document(tenant, call_id, agent, evaluation(call_id, quote_is_verified))
    put(product, f"{tenant}/final/2026/10/01/{call_id}.json", document)
    adopt(product, f"{tenant}/final/2026/10/01/")


def put(product: Product, key: str, document: dict[str, Any]) -> None:
    body = json.dumps(document).encode()
    product.client("s3").put_object(Bucket=product.bucket("results"), Key=key, Body=body)


def adopt(product: Product, prefix: str) -> None:
    done = product.cci("lake", "flatten", "--prefix", prefix)
    assert done.code == 0, done.text


def evaluation(call_id: str, quote_is_verified: bool) -> dict[str, Any]:
    """Return a model's evaluation with one passed criterion."""
    criterion = {
        "criterion_id": "greeting",
        "question": "Did the agent greet the customer?",
        "weight": "1.0",
        "is_required": True,
        "is_critical": False,
        "result": "passed",
        "evidence": {"turn": 1, "quote": "Good morning", "is_verified": quote_is_verified},
    }
    return {
        "evaluation_id": f"{call_id}-default",
        "form_name": "default",
        "form_version": 1,
        "evaluator": "model",
        "evaluation_type": "standard",
        "model_id": "some-model",
        "prompt_version": "evaluate-1",
        "submitted_at": "2026-10-01T10:05:00Z",
        "status": "complete",
        "criteria": [criterion],
        "score_fraction": 1.0,
        "final_score_fraction": 1.0,
        "pass_threshold_fraction": 0.7,
        "has_passed": True,
        "has_critical_failure": False,
    }


def final_document(
    tenant: str, call_id: str, agent: str, judgement: dict[str, Any]
) -> dict[str, Any]:
    """Return a v1.3 document of a call of two turns."""
    return {
        "schema_version": "cci-lite-v1.3",
        "tenant_id": tenant,
        "call_id": call_id,
        "call": {
            "provider": "transcript",
            "started_at": "2026-10-01T10:00:00Z",
            "started_at_source": "metadata",
            "call_date": "2026-10-01",
            "agent": {"agent_id": agent, "team": None},
            "queue": "claims",
        },
        "source": {"transcribe_api": "none"},
        "transcript": {
            "turns": [
                {"turn": 1, "speaker": "agent", "text": "Good morning"},
                {"turn": 2, "speaker": "customer", "text": "Hello"},
            ],
            "coverage_fraction": 1.0,
        },
        "summary": {"parse_status": "ok"},
        "evaluations": [judgement],
        "lineage": {"processed_at": "2026-10-01T10:06:00Z", "producer": "test"},
    }
