"""A call's state, the moves that may change it, and what a refused move means.

The ledger (`cci-lite-calls`) holds one item per call; nothing else writes `state` than a move
rendered here, and every move is one conditional update (reliability.md §2). Pure: a move is a plain
dict of UpdateItem arguments, sent by the `aws.py` of whoever makes it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal

from contracts.item_updates import Update
from contracts.tenant import TenantId


class State(StrEnum):
    """Where a call is; the first eight in order, then the three ends."""

    EXPECTED = "EXPECTED"
    RECEIVED = "RECEIVED"
    TRANSCRIBING = "TRANSCRIBING"
    TRANSCRIBED = "TRANSCRIBED"
    ENRICHED = "ENRICHED"
    FINAL = "FINAL"
    FLATTENED = "FLATTENED"
    PUBLISHED = "PUBLISHED"
    QUARANTINED = "QUARANTINED"
    FAILED = "FAILED"
    ERASED = "ERASED"


Bucket = Literal["published", "quarantined", "failed", "erased", "in_flight"]
Outcome = Literal["done", "stale", "early", "erased", "conflict"]
Guard = Literal["attempt", "job", "document", "document_hash", "other_bytes", "no_hold"]

BUCKETS: Final[tuple[Bucket, ...]] = (
    "published",
    "quarantined",
    "failed",
    "erased",
    "in_flight",
)
BY_DAY: Final = "by_day"
BY_STATE: Final = "by_state"
MAX_ATTEMPTS: Final = 2

_ORDER: Final = tuple(State)[:8]
_LIVE: Final = frozenset(_ORDER) | {State.QUARANTINED, State.FAILED}
_BEFORE_FINAL: Final = frozenset(_ORDER[:5])


class Move(StrEnum):
    """Every way a call may change its state; the numbers are the rows of reliability.md §2.3."""

    RECEIVE = "receive"  # 2
    START_JOB = "start_job"  # 3
    TAKE_TRANSCRIPT = "take_transcript"  # 4
    END_JOB = "end_job"  # 5
    RETRY_JOB = "retry_job"  # 6
    ENRICH = "enrich"  # 7
    FINALISE = "finalise"  # 8
    CORRECT = "correct"  # 9
    FLATTEN = "flatten"  # 10
    PUBLISH = "publish"  # 11
    UNPUBLISH = "unpublish"  # 12
    FLATTEN_AGAIN = "flatten_again"  # 13
    REPLACE = "replace"  # 14
    QUARANTINE = "quarantine"  # 15
    FAIL = "fail"  # 16
    ERASE = "erase"  # 18


@dataclass(frozen=True, slots=True)
class Rule:
    """From where a move may start, where it ends, and what must still be true of the item."""

    starts: frozenset[State]
    ends: State
    guards: tuple[Guard, ...] = ()


RULES: Final[Mapping[Move, Rule]] = {
    Move.RECEIVE: Rule(frozenset({State.EXPECTED}), State.RECEIVED),
    Move.START_JOB: Rule(frozenset({State.RECEIVED}), State.TRANSCRIBING, ("attempt",)),
    Move.TAKE_TRANSCRIPT: Rule(frozenset({State.RECEIVED}), State.TRANSCRIBED, ("attempt",)),
    Move.END_JOB: Rule(frozenset({State.TRANSCRIBING}), State.TRANSCRIBED, ("attempt", "job")),
    Move.RETRY_JOB: Rule(frozenset({State.TRANSCRIBING}), State.RECEIVED, ("attempt", "job")),
    Move.ENRICH: Rule(frozenset({State.TRANSCRIBED}), State.ENRICHED, ("attempt",)),
    Move.FINALISE: Rule(frozenset({State.ENRICHED}), State.FINAL, ("attempt",)),
    Move.CORRECT: Rule(
        frozenset({State.FINAL, State.FLATTENED, State.PUBLISHED}), State.FINAL, ("attempt",)
    ),
    Move.FLATTEN: Rule(frozenset({State.FINAL}), State.FLATTENED, ("document",)),
    Move.PUBLISH: Rule(frozenset({State.FLATTENED}), State.PUBLISHED, ("document_hash",)),
    Move.UNPUBLISH: Rule(frozenset({State.PUBLISHED}), State.FLATTENED, ("document_hash",)),
    Move.FLATTEN_AGAIN: Rule(
        frozenset({State.FLATTENED, State.PUBLISHED}), State.FINAL, ("document_hash",)
    ),
    Move.REPLACE: Rule(_LIVE - {State.EXPECTED}, State.RECEIVED, ("other_bytes",)),
    Move.QUARANTINE: Rule(
        frozenset({State.RECEIVED, State.TRANSCRIBED, State.ENRICHED, State.FINAL}),
        State.QUARANTINED,
        ("attempt",),
    ),
    Move.FAIL: Rule(_BEFORE_FINAL, State.FAILED, ("attempt",)),
    Move.ERASE: Rule(_LIVE, State.ERASED, ("no_hold",)),
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call's item as an actor read it; `attributes` holds all of it."""

    tenant: TenantId
    call_id: str
    state: State
    attempt: int = 1
    revision: int = 1
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """Return a text attribute, or None where it is absent."""
        value = self.attributes.get(name)
        return None if value is None else str(value)


def call_key(tenant: TenantId, call_id: str) -> dict[str, str]:
    """Return the primary key of a call's item."""
    return {"pk": f"TENANT#{tenant}", "sk": f"CALL#{call_id}"}


def read_call(item: Mapping[str, Any]) -> Call:
    """Return the item of a call as a value; numbers may come as Decimal."""
    return Call(
        tenant=TenantId(str(item["pk"]).partition("#")[2]),
        call_id=str(item["sk"]).partition("#")[2],
        state=State(item["state"]),
        attempt=int(item.get("attempt", 1)),
        revision=int(item.get("revision", 1)),
        attributes=dict(item),
    )


def render_new(
    tenant: TenantId,
    call_id: str,
    *,
    now: str,
    by: str,
    sets: Mapping[str, Any],
    state: Literal[State.RECEIVED, State.FINAL] = State.RECEIVED,
) -> dict[str, Any]:
    """Return the PutItem arguments that make a new call RECEIVED (move 2) or FINAL (move 19).

    FINAL is for documents that older layouts already hold. `now` is ISO 8601 UTC; the day is that
    of receipt until the call's own date is known.
    """
    day = str(sets.get("call_date") or now[:10])
    item = {
        **call_key(tenant, call_id),
        "state": state.value,
        "attempt": 1,
        "revision": 1,
        "version": 1,
        "day": day,
        "at": {state.value: now},
        "received_at": now,
        "updated_by": by,
        **_index_keys(tenant, call_id, state, sets.get("call_date"), day),
        **{name: value for name, value in sets.items() if value is not None},
    }
    return {
        "Item": item,
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def render(
    move: Move, call: Call, *, now: str, by: str, sets: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the UpdateItem arguments of one move of `call`, as its actor read it.

    `sets` are further attributes; a None in it removes the attribute. `call_date` among them also
    moves the call to that day. The guards compare what the actor saw, so a newer attempt or
    document makes the condition fail instead of being overwritten.
    """
    rule = RULES[move]
    changes = {**_standing(move, call, rule.ends, now, by, sets or {}), **(sets or {})}
    update = Update()
    for name, value in changes.items():
        update.put(name, value)
    update.put_inside("at", rule.ends.value, now)
    update.one_of("state", [state.value for state in sorted(rule.starts)])
    for guard in rule.guards:
        _guard(update, guard, call, changes)
    return {"Key": call_key(call.tenant, call.call_id), **update.arguments()}


def resolve(move: Move, call: Call, seen: Call | None, made: str | None = None) -> Outcome:
    """Return what a failed condition means, given the item that came with the failure.

    `made` is the hash of this actor's output, if it made one. done: success. stale, erased:
    acknowledge. early: raise TryAgain. conflict: adopt the stored output and its hash.
    """
    if seen is None or seen.state is State.ERASED:
        return "erased"
    if (seen.revision, seen.attempt) > (call.revision, call.attempt):
        return "stale"
    ends = RULES[move].ends
    if seen.state in (State.QUARANTINED, State.FAILED) or ends not in _ORDER:
        return "done" if seen.state is ends else "stale"
    if _ORDER.index(seen.state) < _ORDER.index(ends):
        return "early"
    stored = seen.text("document_hash" if ends is not State.ENRICHED else "enriched_hash")
    return "conflict" if made and stored and stored != made else "done"


def bucket(item: Mapping[str, Any]) -> Bucket | None:
    """Return the word of the identity a call counts under; None while it is only awaited.

    Published means people see the call, even while a correction of it travels.
    """
    state = State(item["state"])
    if state is State.ERASED:
        return "erased"
    if item.get("published_run_id"):
        return "published"
    ends: dict[State, Bucket] = {State.QUARANTINED: "quarantined", State.FAILED: "failed"}
    return None if state is State.EXPECTED else ends.get(state, "in_flight")


def count(items: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return received and the five buckets; received is their sum by evidence, not a counter."""
    counts = dict.fromkeys(("received", *BUCKETS), 0)
    for item in items:
        word = bucket(item)
        if word:
            counts["received"] += 1
            counts[word] += 1
    return counts


def _standing(
    move: Move, call: Call, ends: State, now: str, by: str, sets: Mapping[str, Any]
) -> dict[str, Any]:
    call_date = sets.get("call_date") or call.attributes.get("call_date")
    day = str(sets.get("call_date") or call.attributes.get("day") or now[:10])
    standing: dict[str, Any] = {"state": ends.value, "updated_by": by, "day": day}
    standing |= _index_keys(call.tenant, call.call_id, ends, call_date, day)
    if move in (Move.RETRY_JOB, Move.FLATTEN_AGAIN):
        standing["attempt"] = call.attempt + 1
    if move is Move.FLATTEN_AGAIN:  # else flatten would count the document as already there
        standing["lake_document_hashes"] = None
    if move in (Move.CORRECT, Move.REPLACE):
        standing["revision"] = call.revision + 1
    if move is Move.REPLACE:
        standing |= {"attempt": 1, "reason": None, "reason_detail": None}
    return standing


def _index_keys(
    tenant: TenantId, call_id: str, state: State, call_date: object, day: str
) -> dict[str, str]:
    return {
        "day_pk": f"TENANT#{tenant}#{day}",
        "state_pk": f"{state.value}#{tenant}",
        "state_sk": f"{call_date or '0000-00-00'}#{call_id}",
    }


def _guard(update: Update, guard: Guard, call: Call, changes: Mapping[str, Any]) -> None:
    if guard == "attempt":
        update.equal("attempt", call.attempt)
        update.equal("revision", call.revision)
    elif guard == "other_bytes":
        update.differs("source_etag", changes["source_etag"])
    elif guard == "no_hold":
        update.absent("legal_hold")
    else:
        for name in _GUARDED[guard]:
            update.equal(name, call.attributes.get(name))


_GUARDED: Final[Mapping[Guard, tuple[str, ...]]] = {
    "job": ("job_name",),
    "document": ("document_hash", "final_etag"),
    "document_hash": ("document_hash",),
}
