"""Lambda: an enriched call was written -> the final call, which the nightly run reads.

An event can outrun the ledger: where the enriched object is there and its writer has not told yet,
the missing move is made here first (reliability.md §2.4).
"""

import hashlib
import json
from typing import Any, Final

from contracts.call_documents import Origin, load
from contracts.errors import Rejected
from contracts.forms import TenantSettings
from contracts.keys import DocumentKey, parse_document, parse_door
from contracts.ledger import Call, Move, State
from contracts.values import format_time
from ingestion import aws, batches
from ingestion.batches import Done
from ingestion.events import ObjectCreated, Record
from ingestion.final_calls import Finished, finish, ledger_facts, store
from ingestion.metadata import find_side_file
from ingestion.moves import make
from ingestion.ports import Ports, Stored
from ingestion.refusals import Refused, refuse
from ingestion.tenants import load_tenant

BY: Final = "cci-lite-result-handler"


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 (Lambda)
    """Take S3 events from the result queue; return the messages that must come again."""
    ports = aws.ports()
    return batches.answer(event, "result-handler", lambda record: finalise(record, ports))


def finalise(record: Record, ports: Ports) -> Done:
    """Make an enriched call final; return what became of it."""
    if not isinstance(record, ObjectCreated) or record.bucket != ports.results.name:
        return Done("ignored")
    try:
        key = parse_document(record.key)
    except Rejected:
        return Done("ignored")
    if key.kind != "enriched":
        return Done("ignored")
    return Done(_finalise(key, ports), key.tenant, key.call_id)


def _finalise(key: DocumentKey, ports: Ports) -> str:
    now = format_time(ports.clock())
    enriched = ports.results.get(str(key))
    call = ports.ledger.get(key.tenant, key.call_id)
    if enriched is None or call is None:
        return "unknown_call"
    if call.revision != key.revision:
        return "stale"
    if call.state is State.TRANSCRIBED:
        helped = _tell_enriched(ports, call, key, enriched, now)
        if not isinstance(helped, Call):
            return helped
        call = helped
    if call.state is not State.ENRICHED:
        return "duplicate_event"
    tenant = load_tenant(ports.config, call.tenant)
    finished = _join(ports, call, enriched, tenant)
    problem = _contract_problem(finished, call)
    if problem is not None:
        refused = Refused(call.tenant, call.call_id, "finalise", str(key), finished.body)
        return refuse(ports, call, refused, problem, now=now, by=BY)
    written, etag = store(ports.results, finished)
    sets = ledger_facts(written, etag)
    moved = make(
        ports.ledger, Move.FINALISE, call, now=now, by=BY, sets=sets, made=written.document_hash
    )
    return "final" if isinstance(moved, Call) else moved


def _tell_enriched(
    ports: Ports, call: Call, key: DocumentKey, enriched: Stored, now: str
) -> Call | str:
    digest = hashlib.sha256(enriched.body).hexdigest()
    sets = {"enriched_key": str(key), "enriched_hash": digest}
    moved = make(ports.ledger, Move.ENRICH, call, now=now, by=BY, sets=sets, made=digest)
    if isinstance(moved, Call):
        return moved
    # Refused because its writer told in the meantime: then the call stands where we want it.
    current = ports.ledger.get(call.tenant, call.call_id)
    return current if current and moved in ("done", "conflict") else moved


def _join(ports: Ports, call: Call, enriched: Stored, tenant: TenantSettings) -> Finished:
    source = parse_door(str(call.attributes["source_key"]))
    return finish(
        json.loads(enriched.body),
        call,
        find_side_file(ports.input, source, tenant.timezone, ports.hash_keys),
        revision=call.revision,
        timezone=tenant.timezone,
        now=ports.clock(),
    )


def _contract_problem(finished: Finished, call: Call) -> Rejected | None:
    """Return why the document is none the next stage could read, or None."""
    origin = Origin(call.tenant, str(finished.key), "", None, len(finished.body))
    loaded = load(finished.body, origin)
    return loaded if isinstance(loaded, Rejected) else None
