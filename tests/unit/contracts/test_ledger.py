"""Only legal moves change a call, a refused one has a meaning, and the identity is exact."""

import re
from collections import Counter
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import ledger
from contracts.ledger import Call, Move, State
from contracts.tenant import TenantId

NOW = "2026-01-30T12:00:00Z"
LEGAL = {
    (State.EXPECTED, State.RECEIVED),
    (State.RECEIVED, State.TRANSCRIBING),
    (State.RECEIVED, State.TRANSCRIBED),
    (State.TRANSCRIBING, State.TRANSCRIBED),
    (State.TRANSCRIBING, State.RECEIVED),
    (State.TRANSCRIBED, State.ENRICHED),
    (State.ENRICHED, State.FINAL),
    *((state, State.FINAL) for state in (State.FINAL, State.FLATTENED, State.PUBLISHED)),
    (State.FINAL, State.FLATTENED),
    (State.FLATTENED, State.PUBLISHED),
    (State.PUBLISHED, State.FLATTENED),
    *((state, State.RECEIVED) for state in State if state not in (State.EXPECTED, State.ERASED)),
    *(
        (state, State.QUARANTINED)
        for state in (State.RECEIVED, State.TRANSCRIBED, State.ENRICHED, State.FINAL)
    ),
    *((state, State.FAILED) for state in tuple(State)[:5]),
    *((state, State.ERASED) for state in State if state is not State.ERASED),
}


def call(state: State = State.RECEIVED, **attributes: Any) -> Call:
    return Call(TenantId("acme"), "same-0123456789", state, attributes=attributes)


def rendered(move: Move, state: State = State.RECEIVED) -> dict[str, Any]:
    return ledger.render(
        move,
        call(state, document_hash="h", final_etag="e", job_name="j", reason="r"),
        now=NOW,
        by="test",
        sets={"source_etag": "new"},
    )


def allowed_starts(arguments: dict[str, Any]) -> set[str]:
    names = {name: mark for mark, name in arguments["ExpressionAttributeNames"].items()}
    condition = arguments["ConditionExpression"].partition(f"{names['state']} IN (")[2]
    marks = condition.partition(")")[0].split(", ")
    return {arguments["ExpressionAttributeValues"][mark] for mark in marks}


@pytest.mark.parametrize(("start", "end"), list(product(State, State)))
def test_a_pair_of_states_is_a_move_only_where_the_table_says_so(start: State, end: State) -> None:
    found = {
        (start, rule.ends)
        for move, rule in ledger.RULES.items()
        if rule.ends is end and start.value in allowed_starts(rendered(move))
    }
    assert found == ({(start, end)} & LEGAL)


@pytest.mark.parametrize("move", list(Move))
def test_every_move_is_guarded_and_numbered(move: Move) -> None:
    arguments = rendered(move)
    names = set(arguments["ExpressionAttributeNames"].values())
    assert {"state", "at", "updated_by", "version", "day_pk", "state_pk"} <= names
    assert arguments["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"
    if "attempt" in ledger.RULES[move].guards:
        assert {"attempt", "revision"} <= names


def test_a_move_of_one_tenant_names_only_that_tenant() -> None:
    arguments = rendered(Move.START_JOB)
    assert arguments["Key"] == {"pk": "TENANT#acme", "sk": "CALL#same-0123456789"}
    values = arguments["ExpressionAttributeValues"].values()
    assert "TRANSCRIBING#acme" in values


@given(
    st.sampled_from(Move),
    st.sampled_from(State),
    st.none() | st.tuples(st.sampled_from(State), st.integers(1, 3), st.integers(1, 3)),
    st.none() | st.sampled_from(["h1", "h2"]),
)
def test_every_refused_move_has_a_meaning(
    move: Move, start: State, seen: tuple[State, int, int] | None, made: str | None
) -> None:
    stored = None
    if seen:
        state, attempt, revision = seen
        stored = Call(TenantId("acme"), "c", state, attempt, revision, {"document_hash": "h1"})
    found = ledger.resolve(move, call(start), stored, made)
    assert found in ("done", "stale", "early", "erased", "conflict")


@pytest.mark.parametrize(
    ("move", "seen", "made", "meaning"),
    [
        (Move.ENRICH, State.FINAL, None, "done"),
        (Move.FINALISE, State.TRANSCRIBED, None, "early"),
        (Move.FINALISE, State.FINAL, "other", "conflict"),
        (Move.FINALISE, State.FINAL, "stored", "done"),
        (Move.FINALISE, State.ERASED, None, "erased"),
        (Move.QUARANTINE, State.QUARANTINED, None, "done"),
        (Move.FINALISE, State.FAILED, None, "stale"),
    ],
)
def test_a_refused_move_means(move: Move, seen: State, made: str | None, meaning: str) -> None:
    stored = call(seen, document_hash="stored", enriched_hash="stored")
    assert ledger.resolve(move, call(), stored, made) == meaning


def test_a_newer_attempt_makes_the_older_actor_stale() -> None:
    newer = Call(TenantId("acme"), "c", State.RECEIVED, attempt=2)
    assert ledger.resolve(Move.START_JOB, call(), newer) == "stale"


@given(
    st.lists(st.fixed_dictionaries({
        "state": st.sampled_from([state.value for state in State]),
        "published_run_id": st.none() | st.just("20260130T020000Z-abcdef"),
    }), max_size=60)
)  # fmt: skip
def test_received_is_always_the_sum_of_the_five_buckets(items: list[dict[str, Any]]) -> None:
    counts = ledger.count(items)
    assert counts["received"] == sum(counts[word] for word in ledger.BUCKETS)
    words = Counter(ledger.bucket(item) for item in items)
    assert {word: counts[word] for word in ledger.BUCKETS} == {
        word: words[word] for word in ledger.BUCKETS
    }
    awaited = [item for item in items if ledger.bucket(item) is None]
    assert counts["received"] + len(awaited) == len(items)


def test_a_call_being_corrected_stays_published_and_an_erased_one_does_not() -> None:
    assert ledger.bucket({"state": "FINAL", "published_run_id": "r"}) == "published"
    assert ledger.bucket({"state": "ERASED", "published_run_id": "r"}) == "erased"
    assert ledger.bucket({"state": "FINAL"}) == "in_flight"


def test_a_new_call_is_written_once_and_counts_on_the_day_it_came() -> None:
    arguments = ledger.render_new(
        TenantId("acme"),
        "c-0123456789",
        now=NOW,
        by="test",
        sets={"source_key": "k", "queue": None},
    )
    item = arguments["Item"]
    assert arguments["ConditionExpression"] == "attribute_not_exists(pk)"
    assert (item["state"], item["day"], item["day_pk"]) == (
        "RECEIVED",
        "2026-01-30",
        "TENANT#acme#2026-01-30",
    )
    assert "queue" not in item
    assert ledger.read_call(item).tenant == "acme"


def test_a_known_call_date_moves_the_call_to_its_day() -> None:
    arguments = ledger.render(
        Move.FINALISE,
        call(State.ENRICHED, day="2026-01-30"),
        now=NOW,
        by="test",
        sets={"call_date": "2026-01-29"},
    )
    assert "TENANT#acme#2026-01-29" in arguments["ExpressionAttributeValues"].values()


def test_a_call_on_legal_hold_is_not_erased() -> None:
    arguments = rendered(Move.ERASE)
    hold = re.search(r"attribute_not_exists\((#n\d+)\)", arguments["ConditionExpression"])
    assert hold is not None
    assert arguments["ExpressionAttributeNames"][hold[1]] == "legal_hold"


def test_a_call_to_be_flattened_again_forgets_what_the_lake_was_said_to_hold() -> None:
    arguments = rendered(Move.FLATTEN_AGAIN, State.FLATTENED)
    removed = arguments["UpdateExpression"].partition(" REMOVE ")[2].split(", ")
    names = arguments["ExpressionAttributeNames"]
    assert "lake_document_hashes" in {names[mark] for mark in removed}
