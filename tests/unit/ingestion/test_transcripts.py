"""Which transcript files are read, and the word each other file is refused with."""

import json

import pytest

from contracts.errors import Rejected
from ingestion.roles import assign_roles
from ingestion.transcripts.read import read_transcript


def plain(*turns: tuple[str, str], **more) -> bytes:
    said = [{"speaker": speaker, "text": text} for speaker, text in turns]
    return json.dumps({"cci_transcript": "v1", "language": "en-GB", "turns": said, **more}).encode()


def standard(**results) -> bytes:
    parts = {"transcripts": [{"transcript": ""}], "items": [], **results}
    return json.dumps({"status": "COMPLETED", "results": parts}).encode()


def word(text: str, start: float, end: float) -> dict:
    return {
        "type": "pronunciation",
        "start_time": str(start),
        "end_time": str(end),
        "alternatives": [{"content": text, "confidence": "0.9"}],
    }


def stop() -> dict:
    return {"type": "punctuation", "alternatives": [{"content": ".", "confidence": "0.0"}]}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<xml/>", "not_json"),
        (b'{"results": {}}{"more": 1}', "not_json"),
        (b'{"results": {"transcripts": [{"tra', "truncated"),
        (b'{"a": "' + b"\xff" + b'"}', "bad_utf8"),
        (b'{"a":' * 3000 + b"1" + b"}" * 3000, "too_deep"),
        (b"[]", "array_root"),
        (b'"words"', "not_an_object"),
        (b"{}", "unknown_transcript_shape"),
        (b'{"ConversationAnalytics": {}, "SpeechSegments": []}', "unknown_transcript_shape"),
        (b'{"Transcript": [{"ParticipantId": "A"}]}', "unknown_transcript_shape"),
        (b'{"Transcript": [{"Content": "no role"}]}', "unknown_transcript_shape"),
        (b'{"Transcript": [], "CustomerMetadata": {}, "Channel": "CHAT"}', "not_a_voice_call"),
        (b'{"evaluationId": "e"}', "wrong_door"),
        (b'{"inference_result": {}}', "no_turns"),
        (standard(), "no_turns"),
        (plain(("agent", " ")), "no_turns"),
        (b'{"status": "IN_PROGRESS", "results": {"transcripts": []}}', "job_not_completed"),
        (b'{"JobStatus": "FAILED", "Transcript": []}', "job_not_completed"),
    ],
)
def test_a_file_that_cannot_be_read_has_its_own_word(body, reason):
    with pytest.raises(Rejected) as refused:
        read_transcript(body)
    assert refused.value.reason == reason
    assert refused.value.detail


def test_a_byte_order_mark_is_no_reason_to_refuse():
    assert len(read_transcript(b"\xef\xbb\xbf" + plain(("agent", "Hello."))).turns) == 1


def test_channels_come_from_their_own_items_and_interleave_by_time():
    agent = [word("Hello", 0.0, 0.4), stop(), word("Bye", 5.0, 5.4), stop()]
    customer = [word("Hi", 2.0, 2.2), stop()]
    channels = {
        "number_of_channels": 2,
        "channels": [
            {"channel_label": "ch_0", "items": agent},
            {"channel_label": "ch_1", "items": customer},
        ],
    }
    transcript = read_transcript(standard(channel_labels=channels, items=[*agent, *customer]))
    assert [turn.text for turn in transcript.turns] == ["Hello.", "Hi.", "Bye."]
    roles = assign_roles(transcript, 1, "en-GB")
    assert (roles.speakers, roles.source) == ({"ch_0": "customer", "ch_1": "agent"}, "metadata")
    assumed = assign_roles(transcript, None, "en-GB")
    assert assumed.speakers["ch_0"] == "agent"
    assert assumed.warnings == ("agent_channel_assumed",)


def test_redacted_words_count_as_words_without_confidence():
    masked = {**word("[PII]", 1.0, 1.5), "alternatives": [{"content": "[PII]", "redactions": []}]}
    transcript = read_transcript(standard(items=[word("Mr", 0.5, 0.9), masked, stop()]))
    assert transcript.turns[0].text == "Mr [PII]."
    assert transcript.average_word_confidence == 0.9


def test_the_agent_is_found_by_what_agents_say():
    said = [
        ("spk_1", "Thank you for calling, how can I help?"),
        ("spk_0", "I'm calling about my order."),
        ("spk_2", "And I am listening in."),
    ]
    roles = assign_roles(read_transcript(plain(*said)), None, "en-GB")
    assert roles.speakers == {"spk_1": "agent", "spk_0": "customer", "spk_2": "speaker_3"}
    assert roles.source == "heuristic"


def test_undecided_speakers_stay_numbers():
    roles = assign_roles(read_transcript(plain(("a", "Yes."), ("b", "No."))), None, "en-GB")
    assert (roles.speakers, roles.source) == ({"a": "speaker_1", "b": "speaker_2"}, None)


def test_times_stand_on_all_turns_or_on_none():
    mixed = {
        "cci_transcript": "v1",
        "turns": [
            {"speaker": "agent", "text": "Hello", "start_seconds": 0, "end_seconds": 1},
            {"speaker": "customer", "text": "Hi"},
        ],
    }
    with pytest.raises(Rejected, match="unknown_transcript_shape"):
        read_transcript(json.dumps(mixed).encode())


def test_offsets_outside_the_text_are_clipped_and_noted():
    turn = {
        "ParticipantRole": "CUSTOMER",
        "Content": "It broke",
        "BeginOffsetMillis": 0,
        "EndOffsetMillis": 900,
        "IssuesDetected": [{"CharacterOffsets": {"Begin": 3, "End": 99}}],
    }
    transcript = read_transcript(
        json.dumps({"JobStatus": "COMPLETED", "Transcript": [turn]}).encode()
    )
    assert transcript.issues[0]["text"] == "broke"
    assert transcript.warnings == ("offset_clipped",)


@pytest.mark.parametrize("claim", [{"is_redacted": "false"}, {"is_redacted": 1}, {"language": 5}])
def test_a_claim_of_another_type_is_refused_not_believed(claim):
    with pytest.raises(Rejected, match="must be") as refused:
        read_transcript(plain(("agent", "Good morning."), **claim))
    assert refused.value.reason == "unknown_transcript_shape"


@pytest.mark.parametrize(
    "more",
    [
        {"turns": [{"speaker": "agent", "text": "x", "start_seconds": "call 07700900123"}]},
        {"status": "call 07700900123"},
    ],
)
def test_a_reason_never_quotes_the_call(more):
    with pytest.raises(Rejected) as refused:
        read_transcript(plain(("agent", "x"), **more))
    assert "0770" not in refused.value.detail
