"""Side files: before the call, after it, never; and what each field may say."""

import json
from datetime import timedelta

import pytest

from contracts.errors import TryAgain
from contracts.keys import parse_door
from contracts.ledger import State
from contracts.tenant import TenantId
from ingestion.events import ObjectCreated
from ingestion.file_names import read_file_name
from ingestion.job_init import land
from ingestion.keyed_hashes import hash_caller
from ingestion.metadata import read_side_file, sources_of
from ingestion.tenants import zone_of
from tests.support.ingestion_fakes import INPUT, FakeHashKeys, World
from tests.support.ingestion_story import (
    GOOD,
    SUMMARY,
    analyse,
    drop,
    final,
    finish,
    run,
    transcript,
)

SIDE = {
    "provider": "oak",
    "provider_call_id": "A-17",
    "started_at": "2026-01-29T13:00:00+01:00",
    "direction": "in",
    "agent_id": "101",
    "queue": "claims",
    "caller_number": "+44 1632 960001",
    "duration_seconds": 93.5,
    "loyalty": "gold",
}
META = parse_door("acme/meta/day/101-call.json")


@pytest.fixture
def world() -> World:
    world = World()
    world.model.summary, world.model.evaluation = SUMMARY, GOOD
    return world


def read(told: dict, timezone: str = "Europe/London"):
    keys = FakeHashKeys()
    keys.keys["acme"] = b"key"
    return read_side_file(json.dumps(told).encode(), META, timezone, keys)


def test_metadata_beside_the_transcript_is_joined(world):
    world.input.objects[str(META)] = json.dumps(SIDE).encode()
    document = run(world)
    told = document["call"]
    assert (told["provider"], told["provider_call_id"]) == ("oak", "A-17")
    assert (told["direction"], told["agent"]["agent_id"], told["queue"]) == (
        "inbound",
        "101",
        "claims",
    )
    assert (told["started_at"], told["started_at_source"]) == ("2026-01-29T12:00:00Z", "metadata")
    assert told["duration_seconds"] == 93.5
    assert document["source"]["metadata_key"] == str(META)
    assert document["extra"]["metadata"] == {"loyalty": "gold"}
    call = world.only_call()
    assert str(call.text("final_key")).startswith("acme/final/2026/01/29/")
    assert call.text("call_date") == call.attributes["day"] == "2026-01-29"


def test_a_number_is_hashed_and_stands_nowhere(world):
    world.input.objects[str(META)] = json.dumps(SIDE).encode()
    document = run(world)
    assert document["call"]["caller_hash"] == hash_caller(b"key of acme", "00441632960001")
    everything = b"".join(world.results.objects.values()) + repr(world.ledger.items).encode()
    assert b"960001" not in everything


def test_without_metadata_the_object_time_answers(world):
    told = run(world)["call"]
    assert (told["started_at"], told["started_at_source"]) == (
        "2026-01-30T13:05:00Z",
        "object_time",
    )


def test_late_metadata_makes_one_corrected_document_and_asks_no_model(world):
    first = run(world)
    asked = len(world.model.prompts)
    world.now += timedelta(days=2)
    assert drop(world, str(META), json.dumps(SIDE).encode()) == "corrected"
    call = world.only_call()
    assert (call.state, call.revision) == (State.FINAL, 2)
    assert str(call.text("final_key")) == f"acme/final/2026/01/29/{call.call_id}.r2.json"
    document = final(world, call)
    assert document["call"]["agent"]["agent_id"] == "101"
    assert document["usage"] == first["usage"]
    assert len(world.model.prompts) == asked
    before = dict(world.results.objects)
    assert drop(world, str(META), json.dumps(SIDE).encode()) == "duplicate_event"
    assert world.results.objects == before


def test_metadata_waits_while_its_call_is_on_the_way(world):
    assert drop(world, str(META), b"{}") == "metadata_waits"
    drop(world, "acme/transcripts/day/101-call.json", transcript())
    assert drop(world, str(META), b"{}") == "metadata_waits"
    call = world.only_call()
    analyse(world, call)
    with pytest.raises(TryAgain):
        land(ObjectCreated(INPUT, str(META)), world.ports)
    assert finish(world, call) == "final"


def test_another_tenants_metadata_is_not_joined(world):
    other = str(META).replace("acme/", "acme-uk/")
    world.input.objects[other] = json.dumps(SIDE).encode()
    assert run(world)["call"]["provider_call_id"] is None


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("direction", "Outgoing", "outbound"),
        ("direction", 2, "internal"),
        ("direction", "sideways", None),
        ("hold_seconds", 0, 0),
        ("hold_seconds", -1, None),
        ("hold_seconds", "12", None),
        ("transfer_count", 3, 3),
        ("transfer_count", 101, None),
        ("agent_id", 101, "101"),
        ("agent_id", "x" * 257, None),
        ("language", "en-GB", "en-GB"),
        ("language", "English", None),
        ("timezone", "Europe/Berlin", "Europe/Berlin"),
        ("timezone", "Middle/Earth", None),
        ("provider", "somebody", None),
        ("started_at", "1999-12-31T00:00:00Z", None),
    ],
)
def test_a_bad_value_is_left_out_with_a_warning(field, value, kept):
    side = read({field: value})
    assert side.fields.get(field) == kept
    assert ("metadata_bad_field" in side.warnings) is (kept is None)


def test_blanks_are_nothing_and_strangers_are_extra():
    side = read({"agent_id": " ", "queue": None, "shoe_size": 43})
    assert (side.fields, side.extra, side.warnings) == ({}, {"shoe_size": 43}, ())


def test_a_time_without_offset_is_the_tenants_and_noted():
    side = read({"started_at": "2026-07-01T12:00:00"}, "Europe/Berlin")
    assert side.fields["started_at"].isoformat() == "2026-07-01T10:00:00+00:00"
    assert side.warnings == ("naive_time",)


@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b'"x"', b"{" + b" " * 300_000 + b"}"])
def test_a_side_file_that_is_no_object_only_warns(body):
    side = read_side_file(body, META, "UTC", FakeHashKeys())
    assert side.warnings == ("metadata_not_an_object",)


@pytest.mark.parametrize("caller", ["anonymous", "Unknown", "0", "private"])
def test_withheld_callers_share_no_hash(caller):
    assert hash_caller(b"key", caller) is None


def test_one_caller_in_two_writings_has_one_hash():
    same = {hash_caller(b"k", text) for text in ("+44 1632 960001", "0044-1632-960001")}
    assert len(same) == 1
    assert hash_caller(b"k", "sip:Ann@example.com") == hash_caller(b"k", "ann@example.com")


def test_a_side_file_leads_to_audio_and_transcript_of_its_name():
    long = {str(key) for key in sources_of(parse_door("acme/meta/a/b.wav.json"))}
    short = {str(key) for key in sources_of(parse_door("acme/meta/a/b.json"))}
    assert {"acme/audio/a/b.wav", "acme/calls/a/b.wav"} <= long
    assert {"acme/audio/a/b.wav", "acme/transcripts/a/b.json"} <= short


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "Shop_GUID_000_AGENT_X_DT_2025-02-19T06-01-22.wav",
            {"provider_call_id": "000", "agent_id": "X", "started_at": "2025-02-19T06:01:22+00:00"},
        ),
        (
            "[Sales]_101-+441632960001_20260130120000(12).wav",
            {
                "provider_call_id": "12",
                "agent_id": "101",
                "started_at": "2026-01-30T12:00:00+00:00",
            },
        ),
        (
            "convo_00000000-0000-0000-0000-000000000000_2024-12-05 09%3A00%3A00.json",
            {
                "provider_call_id": "00000000-0000-0000-0000-000000000000",
                "started_at": "2024-12-05T09:00:00+00:00",
            },
        ),
        ("plain.wav", {}),
        ("[x]_101-102_20269930120000(1).wav", {"provider_call_id": "1"}),
    ],
)
def test_file_names_tell_what_recorders_write(name, told):
    found = read_file_name(f"a/{name}", zone_of("Europe/London"))
    if "started_at" in found:
        found["started_at"] = found["started_at"].isoformat()
    assert found == told


def test_the_tenant_of_a_side_file_is_that_of_its_key():
    assert {key.tenant for key in sources_of(META)} == {TenantId("acme")}


@pytest.mark.parametrize("value", ["NaN", "1e400", '"\\ud83d"'])
def test_a_value_no_document_can_hold_does_not_stop_its_call(world, value):
    world.input.objects[str(META)] = f'{{"queue": "claims", "other": {value}}}'.encode()
    assert run(world)["call"]["queue"] == "claims"


def test_a_number_that_is_none_is_a_bad_field():
    keys = FakeHashKeys()
    told = read_side_file(b'{"hold_seconds": NaN}', META, "UTC", keys)
    assert (dict(told.fields), told.warnings) == ({}, ("metadata_bad_field",))


def test_metadata_names_the_language_where_the_default_would():
    world = World()
    world.input.objects[str(META)] = b'{"language": "de-DE"}'
    assert run(world)["call"]["language"] == "de-DE"


def test_a_short_name_that_a_transcript_claims_is_not_the_recordings():
    sources = [str(source) for source in sources_of(META)]
    assert sources.index("acme/transcripts/day/101-call.json") < sources.index(
        "acme/audio/day/101-call.wav"
    )
    assert "acme/audio/day/101-call.WAV" in sources


def test_a_late_short_name_does_not_replace_the_long_one(world):
    long_name = "acme/meta/day/101-call.json.json"
    world.input.objects[long_name] = b'{"queue": "claims"}'
    run(world)
    assert drop(world, str(META), b'{"queue": "sales"}') == "duplicate_event"
    assert final(world, world.only_call())["call"]["queue"] == "claims"
