"""Which calls the lake lacks, and their documents, read ahead in order.

Cost follows what is new: the ledger's index names the FINAL calls, nothing is listed. The index
lags, so each batch is read again consistently and keeps only what is still FINAL.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import orjson

from contracts.call_documents import Origin, load
from contracts.errors import Rejected
from contracts.final_call import FinalCall
from contracts.ledger import Call, State
from contracts.tenant import TenantId
from transforms.ports import Fetched, LakeError, Listed, Ports

Zones = Mapping[TenantId, str]

MAX_BATCH_BYTES = 128 * 1024 * 1024
_READ_AHEAD = 100


@dataclass(frozen=True, slots=True)
class Read:
    """One object as read: the call it belongs to, and what the loader made of it.

    `body` is None for an object that is gone or too large to be read. `is_due` says that the
    document the ledger names is read in the same batch, whose move then covers this one too.
    """

    call: Call
    listed: Listed
    body: bytes | None
    outcome: FinalCall | Rejected
    is_due: bool = True


def find_batches(
    ports: Ports,
    tenants: Iterable[TenantId],
    *,
    size: int,
    since: date | None = None,
    limit: int | None = None,
) -> Iterator[list[Call]]:
    """Yield batches of FINAL calls in (tenant, call date, id) order.

    A batch ends at `size` calls or 128 MB; `since` leaves out earlier call dates.
    """
    batch: list[Call] = []
    total = 0
    for count, call in enumerate(_find_calls(ports, tenants, since)):
        if limit is not None and count >= limit:
            break
        total += int(call.attributes.get("final_size_bytes") or 0)
        if batch and (len(batch) >= size or total > MAX_BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(call)
    if batch:
        yield batch


def read_calls(ports: Ports, zones: Zones, calls: Sequence[Call]) -> Iterator[Read]:
    """Yield the documents of FINAL calls, each loaded, in the order of `calls`."""
    keys = [_final_key(call) for call in calls]
    for call, key, fetched in zip(calls, keys, ports.results.read_many(keys), strict=True):
        if fetched is None:
            yield _missing(call, key)
        else:
            outcome = load_object(call.tenant, zones, fetched)
            yield Read(call, fetched.listed, fetched.body, outcome)


def load_object(tenant: TenantId, zones: Zones, fetched: Fetched) -> FinalCall | Rejected:
    """Return the document in an object of `tenant`, decoded by orjson where orjson can."""
    listed = fetched.listed
    origin = Origin(
        tenant, listed.key, listed.etag, listed.last_modified, listed.size, zones[tenant]
    )
    return load(fetched.body or b"", origin, decode=orjson.loads)


def _find_calls(ports: Ports, tenants: Iterable[TenantId], since: date | None) -> Iterator[Call]:
    for tenant in tenants:
        some: list[Call] = []
        for call in ports.ledger.find_final(tenant):
            if since and (call.text("call_date") or "") < since.isoformat():
                continue
            some.append(call)
            if len(some) == _READ_AHEAD:
                yield from _still_final(ports, some)
                some = []
        yield from _still_final(ports, some)


def _still_final(ports: Ports, calls: Sequence[Call]) -> Iterator[Call]:
    now = ports.ledger.read((call.tenant, call.call_id) for call in calls)
    for call in calls:
        current = now.get((call.tenant, call.call_id))
        if current and current.state is State.FINAL:
            yield current


def _final_key(call: Call) -> str:
    key = call.text("final_key") or ""
    if key.partition("/")[0] != call.tenant:
        raise LakeError(
            f"tenant {call.tenant}, call {call.call_id}: final_key {key!r} lies under another "
            "tenant; correct the ledger item"
        )
    return key


def _missing(call: Call, key: str) -> Read:
    size = int(call.attributes.get("final_size_bytes") or 0)
    made = datetime.fromisoformat(str(call.attributes["at"][State.FINAL.value]))
    listed = Listed(key, call.text("final_etag") or "", size, made)
    detail = "the object the ledger names is gone; land the recording again"
    return Read(call, listed, None, Rejected("document_missing", detail))
