"""Documents of stories, and where they lie: `acme` and `acme-uk` with the same call id."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contracts.call_documents import Origin, load
from contracts.errors import Rejected
from contracts.final_call import FinalCall
from contracts.tenant import TenantId

GOLDEN = Path(__file__).parents[1] / "golden" / "documents"
TENANTS = ("acme", "acme-uk")
CALL_ID = "101-102-20260130120000-3f9a1c22d0"
WRITTEN = datetime(2026, 1, 31, 2, 0, tzinfo=UTC)


def story(name: str, part: str = "in") -> dict[str, Any]:
    """Return a part of a golden story: `in` or `document`."""
    found: dict[str, Any] = json.loads((GOLDEN / name / f"{part}.json").read_bytes())
    return found


def origin(tenant: str = "acme", key: str | None = None, **more: Any) -> Origin:
    """Return where a document of `tenant` lies: a final key of 30 January 2026 unless given."""
    key = key or f"{tenant}/final/2026/01/30/{CALL_ID}.json"
    return Origin(TenantId(tenant), key, '"e1"', WRITTEN, **more)


def final_document(tenant: str = "acme", **changes: Any) -> dict[str, Any]:
    """Return a small v1.3 document; `changes` replace top-level keys."""
    return {
        "schema_version": "cci-lite-v1.3",
        "tenant_id": tenant,
        "call_id": CALL_ID,
        "call": {"call_date": "2026-01-30", "provider": "upload", "started_at_source": "metadata"},
        "lineage": {"processed_at": "2026-01-31T01:00:00Z"},
        **changes,
    }


def body(document: object) -> bytes:
    """Return a document as the bytes of an object."""
    return json.dumps(document, ensure_ascii=False).encode()


def loaded(document: object, tenant: str = "acme", **more: Any) -> FinalCall:
    """Return the call of a document that reads; fail with the reason otherwise."""
    found = load(body(document), origin(tenant), **more)
    assert isinstance(found, FinalCall), found
    return found


def refused(document: object, tenant: str = "acme") -> str:
    """Return the reason word of a document that does not read."""
    return reason(document if isinstance(document, bytes) else body(document), tenant)


def reason(content: bytes, tenant: str = "acme") -> str:
    """Return the reason word of bytes that do not read."""
    found = load(content, origin(tenant))
    assert isinstance(found, Rejected), found
    return found.reason
