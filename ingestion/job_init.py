"""Lambda: an object in the input bucket -> a call in the ledger and its transcription begun.

A transcript drop goes straight to the analyser. What cannot be read is quarantined with its reason;
a tenant nobody registered gets no key anywhere: its message ends in the dead letters.
"""

from typing import Any, Final

from contracts.document_bytes import MAX_BYTES
from contracts.errors import Rejected
from contracts.forms import TenantSettings
from contracts.keys import DoorKey, WorkKey, parse_door
from contracts.ledger import Call, Move, State, render_new
from contracts.values import format_time
from ingestion import aws, batches, late_metadata
from ingestion.batches import Done
from ingestion.events import ObjectCreated, Record
from ingestion.moves import make
from ingestion.ports import Head, Ports
from ingestion.refusals import Refused, refuse, set_aside
from ingestion.source_ids import call_id_of_source, provider_of
from ingestion.tenants import load_tenant
from ingestion.transcribing import start_job

BY: Final = "cci-lite-job-init"


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 (Lambda)
    """Take S3 events from the intake queue; return the messages that must come again."""
    ports = aws.ports()
    return batches.answer(event, "job-init", lambda record: land(record, ports))


def land(record: Record, ports: Ports) -> Done:
    """Take one created object through its door; return what became of it.

    Raise Rejected for keys without a registered tenant: nothing may be written for them.
    """
    if not isinstance(record, ObjectCreated) or record.key.endswith("/"):
        return Done("ignored")
    now = format_time(ports.clock())
    found = _look(record, ports)
    if isinstance(found, str):
        return Done(found)
    source, head = found
    tenant = load_tenant(ports.config, source.tenant)
    if source.door == "meta":
        return late_metadata.join_late(ports, source, tenant, now=now, by=BY)
    call_id = call_id_of_source(source)
    if source.door == "evaluations":
        refused = Refused(source.tenant, call_id, "landing", str(source))
        problem = Rejected("wrong_door", "evaluations are not taken here yet; keep the file")
        set_aside(ports, refused, problem, now=now)
        return Done(problem.reason, source.tenant, call_id)
    outcome = _take(ports, source, head, call_id, tenant, now)
    return Done(outcome, source.tenant, call_id)


def _look(record: ObjectCreated, ports: Ports) -> tuple[DoorKey, Head] | str:
    """Return the object the event speaks of (its key as it is, else decoded once), or a word."""
    word = "ignored"
    for key in (record.key, record.other_key):
        if key is None or record.bucket != ports.input.name:
            continue
        try:
            source = parse_door(key)
        except Rejected as problem:
            if problem.reason != "not_a_door":
                raise
            word = problem.reason
            continue
        head = ports.input.head(key)
        if head is not None:
            return source, head
        word = "object_gone"
    return word


def _take(
    ports: Ports, source: DoorKey, head: Head, call_id: str, tenant: TenantSettings, now: str
) -> str:
    call = _receive(ports, source, head, call_id, now)
    if not isinstance(call, Call):
        return call
    if tenant.status == "suspended":
        parked = str(WorkKey(call.tenant, call_id, "source"))
        ports.results.copy_from(ports.input.name, str(source), parked)
        return "tenant_suspended"
    try:
        if source.door == "transcripts":
            return _take_transcript(ports, call, source, head, now)
        return start_job(ports, call, tenant, now=now, by=BY)
    except Rejected as problem:
        refused = Refused(source.tenant, call_id, "landing", str(source))
        return refuse(ports, call, refused, problem, now=now, by=BY)


def _receive(ports: Ports, source: DoorKey, head: Head, call_id: str, now: str) -> Call | str:
    """Return the call as it waits for its next step, or the word for having none."""
    sets = {
        "source_key": str(source),
        "source_etag": head.etag,
        "source_size_bytes": head.size,
        "source_modified_at": format_time(head.last_modified),
        "provider": provider_of(source),
    }
    made = ports.ledger.create(render_new(source.tenant, call_id, now=now, by=BY, sets=sets))
    call = made.call
    if made.is_made or call is None:
        return call or "object_gone"
    if call.state is State.ERASED:
        return "erased"
    if call.state is State.EXPECTED:
        return make(ports.ledger, Move.RECEIVE, call, now=now, by=BY, sets=sets)
    if call.text("source_etag") != head.etag:
        gone = dict.fromkeys(("quarantine_key", "quarantine_stage", "job_name", "warnings"))
        return make(ports.ledger, Move.REPLACE, call, now=now, by=BY, sets={**gone, **sets})
    return call if call.state in _unfinished(source) else "duplicate_event"


def _unfinished(source: DoorKey) -> frozenset[State]:
    """Return the states in which an earlier delivery may have died before its last effect."""
    last = State.TRANSCRIBED if source.door == "transcripts" else State.TRANSCRIBING
    return frozenset({State.RECEIVED, last})


def _take_transcript(ports: Ports, call: Call, source: DoorKey, head: Head, now: str) -> str:
    if not source.path.lower().endswith(".json"):
        raise Rejected("unsupported_media", "expected a .json transcript; audio goes to audio/")
    if head.size > MAX_BYTES:
        raise Rejected("too_large", f"found {head.size} bytes, expected at most {MAX_BYTES}")
    if call.state is State.RECEIVED:
        key = str(WorkKey(call.tenant, call.call_id, f"transcript-r{call.revision}.json"))
        ports.results.copy_from(ports.input.name, str(source), key)
        sets = {"transcript_key": key}
        moved = make(ports.ledger, Move.TAKE_TRANSCRIPT, call, now=now, by=BY, sets=sets)
        if not isinstance(moved, Call):
            return moved
        call = moved
    ports.analysis_queue.send(
        {
            "tenant_id": call.tenant,
            "call_id": call.call_id,
            "transcript_key": call.text("transcript_key"),
            "via": "job-init",
        }
    )
    return "transcribed"
