"""An enriched call and its metadata -> the final call, v1.3, and where it goes.

Metadata wins over the transcript, the transcript over the file name, the file name over the time
the object arrived; `started_at_source` says which answered (sources.md §1.2). The same function
corrects a final call when its metadata comes late: no model is asked again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from contracts.final_call import canonical_bytes, hash_document
from contracts.keys import DocumentKey, parse_door
from contracts.ledger import Call
from contracts.values import EARLIEST, format_time
from ingestion.file_names import read_file_name
from ingestion.founding_keys import without_founding_keys
from ingestion.metadata import SideFile
from ingestion.ports import Bucket
from ingestion.tenants import zone_of

PRODUCER: Final = "cci-lite-result-handler"
_PLAIN: Final = (
    "provider", "provider_call_id", "provider_group_id", "direction", "queue", "caller_hash",
    "disposition", "hold_seconds", "queue_seconds", "after_call_work_seconds", "transfer_count",
    "timezone",
)  # fmt: skip
_AHEAD: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Finished:
    """A final document, its bytes, and its place."""

    key: DocumentKey
    document: Mapping[str, Any]
    body: bytes
    document_hash: str


def finish(
    document: Mapping[str, Any],
    call: Call,
    side: SideFile | None,
    *,
    revision: int,
    timezone: str,
    now: datetime,
) -> Finished:
    """Return the final document of a call; `document` is its enriched or current final one."""
    final = without_founding_keys(document)
    final["call"] = _call_part(document["call"], call, side, timezone, now)
    final["source"] = {**document["source"]}
    if side is not None:
        final["source"]["metadata_key"] = side.key
        final["warnings"] = sorted({*document["warnings"], *side.warnings})
        if side.extra:
            final["extra"] = {**document["extra"], "metadata": dict(side.extra)}
    lineage = {**document["lineage"], "producer": PRODUCER}
    final["lineage"] = {**lineage, "processed_at": format_time(now)}
    digest = hash_document(final)
    final["lineage"]["document_hash"] = digest
    called_on = date.fromisoformat(final["call"]["call_date"])
    key = DocumentKey(call.tenant, "final", called_on, call.call_id, revision)
    return Finished(key, final, canonical_bytes(final), digest)


def store(bucket: Bucket, finished: Finished) -> tuple[Finished, str]:
    """Write a final document once; return what lies there now (first writer wins) and its ETag."""
    written = bucket.put_once(str(finished.key), finished.body)
    if written.is_ours:
        return finished, written.etag
    document = json.loads(written.body)
    digest = document["lineage"]["document_hash"]
    return replace(
        finished, document=document, body=written.body, document_hash=digest
    ), written.etag


def ledger_facts(finished: Finished, etag: str) -> dict[str, Any]:
    """Return what the ledger notes of a stored final document."""
    told = finished.document["call"]
    return {
        "final_key": str(finished.key),
        "final_etag": etag,
        "final_size_bytes": len(finished.body),
        "document_hash": finished.document_hash,
        "call_date": told["call_date"],
        "provider": told["provider"],
        "provider_call_id": told["provider_call_id"],
        "caller_hash": told["caller_hash"],
    }


def _call_part(
    part: Mapping[str, Any], call: Call, side: SideFile | None, timezone: str, now: datetime
) -> dict[str, Any]:
    told = dict(side.fields) if side else {}
    named = _from_name(call, str(told.get("timezone") or timezone))
    joined = {**part, **{name: told[name] for name in _PLAIN if name in told}}
    joined["provider_call_id"] = joined["provider_call_id"] or named.get("provider_call_id")
    joined["timezone"] = joined["timezone"] or timezone
    joined["language"] = told.get("language") or part["language"]
    joined["agent"] = {
        "agent_id": told.get("agent_id") or part["agent"]["agent_id"] or named.get("agent_id"),
        "team": told.get("team") or part["agent"]["team"],
    }
    probed = call.attributes.get("duration_seconds")
    duration = probed if probed is not None else told.get("duration_seconds")
    if duration is not None:
        joined["duration_seconds"] = float(duration)
    if told.get("ended_at"):
        joined["ended_at"] = format_time(told["ended_at"])
    started, source = _started(part, told, named, call, now)
    joined |= {"started_at": format_time(started), "started_at_source": source}
    joined["call_date"] = started.astimezone(UTC).date().isoformat()
    return joined


def _from_name(call: Call, timezone: str) -> dict[str, Any]:
    key = call.text("source_key")
    return read_file_name(parse_door(key).path, zone_of(timezone)) if key else {}


def _started(
    part: Mapping[str, Any],
    told: Mapping[str, Any],
    named: Mapping[str, Any],
    call: Call,
    now: datetime,
) -> tuple[datetime, str]:
    """Return when the call began and which source says so; the first plausible one answers."""
    modified = call.text("source_modified_at")
    stated = part["started_at"] if part["started_at_source"] in ("metadata", "transcript") else None
    ladder = (
        (told.get("started_at"), "metadata"),
        (_time(stated), str(part["started_at_source"])),
        (named.get("started_at"), "file_name"),
        (_time(modified), "object_time"),
    )
    for time, source in ladder:
        if time is not None and EARLIEST <= time <= now + _AHEAD:
            return time, source
    return now, "processed"


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
