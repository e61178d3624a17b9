"""Lambda: a transcription ended, or a transcript was dropped -> the enriched call.

Events and messages only point: which call it is, whose it is and where its transcript lies is what
the ledger and Get…Job say (sources.md §3.1).
"""

import hashlib
import re
from datetime import date
from typing import Any, Final

from contracts.errors import Rejected, TryAgain
from contracts.final_call import canonical_bytes
from contracts.keys import DocumentKey, parse_door, parse_work
from contracts.ledger import MAX_ATTEMPTS, Call, Move, State
from contracts.tenant import TenantId, parse_tenant
from contracts.values import format_time
from ingestion import aws, batches
from ingestion.analysis import enrich
from ingestion.batches import Done
from ingestion.events import JobEnded, Record, TranscriptReady
from ingestion.moves import make
from ingestion.ports import Job, Ports
from ingestion.refusals import Refused, refuse
from ingestion.tenants import load_tenant
from ingestion.transcribe_requests import call_id_of
from ingestion.transcribing import start_job

BY: Final = "cci-lite-analyser"
_NOT_THE_CALLS_FAULT: Final = frozenset({"unregistered_tenant", "bad_form", "bad_settings"})
_S3_URI: Final = re.compile(r"s3://(?P<bucket>[^/]+)/(?P<key>.+)", re.DOTALL)
_HTTPS_URI: Final = re.compile(r"https?://[^/]+/(?P<bucket>[^/]+)/(?P<key>.+)", re.DOTALL)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 (Lambda)
    """Take job events and our messages from the analysis queue; return those to come again."""
    ports = aws.ports()
    return batches.answer(event, "analyser", lambda record: analyse_call(record, ports))


def analyse_call(record: Record, ports: Ports) -> Done:
    """Analyse the call a record points at, if the ledger agrees; return what became of it."""
    now = format_time(ports.clock())
    if isinstance(record, JobEnded):
        job = ports.transcriber.job(record.api, record.name)
        call = _call_of(job, ports) if job else None
    elif isinstance(record, TranscriptReady):
        call = _announced(record, ports)
        job = _job_of(call, ports) if call else None
    else:
        return Done("ignored")
    if call is None:
        return Done("unknown_call")
    return Done(_advance(call, job, ports, now), call.tenant, call.call_id)


def _call_of(job: Job, ports: Ports) -> Call | None:
    """Return the call whose current job this is; the tenant comes from the recording's key."""
    media = _S3_URI.fullmatch(job.media_uri)
    call_id = call_id_of(job.name)
    if media is None or call_id is None:
        return None
    try:
        is_copy = media["bucket"] == ports.results.name
        tenant = (parse_work if is_copy else parse_door)(media["key"]).tenant
    except Rejected:
        return None
    call = ports.ledger.get(tenant, call_id)
    return call if call and call.text("job_name") == job.name else None


def _announced(message: TranscriptReady, ports: Ports) -> Call | None:
    try:
        tenant: TenantId = parse_tenant(message.tenant_id)
    except ValueError:
        return None
    return ports.ledger.get(tenant, message.call_id)


def _job_of(call: Call, ports: Ports) -> Job | None:
    name, api = call.text("job_name"), call.text("job_api")
    if not name or api not in ("call_analytics", "standard"):
        return None
    return ports.transcriber.job("standard" if api == "standard" else "call_analytics", name)


def _advance(call: Call, job: Job | None, ports: Ports, now: str) -> str:
    if job is not None and job.status == "FAILED":
        return _job_failed(call, job, ports, now)
    if call.state is State.TRANSCRIBING and job is not None and job.status == "COMPLETED":
        sets = {"transcript_key": _transcript_key(call, job, ports)}
        moved = make(ports.ledger, Move.END_JOB, call, now=now, by=BY, sets=sets)
        if not isinstance(moved, Call):
            return moved
        call = moved
    if call.state is State.TRANSCRIBING and job is not None:
        raise TryAgain(f"tenant {call.tenant}, call {call.call_id}: its job is {job.status}")
    if call.state is not State.TRANSCRIBED:
        return "duplicate_event"
    return _enrich(call, job, ports, now)


def _job_failed(call: Call, job: Job, ports: Ports, now: str) -> str:
    """Try an internal failure once more; a RECEIVED call is one whose retry died half-way."""
    if call.state not in (State.TRANSCRIBING, State.RECEIVED):
        return "duplicate_event"
    if call.state is State.TRANSCRIBING:
        is_theirs = job.failure_reason.startswith("Internal")
        if not is_theirs or call.attempt >= MAX_ATTEMPTS:
            detail = f"Transcribe says: {job.failure_reason}"[:300]
            sets = {"reason": "transcribe_failed", "reason_detail": detail}
            make(ports.ledger, Move.FAIL, call, now=now, by=BY, sets=sets)
            return "transcribe_failed"
        moved = make(ports.ledger, Move.RETRY_JOB, call, now=now, by=BY)
        if not isinstance(moved, Call):
            return moved
        call = moved
    tenant = load_tenant(ports.config, call.tenant)
    return start_job(ports, call, tenant, now=now, by=BY)


def _transcript_key(call: Call, job: Job, ports: Ports) -> str:
    """Return where the result lies; it must be this call's own folder of the results bucket."""
    found = _HTTPS_URI.fullmatch(job.transcript_uri or "")
    if found and found["bucket"] == ports.results.name:
        key = parse_work(found["key"])
        if (key.tenant, key.call_id) == (call.tenant, call.call_id):
            return found["key"]
    raise Rejected(
        "transcript_elsewhere",
        f"tenant {call.tenant}, call {call.call_id}: the job wrote outside the call's folder",
    )


def _enrich(call: Call, job: Job | None, ports: Ports, now: str) -> str:
    source = call.text("transcript_key") or ""
    stored = ports.results.get(source)
    if stored is None:
        raise TryAgain(f"tenant {call.tenant}, call {call.call_id}: no transcript at its key")
    try:
        document = enrich(ports, call, job, stored.body, now)
    except Rejected as problem:
        if problem.reason in _NOT_THE_CALLS_FAULT:
            raise
        refused = Refused(call.tenant, call.call_id, "analyse", source, stored.body)
        return refuse(ports, call, refused, problem, now=now, by=BY)
    day = date.fromisoformat(document["call"]["call_date"])
    key = str(DocumentKey(call.tenant, "enriched", day, call.call_id, call.revision))
    written = ports.results.put_once(key, canonical_bytes(document))
    digest = hashlib.sha256(written.body).hexdigest()
    sets = {"enriched_key": key, "enriched_hash": digest}
    moved = make(ports.ledger, Move.ENRICH, call, now=now, by=BY, sets=sets, made=digest)
    return "enriched" if isinstance(moved, Call) else moved
