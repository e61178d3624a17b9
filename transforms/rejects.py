"""What was wrong with an object -> its rows of `rejects` and its quarantine objects; pure.

A reject says where and with which word, never what was said: `detail` is a parser message, a
number or a single word (lake.md §2). The bytes themselves lie in quarantine, unchanged.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from typing import Any, Final

from contracts.call_ids import build_call_id
from contracts.errors import Rejected
from contracts.final_call import FinalCall
from contracts.keys import QuarantineKey, parse_document, parse_legacy, revision_word
from contracts.ledger import Call
from contracts.tenant import TenantId
from transforms.kernel import REJECTS, Columns
from transforms.ports import Listed

LEGACY: Final = "legacy"

_DETAIL_LENGTH: Final = 200


def add_refusal(
    columns: Columns, refusal: Rejected, listed: Listed, call: Call, *, is_kept: bool
) -> None:
    """Append the row of an object of which nothing was taken.

    `is_kept` says that its bytes could be set aside.
    """
    about = {
        "call_id": call.call_id,
        "call_date": refusal_date(listed).isoformat(),
        "level": "document",
        "quarantine_key": str(_aside(call)) if is_kept else None,
    }
    _add(columns, listed, 1, refusal, about)


def add_value_problems(columns: Columns, final: FinalCall, listed: Listed) -> None:
    """Append one row per value of a document that became NULL."""
    about = {
        "call_id": final.call_id,
        "document_key": final.document_key,
        "call_date": final.call_date,
        "level": "value",
        "schema_version_detected": final.schema_version_detected,
    }
    for number, problem in enumerate(final.value_problems, 1):
        _add(columns, listed, number, problem, about)


def quarantine_objects(
    refusal: Rejected, listed: Listed, call: Call, body: bytes | None, *, now: str
) -> dict[str, bytes]:
    """Return key -> bytes: what was refused, unchanged, and the reason beside it."""
    key = _aside(call)
    reason = {
        "reason": refusal.reason,
        "detail": refusal.detail,
        "path": refusal.path,
        "source_key": listed.key,
        "etag": listed.etag,
        "size": listed.size,
        "first_seen_at": now,
    }
    why = json.dumps(reason, sort_keys=True, ensure_ascii=False).encode()
    kept = {} if body is None else {str(key): body}
    return {**kept, str(replace(key, part="reason.json")): why}


def refusal_date(listed: Listed) -> date:
    """Return the date in the object's key, else the UTC date it was written."""
    for parse in (parse_document, parse_legacy):
        try:
            return parse(listed.key).call_date
        except Rejected:
            continue
    return listed.last_modified.astimezone(UTC).date()


def refused_call_id(tenant: TenantId, key: str) -> str:
    """Return the id under which an object without a readable identity is kept."""
    try:
        return parse_document(key).call_id
    except Rejected:
        return build_call_id(tenant, LEGACY, key, PurePosixPath(key).name)


def iso(time: datetime) -> str:
    """Return a time as the ledger and the lake write it: UTC, milliseconds, `Z`."""
    utc = time.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='milliseconds')}Z"


def _aside(call: Call) -> QuarantineKey:
    version = revision_word(call.revision)
    return QuarantineKey(call.tenant, "flatten", call.call_id, version=version)


def _add(
    columns: Columns, listed: Listed, number: int, problem: Any, about: Mapping[str, Any]
) -> None:
    row: dict[str, Any] = {
        **dict.fromkeys(column.name for column in REJECTS.columns),
        **about,
        "reject_number": number,
        "reason": problem.reason,
        "path": problem.path,
        "detail": (problem.detail or "")[:_DETAIL_LENGTH] or None,
        "source_key": listed.key,
        "source_etag": listed.etag,
        "source_size_bytes": listed.size,
        "object_modified_at": iso(listed.last_modified),
    }
    row["reject_id"] = _reject_id(row)
    for name, values in columns.items():
        values.append(row[name])


def _reject_id(row: Mapping[str, Any]) -> str:
    text = json.dumps(row, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
