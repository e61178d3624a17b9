"""A metadata drop -> nothing yet, or a corrected final call.

Before the call is final the side file just waits: the result handler looks for it. Later it makes a
new revision of the document, from the stored one; no model is asked (sources.md §1.1).
"""

import json

from contracts.errors import TryAgain
from contracts.forms import TenantSettings
from contracts.keys import DoorKey, parse_door
from contracts.ledger import Call, Move, State
from ingestion.batches import Done
from ingestion.final_calls import finish, ledger_facts, store
from ingestion.metadata import find_side_file, sources_of
from ingestion.moves import make
from ingestion.ports import Ports
from ingestion.source_ids import call_id_of_source

_FINAL = frozenset({State.FINAL, State.FLATTENED, State.PUBLISHED})
_ENDED = frozenset({State.QUARANTINED, State.FAILED, State.ERASED})


def join_late(ports: Ports, side: DoorKey, tenant: TenantSettings, *, now: str, by: str) -> Done:
    """Take a metadata drop; raise TryAgain while its call is just becoming final."""
    call = _find_call(ports, side)
    if call is None:
        return Done("metadata_waits", side.tenant)
    if call.state is State.ENRICHED:
        raise TryAgain(f"tenant {call.tenant}, call {call.call_id}: becoming final, ask again")
    if call.state in _ENDED:
        return Done("metadata_unused", call.tenant, call.call_id)
    outcome = "metadata_waits"
    if call.state in _FINAL:
        outcome = _correct(ports, call, tenant, now=now, by=by)
    return Done(outcome, call.tenant, call.call_id)


def _find_call(ports: Ports, side: DoorKey) -> Call | None:
    for source in sources_of(side):
        call = ports.ledger.get(source.tenant, call_id_of_source(source))
        if call is not None:
            return call
    return None


def _correct(ports: Ports, call: Call, tenant: TenantSettings, *, now: str, by: str) -> str:
    source = parse_door(str(call.attributes["source_key"]))
    side = find_side_file(ports.input, source, tenant.timezone, ports.hash_keys)
    stored = ports.results.get(call.text("final_key") or "")
    if side is None or stored is None:
        return "metadata_too_late"
    finished = finish(
        json.loads(stored.body),
        call,
        side,
        revision=call.revision + 1,
        timezone=tenant.timezone,
        now=ports.clock(),
    )
    if finished.document_hash == call.text("document_hash"):
        return "duplicate_event"
    written, etag = store(ports.results, finished)
    if written.document_hash != finished.document_hash:
        raise TryAgain(f"tenant {call.tenant}, call {call.call_id}: another correction won")
    sets = ledger_facts(written, etag)
    moved = make(
        ports.ledger, Move.CORRECT, call, now=now, by=by, sets=sets, made=written.document_hash
    )
    return "corrected" if isinstance(moved, Call) else moved
