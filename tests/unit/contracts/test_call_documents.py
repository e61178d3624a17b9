"""What cannot be read is refused with its exact word, whichever decoder; what can be is mended."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from contracts.call_documents import Origin, load
from contracts.document_bytes import MAX_BYTES
from contracts.errors import Rejected
from contracts.final_call import FinalCall, hash_document
from contracts.tenant import TenantId
from tests.support.call_documents import (
    CALL_ID,
    TENANTS,
    body,
    final_document,
    loaded,
    origin,
    reason,
    refused,
    story,
)

Decoder = Callable[[str], Any]
DECODERS = pytest.mark.parametrize("decode", [json.loads, orjson.loads])
WHOLE = body(final_document())


def with_text(raw: str) -> bytes:
    """A document whose queue is `raw`, as it stands in the bytes."""
    return WHOLE.replace(b'"provider": "upload"', b'"provider": "upload", "queue": ' + raw.encode())


@DECODERS
@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (WHOLE[:-1], "truncated"),
        (b"{", "truncated"),
        (b'{"a": "}', "truncated"),
        (b'{"a": "\\', "truncated"),
        (b'{"a": [1, {"b": 2}', "truncated"),
        (b"<call/>", "not_json"),
        (b"hello", "not_json"),
        (gzip.compress(WHOLE), "not_json"),
        (WHOLE.decode().encode("utf-16"), "not_json"),
        (WHOLE.decode().encode("utf-16-le"), "not_json"),
        (WHOLE + WHOLE, "not_json"),
        (WHOLE[:-1] + b",}", "not_json"),
        (b'{"a": 1]', "not_json"),
        (WHOLE.replace(b"upload", b"up\xe4load"), "bad_utf8"),
        (WHOLE.replace(b"upload", b"up\xed\xa0\xbdload"), "bad_utf8"),
        (b"[" * 5000, "too_deep"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "too_deep"),
        (WHOLE[:-1] + b', "a": ' + b"[" * 300 + b"]" * 300 + b"}", "too_deep"),
        (b"[" + WHOLE + b"]", "array_root"),
        (b'"text"', "not_an_object"),
        (b"17", "not_an_object"),
        (b"null", "not_an_object"),
        (b"{}", "unknown_shape"),
    ],
)
def test_a_malformed_object_is_refused_with_its_word(
    content: bytes, word: str, decode: Decoder
) -> None:
    found = load(content, origin(), decode=decode)
    assert isinstance(found, Rejected)
    assert (found.reason, len(found.detail) <= 200) == (word, True)


@DECODERS
@pytest.mark.parametrize(
    ("raw", "value", "repair"),
    [
        ("NaN", None, "not_a_number"),
        ("-Infinity", None, "not_a_number"),
        ("1e400", None, "not_a_number"),
        (r'"a\ud83db"', "a\ufffdb", "lone_surrogate"),
        (r'"a\u0000\tb\u0007\n\rc"', "a\tb\nc", "control_characters"),
        (r'"\ud83d\ude00"', "\U0001f600", None),
        (r'"e\u0301"', "\u00e9", None),
        ("123456789012345678901234567890", "1.2345678901234568e+29", "number_as_text"),
        (r'"  "', None, None),
    ],
)
def test_what_storage_cannot_hold_is_mended_and_noted(
    raw: str, value: str | None, repair: str | None, decode: Decoder
) -> None:
    found = load(with_text(raw), origin(), decode=decode)
    assert isinstance(found, FinalCall)
    assert found.document["call"]["queue"] == value
    assert found.repairs == ((repair,) if repair else ())


@DECODERS
def test_a_byte_order_mark_is_stripped_and_the_last_duplicate_wins(decode: Decoder) -> None:
    doubled = WHOLE[:-1] + b', "tenant_id": "acme"}'
    found = load(b"\xef\xbb\xbf" + doubled.replace(b'"acme"', b'"x"', 1), origin(), decode=decode)
    assert isinstance(found, FinalCall)
    assert found.repairs == ("bom",)


@pytest.mark.parametrize(
    ("document", "word"),
    [
        (final_document("acme-uk"), "wrong_tenant"),
        (final_document(tenant_id=7), "wrong_tenant"),
        (story("v1_2"), "wrong_tenant"),
        (final_document(schema_version="cci-lite-v1.4"), "unknown_version"),
        (final_document(call_id=None), "no_call_identity"),
        (final_document(call_id="a/b"), "no_call_identity"),
        ({**story("v1_2"), "tenant_id": "acme", "call_id": " "}, "no_call_identity"),
        ({**story("v1_2"), "tenant_id": "acme", "call_id": None}, "no_call_identity"),
        ({"Transcript": [{"Content": "x"}]}, "raw_transcript"),
        ({"results": {"transcripts": []}}, "raw_transcript"),
        ({"Transcript": [{"ParticipantId": "AGENT"}]}, "unknown_shape"),
        ({"ConversationAnalytics": {}, "SpeechSegments": []}, "unknown_shape"),
        ({"schemaVersion": "3", "evaluationId": "e", "questions": []}, "unknown_shape"),
        ({"call": {}, "lineage": 1}, "unknown_shape"),
    ],
)
def test_a_document_that_is_no_call_of_this_tenant_is_refused(
    document: dict[str, Any], word: str
) -> None:
    assert refused(document) == word


def test_a_refused_tenant_is_not_told_whose_document_it_is() -> None:
    found = load(body(final_document("acme-uk")), origin("acme"))
    assert isinstance(found, Rejected)
    assert "acme-uk" not in found.detail


@pytest.mark.parametrize(
    "key", ["acme/final/x.json", "acme/2026/13/01/a.json", "tmp/acme/a/b.json"]
)
def test_a_key_of_no_layout_is_refused_before_it_is_read(key: str) -> None:
    found = load(b"", origin(key=key))
    assert isinstance(found, Rejected)
    assert found.reason == "unreadable_key"


def test_an_object_listed_as_too_large_is_refused_unread() -> None:
    found = load(b"", origin(size=MAX_BYTES + 1))
    assert isinstance(found, Rejected)
    assert found.reason == "too_large"
    assert reason(b" " * (MAX_BYTES + 1)) == "too_large"


def test_without_a_date_anywhere_there_is_no_call() -> None:
    content = body(final_document(call={}, lineage={}))
    found = load(content, Origin(TenantId("acme")))
    assert isinstance(found, Rejected)
    assert found.reason == "no_call_date"


@pytest.mark.parametrize(
    ("call", "where", "day", "source"),
    [
        ({"started_at": "2026-01-29T23:30:00-01:00"}, origin(), "2026-01-30", "processed"),
        ({}, origin(), "2026-01-30", "path"),
        (
            {},
            Origin(TenantId("acme"), last_modified=datetime(2026, 2, 1, 3, tzinfo=UTC)),
            "2026-02-01",
            "object_time",
        ),
    ],
)
def test_a_missing_date_comes_from_the_next_best_source(
    call: dict[str, Any], where: Origin, day: str, source: str
) -> None:
    found = load(body(final_document(call=call)), where)
    assert isinstance(found, FinalCall)
    assert (found.call_date, found.document["call"]["started_at_source"]) == (day, source)


def test_a_quarantined_copy_reads_like_its_original() -> None:
    where = origin(key=f"acme/quarantine/flatten/{CALL_ID}.json")
    assert isinstance(load(WHOLE, where), FinalCall)


def test_a_document_in_memory_brings_its_own_tenant() -> None:
    found = load(WHOLE)
    assert isinstance(found, FinalCall)
    assert found.document["tenant_id"] == "acme"
    assert isinstance(load(body(final_document("tmp"))), Rejected)


@pytest.mark.parametrize("tenant", TENANTS)
def test_equal_call_ids_of_two_tenants_stay_two_documents(tenant: str) -> None:
    found = loaded(final_document(tenant), tenant)
    assert (found.document["tenant_id"], found.call_id) == (tenant, CALL_ID)


def test_the_stated_hash_is_the_identity_and_a_missing_one_is_computed() -> None:
    stated = "ab" * 32
    lineage = {"processed_at": "2026-01-31T01:00:00Z", "document_hash": stated}
    assert loaded(final_document(lineage=lineage)).document_hash == stated
    computed = loaded(final_document())
    assert computed.document_hash == hash_document(final_document())
    assert computed.document_key == computed.document_hash[:16]


def test_the_identity_of_a_document_does_not_depend_on_when_it_was_written() -> None:
    later = final_document(lineage={"processed_at": "2026-02-02T00:00:00Z"})
    assert hash_document(later) == hash_document(final_document())
    assert hash_document(final_document(warnings=["x"])) != hash_document(final_document())


def test_names_of_people_are_only_ever_hashes() -> None:
    entities = [
        {"type": "PERSON", "text": "Alice"},
        {"type": "ORGANIZATION", "text": "Acme"},
        {"type": "PERSON", "text": "Bob", "text_hash": "kept"},
    ]
    found = loaded(final_document(entities=entities), hash_text=lambda text: f"#{text}")
    assert [(each["text"], each["text_hash"]) for each in found.document["entities"]] == [
        (None, "#Alice"),
        ("Acme", None),
        (None, "kept"),
    ]
    assert found.repairs == ()
    assert loaded(final_document(entities=entities)).repairs == ("pii_text_dropped",)


def test_a_time_without_offset_is_one_of_the_tenants_zone() -> None:
    call = {"started_at": "2026-07-02T00:30:00", "provider": "upload"}
    where = Origin(TenantId("acme"), timezone="Europe/London")
    found = load(body(final_document(call=call, lineage={})), where)
    assert isinstance(found, FinalCall)
    assert found.document["call"]["started_at"] == "2026-07-01T23:30:00Z"
    assert (found.call_date, found.repairs) == ("2026-07-01", ("naive_time",))


def test_turns_without_or_with_repeated_numbers_are_numbered() -> None:
    turns = [{"text": "a"}, {"text": "b"}]
    found = loaded(final_document(transcript={"turns": turns}))
    assert [turn["turn"] for turn in found.document["transcript"]["turns"]] == [1, 2]
    repeated = loaded(final_document(transcript={"turns": [{"turn": 3}, {"turn": 3}]}))
    assert [turn["turn"] for turn in repeated.document["transcript"]["turns"]] == [1, 2]
    assert repeated.repairs == ("turns_renumbered",)


def test_an_evaluation_written_twice_counts_once_and_the_last_one_stands() -> None:
    twice = [
        {"evaluation_id": "e1", "form_name": "default", "status": status}
        for status in ("failed", "complete")
    ]
    found = loaded(final_document(evaluations=twice))
    assert [each["status"] for each in found.document["evaluations"]] == ["complete"]
    assert found.repairs == ("evaluation_replaced",)
    assert found.document["extra"]["evaluations"][0]["status"] == "failed"


def test_what_has_no_place_lies_in_extra_under_its_path() -> None:
    found = loaded(final_document(colour="green", extra={"old": 1}, call={"x": {"y": [1]}}))
    assert found.document["extra"] == {"old": 1, "colour": "green", "call.x": {"y": [1]}}
    assert loaded(final_document(extra=["odd"])).document["extra"] == {"extra": ["odd"]}


@pytest.mark.parametrize("evaluation", [None, "none", [], {"criteria": "many"}, {"percentage": 71}])
def test_an_evaluation_that_cannot_be_read_failed_and_has_no_criteria(evaluation: object) -> None:
    document = {**story("v1_2"), "tenant_id": "acme", "qa_evaluation": evaluation}
    found = loaded(document).document["evaluations"]
    assert [(each["status"], each["criteria"]) for each in found] == [("failed", [])]


def test_v1_0_ids_collide_so_the_excerpt_tells_two_calls_apart() -> None:
    documents = [
        {**story("v1_0"), "tenant_id": "acme", "transcript_excerpt": text} for text in ("a", "b")
    ]
    assert len({loaded(document).call_id for document in documents}) == 2


@pytest.mark.parametrize(
    ("old_id", "started_at"),
    [
        ("x_20251104093000", "2025-11-04T09:30:00Z"),
        ("GUID_1_AGENT_7_DT_2025-11-04T09-30-00", "2025-11-04T09:30:00Z"),
        ("x_20251399093000", None),
        ("x_209911040930001", None),
        ("plain", None),
    ],
)
def test_a_time_in_an_old_id_is_when_the_call_began(old_id: str, started_at: str | None) -> None:
    found = loaded({**story("v1_2"), "tenant_id": "acme", "call_id": old_id}).document["call"]
    assert found["started_at"] == started_at
    expected = ("2025-11-04", "file_name") if started_at else ("2025-11-05", "processed")
    assert (found["call_date"], found["started_at_source"]) == expected
