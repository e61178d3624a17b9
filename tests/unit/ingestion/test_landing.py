"""job-init: what a drop becomes, and that nothing is lost, doubled or written for strangers."""

import json

import pytest

from contracts.errors import Rejected, TryAgain
from contracts.forms import TenantSettings
from contracts.ledger import State
from contracts.tenant import TenantId
from ingestion.events import ObjectCreated
from ingestion.job_init import land
from tests.support.ingestion_fakes import INPUT, RESULTS, World, wav

AUDIO = "acme/audio/day/101-call.wav"


@pytest.fixture
def world() -> World:
    return World()


def drop(world: World, key: str, body: bytes) -> str:
    world.input.objects[key] = body
    return land(ObjectCreated(INPUT, key), world.ports).outcome


def test_a_recording_is_in_the_ledger_before_its_job_starts(world):
    assert drop(world, AUDIO, wav(channels=2)) == "transcribing"
    call = world.only_call()
    assert call.state is State.TRANSCRIBING
    ((api, request),) = world.transcriber.requests
    assert api == call.text("job_api") == "call_analytics"
    assert request["CallAnalyticsJobName"] == call.text("job_name")
    assert request["Media"] == {"MediaFileUri": f"s3://{INPUT}/{AUDIO}"}
    assert call.attributes["duration_seconds"] == 2.0


def test_a_mono_recording_gets_a_standard_job(world):
    drop(world, AUDIO, wav())
    assert world.transcriber.requests[0][0] == "standard"


def test_the_same_event_twice_changes_nothing(world):
    drop(world, AUDIO, wav())
    before = world.only_call()
    assert drop(world, AUDIO, wav()) == "transcribing"  # the same job, asked for again
    assert world.only_call() == before
    call_item = next(iter(world.ledger.items.values()))
    call_item["state"] = "TRANSCRIBED"
    assert drop(world, AUDIO, wav()) == "duplicate_event"


def test_other_bytes_under_the_same_key_are_a_revision_of_the_same_call(world):
    drop(world, AUDIO, wav())
    first = world.only_call()
    drop(world, AUDIO, wav(3))
    call = world.only_call()
    assert call.call_id == first.call_id
    assert (call.revision, call.state) == (2, State.TRANSCRIBING)
    assert call.text("job_name") != first.text("job_name")


def test_look_alike_tenants_with_the_same_file_are_two_calls(world):
    drop(world, "acme/audio/a.wav", wav())
    drop(world, "acme-uk/audio/a.wav", wav())
    calls = world.calls()
    assert {call.tenant for call in calls} == {"acme", "acme-uk"}
    assert len({call.call_id for call in calls}) == 2


@pytest.mark.parametrize("name", ["a+b.wav", "a b.wav", "ä.wav", "a%3Ab.wav"])
def test_odd_keys_survive_byte_for_byte_and_are_copied_for_transcribe(world, name):
    key = f"acme/audio/{name}"
    assert drop(world, key, wav()) == "transcribing"
    call = world.only_call()
    assert call.text("source_key") == key
    copy = f"tmp/acme/{call.call_id}/source.wav"
    assert world.transcriber.requests[0][1]["Media"]["MediaFileUri"] == f"s3://{RESULTS}/{copy}"
    assert world.results.objects[copy] == wav()


def test_an_encoded_event_key_is_decoded_only_when_nothing_lies_under_it(world):
    world.input.objects["acme/audio/a b.wav"] = wav()
    record = ObjectCreated(INPUT, "acme/audio/a+b.wav", "acme/audio/a b.wav")
    assert land(record, world.ports).outcome == "transcribing"
    assert world.only_call().text("source_key") == "acme/audio/a b.wav"


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [
        ("acme/audio/a.wav", b"", "audio_empty"),
        ("acme/audio/a.wav", wav(0), "audio_empty"),
        ("acme/audio/a.wav", wav(0.2), "audio_too_short"),
        ("acme/audio/a.wav", wav(channels=3), "too_many_channels"),
        ("acme/audio/a.wav", b"<html>", "media_mismatch"),
        ("acme/audio/a.exe", b"MZ", "unsupported_media"),
        ("acme/transcripts/a.txt", b"words", "unsupported_media"),
        ("acme/transcripts/a.json", b"{" + b" " * 17_000_000, "too_large"),
    ],
)
def test_a_refused_drop_is_quarantined_with_reason_and_bytes(world, key, body, reason):
    assert drop(world, key, body) == reason
    call = world.only_call()
    assert (call.state, call.text("reason")) == (State.QUARANTINED, reason)
    base = f"acme/quarantine/landing/{call.call_id}"
    assert call.text("quarantine_key") == f"{base}.json"
    told = json.loads(world.results.objects[f"{base}.reason.json"])
    assert told["reason"] == reason
    assert "acme" in told["sentence"]
    assert key in told["sentence"]
    assert world.results.objects[f"{base}.source"] == body
    assert f"{base}.json" in world.results.objects
    assert not world.transcriber.requests


def test_a_refused_drop_delivered_twice_stays_refused_once(world):
    drop(world, AUDIO, b"")
    item = dict(next(iter(world.ledger.items.values())))
    assert drop(world, AUDIO, b"") == "duplicate_event"
    assert next(iter(world.ledger.items.values())) == item


def test_a_mended_file_under_the_refused_key_goes_its_way(world):
    drop(world, AUDIO, b"")
    assert drop(world, AUDIO, wav()) == "transcribing"
    call = world.only_call()
    assert (call.state, call.text("reason")) == (State.TRANSCRIBING, None)


@pytest.mark.parametrize(
    ("key", "reason"),
    [("stranger/audio/a.wav", "unregistered_tenant"), ("Bad_Tenant/audio/a.wav", "unreadable_key")],
)
def test_no_key_is_written_for_a_tenant_nobody_registered(world, key, reason):
    world.input.objects[key] = wav()
    with pytest.raises(Rejected) as refused:
        land(ObjectCreated(INPUT, key), world.ports)
    assert refused.value.reason == reason
    assert not world.results.objects
    assert not world.ledger.items


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("acme/other/a.wav", "not_a_door"),
        ("readme.txt", "not_a_door"),
        ("acme/audio/folder/", "ignored"),
    ],
)
def test_what_is_no_door_is_left_alone_and_said(world, key, word):
    assert drop(world, key, b"x") == word
    assert not world.ledger.items


def test_a_suspended_tenants_files_are_parked(world):
    world.register(TenantSettings(TenantId("acme"), "acme", status="suspended"))
    assert drop(world, AUDIO, wav()) == "tenant_suspended"
    call = world.only_call()
    assert call.state is State.RECEIVED
    assert f"tmp/acme/{call.call_id}/source" in world.results.objects
    assert not world.transcriber.requests


def test_a_refused_request_fails_the_call_with_its_word(world):
    world.transcriber.refusal = Rejected("transcribe_refused", "the media format is wrong")
    assert drop(world, AUDIO, wav()) == "transcribe_refused"
    assert world.only_call().state is State.FAILED


def test_a_dead_first_delivery_is_finished_by_the_second(world):
    def die(_api, _request):
        raise TryAgain("killed")

    start, world.transcriber.start = world.transcriber.start, die
    with pytest.raises(TryAgain):
        drop(world, AUDIO, wav())
    assert world.only_call().state is State.TRANSCRIBING
    world.transcriber.start = start
    assert drop(world, AUDIO, wav()) == "transcribing"
    assert len(world.transcriber.requests) == 1


def test_metadata_that_lies_beside_the_recording_names_language_and_agent_channel(world):
    side = b'{"language": "de-DE", "agent_channel": 1}'
    world.input.objects["acme/meta/day/101-call.wav.json"] = side
    drop(world, AUDIO, wav(channels=2))
    request = world.transcriber.requests[0][1]
    assert request["Settings"]["LanguageOptions"] == ["de-DE"]
    assert request["ChannelDefinitions"][1]["ParticipantRole"] == "AGENT"


def test_a_transcript_drop_goes_to_the_analyser(world):
    body = b'{"cci_transcript": "v1"}'
    assert drop(world, "acme/transcripts/a.json", body) == "transcribed"
    call = world.only_call()
    (message,) = world.queue.messages
    assert message["call_id"] == call.call_id
    assert world.results.objects[str(call.text("transcript_key"))] == body
    assert call.state is State.TRANSCRIBED
    assert drop(world, "acme/transcripts/a.json", body) == "transcribed"  # sent again, harmless
    assert len(world.calls()) == 1


def test_an_evaluation_is_set_aside_and_is_no_call(world):
    assert drop(world, "acme/evaluations/e.json", b"{}") == "wrong_door"
    assert not world.ledger.items
    assert any(key.startswith("acme/quarantine/landing/") for key in world.results.objects)


def test_a_second_refusal_of_the_same_key_keeps_its_own_reason_and_bytes(world):
    for body, reason in ((b"", "audio_empty"), (b"<html>", "media_mismatch")):
        assert drop(world, AUDIO, body) == reason
        base = str(world.only_call().text("quarantine_key")).removesuffix(".json")
        told = json.loads(world.results.objects[f"{base}.reason.json"])
        assert (told["reason"], world.results.objects[f"{base}.source"]) == (reason, body)


def test_an_agent_channel_nobody_named_is_a_warning_also_with_call_analytics(world):
    drop(world, AUDIO, wav(channels=2))
    assert world.only_call().attributes["warnings"] == ["agent_channel_assumed"]
