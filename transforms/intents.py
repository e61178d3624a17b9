"""What a batch is about to do, written down first, so that a rerun can finish it or take it back.

Every file there: the next run rolls forward. One missing: it deletes the others and the intent,
and the calls, still FINAL, come again (lake.md §4 "A batch").
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from contracts.keys import lake_intent
from contracts.ledger import Call, Move, State, render
from contracts.tenant import TenantId
from transforms.lake import LakeFile, register
from transforms.ports import Ports
from transforms.rejects import iso

ACTOR: Final = "cci-lite-flatten"

_INTENTS: Final = lake_intent("any").removesuffix("any.json")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file the batch writes."""

    key: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PlannedMove:
    """A call's move once the files are there; `document_hash` is the ledger's before it."""

    tenant: TenantId
    call_id: str
    move: Move
    document_hash: str | None
    sets: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Intent:
    """One batch: its files in the order they are written, and its moves."""

    batch_id: str
    files: tuple[FileRecord, ...]
    moves: tuple[PlannedMove, ...]


def build_intent(files: Sequence[LakeFile], moves: Sequence[PlannedMove]) -> Intent:
    """Return the intent; its id is a hash of what it does, so the same batch has the same id."""
    records = tuple(FileRecord(file.key, file.rows, len(file.body), file.sha256) for file in files)
    text = json.dumps([[asdict(record) for record in records], list(map(_plain, moves))])
    batch_id = hashlib.sha256(text.encode()).hexdigest()[:32]
    named = tuple(
        replace(one, sets={**one.sets, "lake_batch_id": batch_id})
        if one.move is Move.FLATTEN
        else one
        for one in moves
    )
    return Intent(batch_id, records, named)


def write_intent(ports: Ports, intent: Intent) -> None:
    """Put the intent where the next run looks first."""
    ports.lake.put_once(lake_intent(intent.batch_id), _encode(intent, {}))


def finish_intent(ports: Ports, intent: Intent, counters: Mapping[str, Any]) -> int:
    """Register the partitions, move the calls, file the intent under done.

    Return how many moves were refused: calls erased or replaced meanwhile, or already moved.
    """
    register(ports.catalog, (file.key for file in intent.files), ports.lake_bucket)
    calls = ports.ledger.read((move.tenant, move.call_id) for move in intent.moves)
    now = iso(ports.clock.now())
    updates = [
        render(planned.move, call, now=now, by=ACTOR, sets=planned.sets)
        for planned in intent.moves
        if (call := calls.get((planned.tenant, planned.call_id))) and _is_open(call, planned)
    ]
    refused = len(intent.moves) - len(updates) + ports.ledger.move(updates)
    ports.lake.put(lake_intent(intent.batch_id, done=True), _encode(intent, counters))
    ports.lake.delete([lake_intent(intent.batch_id)])
    return refused


def settle_intents(ports: Ports) -> dict[str, str]:
    """Finish or take back what an earlier run left open; return batch id -> what was done."""
    done = {}
    keys = [listed.key for listed in ports.lake.list(_INTENTS) if _is_open_intent(listed.key)]
    for fetched in ports.lake.read_many(keys):
        if fetched is None or fetched.body is None:
            continue
        intent = _decode(fetched.body)
        if all(ports.lake.has(file.key) for file in intent.files):
            finish_intent(ports, intent, {"settled": "rolled_forward"})
            done[intent.batch_id] = "rolled_forward"
        else:
            ports.lake.delete([file.key for file in intent.files])
            ports.lake.delete([lake_intent(intent.batch_id)])
            done[intent.batch_id] = "rolled_back"
    return done


def _is_open(call: Call, planned: PlannedMove) -> bool:
    return call.state is State.FINAL and call.text("document_hash") == planned.document_hash


def _is_open_intent(key: str) -> bool:
    return "/" not in key.removeprefix(_INTENTS)


def _encode(intent: Intent, counters: Mapping[str, Any]) -> bytes:
    document = {
        "batch_id": intent.batch_id,
        "files": [asdict(file) for file in intent.files],
        "moves": [_plain(move) for move in intent.moves],
        "counters": counters,
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _decode(body: bytes) -> Intent:
    document = json.loads(body)
    return Intent(
        document["batch_id"],
        tuple(FileRecord(**file) for file in document["files"]),
        tuple(PlannedMove(**{**move, "move": Move(move["move"])}) for move in document["moves"]),
    )


def _plain(move: PlannedMove) -> dict[str, Any]:
    return {**asdict(move), "move": move.move.value}
