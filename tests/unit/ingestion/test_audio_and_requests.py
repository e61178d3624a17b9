"""What a recording is, and what Transcribe is asked for it."""

import botocore.session
import pytest
from botocore.validate import validate_parameters

from contracts.errors import Rejected
from contracts.ledger import Call, State
from contracts.tenant import TenantId
from ingestion.audio import media_format, probe
from ingestion.transcribe_requests import (
    Recording,
    build_request,
    call_id_of,
    choose_api,
    job_name,
    needs_copy,
)
from tests.support.ingestion_fakes import SETTINGS, wav

CALL = Call(TenantId("acme-uk"), "call-0123456789", State.RECEIVED)
URI = "s3://bucket/acme-uk/audio/a.wav"


def test_a_wav_is_measured_behind_other_chunks():
    body = wav(2.5, channels=2, extra=b"odd")
    audio = probe("wav", body, len(body))
    assert (audio.channel_count, audio.duration_seconds, audio.warnings) == (2, 2.5, ())


def test_a_header_longer_than_the_file_is_a_warning_and_the_file_counts():
    body = wav(3.0)
    audio = probe("wav", body, 44 + 2 * 8000 * 2)
    assert (audio.duration_seconds, audio.warnings) == (2.0, ("audio_truncated",))


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("a.txt", b"words", "unsupported_media"),
        ("a", b"words", "unsupported_media"),
        ("a.wav", b"", "audio_empty"),
        ("a.wav", wav(0), "audio_empty"),
        ("a.wav", b"<html>not found</html>", "media_mismatch"),
        ("a.mp3", wav(), "media_mismatch"),
        ("a.wav", b"RIFF\x04\0\0\0WAVE", "media_mismatch"),
        ("a.wav", wav(0.5), "audio_too_short"),
        ("a.wav", wav(2, channels=4), "too_many_channels"),
        ("a.wav", wav(2, rate=96_000), "sample_rate_out_of_range"),
    ],
)
def test_what_transcribe_cannot_take_is_refused_by_word(name, body, reason):
    with pytest.raises(Rejected) as refused:
        probe(media_format(name), body, len(body))
    assert refused.value.reason == reason


def test_too_large_and_too_long_are_refused_by_size_alone():
    with pytest.raises(Rejected, match="file_too_large"):
        probe("mp3", b"ID3", 3 * 1024**3)
    with pytest.raises(Rejected, match="audio_too_long"):
        probe("wav", wav(2)[:40] + b"\xff\xff\xff\xff", 5 * 3600 * 16_000)


@pytest.mark.parametrize(
    ("channels", "language", "api", "redacted"),
    [
        (2, "en-US", "call_analytics", True),
        (2, "en-GB", "call_analytics", False),
        (2, "de-DE", "call_analytics", False),
        (2, "pl-PL", "standard", False),
        (2, None, "standard", False),
        (1, "en-US", "standard", True),
        (1, "de-DE", "standard", True),
        (1, "en-GB", "standard", False),
        (1, None, "standard", False),
        (None, "en-US", "standard", True),
        (None, "xx-XX", "standard", False),
        (1, "fr-CA", "standard", True),
    ],
)
def test_requests_pass_the_api_model(channels, language, api, redacted):
    recording = Recording(URI, "wav", channels, language)
    assert choose_api(recording) == api
    request = build_request(recording, CALL, job_name(CALL), SETTINGS)
    model = botocore.session.get_session().get_service_model("transcribe")
    operation = "StartTranscriptionJob" if api == "standard" else "StartCallAnalyticsJob"
    shape = model.operation_model(operation).input_shape
    validate_parameters(request, shape)
    asked = request.get("ContentRedaction") or request["Settings"].get("ContentRedaction")
    assert bool(asked) is redacted
    assert not (asked and request.get("IdentifyLanguage"))
    assert "Notifications" not in request


def test_the_metadatas_agent_channel_names_the_roles():
    request = build_request(Recording(URI, "wav", 2, "en-GB", 1), CALL, "n", SETTINGS)
    assert request["ChannelDefinitions"] == [
        {"ChannelId": 0, "ParticipantRole": "CUSTOMER"},
        {"ChannelId": 1, "ParticipantRole": "AGENT"},
    ]


def test_a_name_transcribe_would_refuse_never_leaves():
    with pytest.raises(ValueError, match="acme-uk, call call-0123456789: job name"):
        build_request(Recording(URI, "wav", 1, "en-GB"), CALL, "a name", SETTINGS)


def test_a_job_name_leads_back_to_its_call_and_to_no_other():
    later = Call(CALL.tenant, CALL.call_id, CALL.state, attempt=2, revision=3)
    assert {call_id_of(job_name(call)) for call in (CALL, later)} == {CALL.call_id}
    assert job_name(CALL) != job_name(later)
    assert call_id_of("somebody-elses-job") is None


@pytest.mark.parametrize("name", ["a+b", "a b", "ä", "a%3Ab", "a(1)"])
def test_keys_with_odd_characters_are_copied_first(name):
    assert needs_copy(f"acme/audio/{name}.wav")
    assert not needs_copy("acme/audio/a-1_2/b.wav")
