"""Documents of older layouts, found by listing -> calls of the ledger, FINAL and ready to flatten.

The ledger learns of each call once (move 19, provider `legacy`); a newer document of a call known
from here corrects it (move 9). Afterwards these calls are like any other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from contracts.errors import Rejected
from contracts.final_call import FinalCall
from contracts.keys import parse_document, parse_legacy
from contracts.ledger import RULES, Call, Move, State, render, render_new
from contracts.tenant import TenantId
from transforms.intents import ACTOR
from transforms.ports import Fetched, Listed, Ports
from transforms.rejects import LEGACY, iso, refusal_date, refused_call_id
from transforms.selection import Read, Zones, load_object

_CHUNK: Final = 500


def find_listed(
    ports: Ports, prefix: str, *, size: int, since: date | None = None, limit: int | None = None
) -> Iterator[list[Listed]]:
    """Yield batches of the documents below `prefix`, in key order.

    Working, enriched and quarantine objects are no documents of the lake and are passed over.
    """
    batch: list[Listed] = []
    count = 0
    for listed in ports.results.list(prefix):
        found = _document_date(listed.key)
        if found is None or (since and found < since):
            continue
        if limit is not None and count >= limit:
            break
        count += 1
        batch.append(listed)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def read_listed(
    ports: Ports, tenant: TenantId, zones: Zones, listed: Sequence[Listed]
) -> Iterator[Read]:
    """Enter unknown documents into the ledger and yield each with the call it belongs to."""
    for start in range(0, len(listed), _CHUNK):
        keys = [one.key for one in listed[start : start + _CHUNK]]
        fetched = [one for one in ports.results.read_many(keys) if one]
        found = [_load(tenant, zones, one) for one in fetched]
        calls = _enter(ports, tenant, found)
        for one in found:
            call = calls[one.call_id]
            is_due = call.text("final_key") in keys
            yield Read(call, one.listed, one.body, one.outcome, is_due=is_due)


@dataclass(frozen=True, slots=True)
class _Found:
    """A document whose call the ledger may not know yet."""

    call_id: str
    listed: Listed
    body: bytes | None
    outcome: FinalCall | Rejected

    @property
    def age(self) -> tuple[str, str]:
        """When it was written, then its hash: the newest document of a call wins.

        Always with milliseconds, because the texts are compared.
        """
        if isinstance(self.outcome, Rejected):
            return ("", "")
        written = datetime.fromisoformat(self.outcome.document["lineage"]["processed_at"])
        return (iso(written), self.outcome.document_hash)

    def sets(self) -> dict[str, Any]:
        """Return the ledger attributes that name this document."""
        written, document_hash = self.age
        if isinstance(self.outcome, FinalCall):
            day = self.outcome.call_date
        else:
            day = refusal_date(self.listed).isoformat()
        return {
            "final_key": self.listed.key,
            "final_etag": self.listed.etag,
            "final_size_bytes": self.listed.size,
            "document_hash": document_hash or None,
            "document_processed_at": written or None,
            "call_date": day,
        }


def _load(tenant: TenantId, zones: Zones, fetched: Fetched) -> _Found:
    outcome = load_object(tenant, zones, fetched)
    listed = fetched.listed
    if isinstance(outcome, FinalCall):
        return _Found(outcome.call_id, listed, fetched.body, outcome)
    return _Found(refused_call_id(tenant, listed.key), listed, fetched.body, outcome)


def _enter(ports: Ports, tenant: TenantId, found: Sequence[_Found]) -> dict[str, Call]:
    newest: dict[str, _Found] = {}
    for one in found:
        newest[one.call_id] = max(newest.get(one.call_id, one), one, key=lambda each: each.age)
    keys = [(tenant, call_id) for call_id in newest]
    known = ports.ledger.read(keys)
    now = iso(ports.clock.now())
    moves = []
    for call_id, one in newest.items():
        call = known.get((tenant, call_id))
        if call is None:
            sets = {**one.sets(), "provider": LEGACY}
            ports.ledger.enter(
                render_new(tenant, call_id, now=now, by=ACTOR, sets=sets, state=State.FINAL)
            )
        elif _corrects(one, call):
            moves.append(render(Move.CORRECT, call, now=now, by=ACTOR, sets=one.sets()))
    ports.ledger.move(moves)
    return {call_id: call for (_, call_id), call in ports.ledger.read(keys).items()}


def _corrects(one: _Found, call: Call) -> bool:
    known = (call.text("document_processed_at") or "", call.text("document_hash") or "")
    can_move = call.state in RULES[Move.CORRECT].starts
    return can_move and bool(known[0]) and one.age > known


def _document_date(key: str) -> date | None:
    try:
        document = parse_document(key)
        return document.call_date if document.kind == "final" else None
    except Rejected:
        pass
    try:
        return parse_legacy(key).call_date
    except Rejected:
        return None
