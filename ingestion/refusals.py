"""A refused input -> what people need to mend it: the object, the reason, the ledger's word.

The quarantine objects come before the ledger's move, so QUARANTINED always has something to show;
the first reason stays when the same input is refused again; a revision has objects of its own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from contracts.errors import Rejected
from contracts.keys import QuarantineKey, QuarantinePart, QuarantineStage, revision_word
from contracts.ledger import Call, Move
from contracts.tenant import TenantId
from ingestion.moves import make
from ingestion.ports import Ports

_DETAIL_LENGTH: Final = 300


@dataclass(frozen=True, slots=True)
class Refused:
    """What was refused: whose it is, where it lies, and the bytes when they were read."""

    tenant: TenantId
    name: str
    stage: QuarantineStage
    source_key: str
    body: bytes | None = None
    revision: int = 1

    def key(self, part: QuarantinePart = "json") -> str:
        """Return where a part of it is set aside."""
        version = revision_word(self.revision)
        return str(QuarantineKey(self.tenant, self.stage, self.name, part, version))


def refuse(
    ports: Ports, call: Call, refused: Refused, problem: Rejected, *, now: str, by: str
) -> str:
    """Quarantine a call and return its reason word; without `body` the source is copied."""
    refused = replace(refused, revision=call.revision)
    set_aside(ports, refused, problem, now=now)
    sets = {
        "reason": problem.reason,
        "reason_detail": problem.detail[:_DETAIL_LENGTH],
        "quarantine_key": refused.key(),
        "quarantine_stage": refused.stage,
    }
    make(ports.ledger, Move.QUARANTINE, call, now=now, by=by, sets=sets)
    return problem.reason


def set_aside(ports: Ports, refused: Refused, problem: Rejected, *, now: str) -> None:
    """Write the quarantine objects of an input that may have no call of its own."""
    reason = _bytes(_reason(ports, refused, problem, now))
    if refused.body is None:
        ports.results.copy_from(ports.input.name, refused.source_key, refused.key("source"))
    ports.results.put_once(refused.key(), reason if refused.body is None else refused.body)
    ports.results.put_once(refused.key("reason.json"), reason)


def _reason(ports: Ports, refused: Refused, problem: Rejected, now: str) -> dict[str, Any]:
    return {
        "reason": problem.reason,
        "sentence": f"Tenant {refused.tenant}, {refused.source_key}: {problem.detail}",
        "detail": problem.detail,
        "path": problem.path,
        "tenant_id": refused.tenant,
        "call_id": refused.name,
        "source_key": refused.source_key,
        "code_version": ports.settings.code_version,
        "first_seen_at": now,
    }


def _bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True).encode()
