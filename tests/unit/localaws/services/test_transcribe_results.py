"""Results of Transcribe's two families: where they lie, what they hold."""

import json
from typing import Any

import pytest

from tests.support.transcribe_bench import bench, wav
from tests.support.transcribe_jobs import HEARD, REDACTED, start, start_calls


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ({}, ["tmp/acme/call/job.json"]),
        ({"OutputKey": None}, ["job.json"]),
        ({"OutputKey": "folder"}, ["folder/job.json"]),
        ({"OutputKey": "folder/own.json"}, ["folder/own.json"]),
        ({"ContentRedaction": REDACTED}, ["tmp/acme/call/redacted-job.json"]),
        (
            {
                "ContentRedaction": {
                    "RedactionType": "PII",
                    "RedactionOutput": "redacted_and_unredacted",
                }
            },
            ["tmp/acme/call/job.json", "tmp/acme/call/redacted-job.json"],
        ),
    ],
)
def test_results_lie_where_aws_puts_them(asked: dict[str, Any], keys: list[str]) -> None:
    aws = bench()
    start(aws, **asked)
    job = aws.finish("job")
    assert sorted(key for bucket, key in aws.objects.stored if bucket == "out-bucket") == keys
    ends = tuple(f"s3.eu-central-1.amazonaws.com/out-bucket/{key}" for key in keys)
    assert all(uri.endswith(ends) for uri in job["Transcript"].values())
    is_redacted = "ContentRedaction" in asked
    assert ("RedactedTranscriptFileUri" in job["Transcript"]) == is_redacted


def test_a_finished_job_announces_itself_and_is_encrypted_as_asked() -> None:
    aws = bench()
    key = "arn:aws:kms:eu-central-1:123456789012:key/one"
    queued = start(aws, OutputEncryptionKMSKeyId=key)["TranscriptionJob"]
    assert queued["TranscriptionJobStatus"] == "QUEUED"
    aws.finish("job")
    detail = {"TranscriptionJobName": "job", "TranscriptionJobStatus": "COMPLETED"}
    assert aws.events == [("Transcribe Job State Change", detail)]
    assert aws.objects.keys["tmp/acme/call/job.json"] == key


def test_items_rebuild_the_transcript_and_speakers_are_merged_past_the_most() -> None:
    aws = bench()
    start(aws, Settings={"ShowSpeakerLabels": True, "MaxSpeakerLabels": 2})
    aws.finish("job")
    document = aws.document("tmp/acme/call/job.json")
    results = document["results"]
    assert document["made_by"] == "localaws"
    assert "isRedacted" not in document
    assert rebuilt(results["items"]) == results["transcripts"][0]["transcript"]
    assert rebuilt(results["items"]) == " ".join(turn["text"] for turn in HEARD["turns"])
    assert results["speaker_labels"]["speakers"] == 2
    assert [s["speaker_label"] for s in results["audio_segments"]] == ["spk_0", "spk_1", "spk_1"]


def test_channels_hold_the_words_of_their_speaker_only() -> None:
    aws = bench()
    start(aws, Settings={"ChannelIdentification": True})
    aws.finish("job")
    channels = aws.document("tmp/acme/call/job.json")["results"]["channel_labels"]["channels"]
    assert [rebuilt(channel["items"])[:8] for channel in channels] == ["Hello, m", "My parce"]


def test_redaction_masks_a_name_as_one_word_and_says_so() -> None:
    aws = bench()
    start(aws, ContentRedaction=REDACTED)
    aws.finish("job")
    document = aws.document("tmp/acme/call/redacted-job.json")
    assert document["isRedacted"] is True
    assert "Jane" not in json.dumps(document)
    masked = [i for i in document["results"]["items"] if "redactions" in i["alternatives"][0]]
    assert [i["alternatives"][0]["redactions"][0]["type"] for i in masked] == ["NAME"]


def test_subtitles_are_written_beside_the_result() -> None:
    aws = bench()
    start(aws, Subtitles={"Formats": ["vtt", "srt"], "OutputStartIndex": 1})
    job = aws.finish("job")
    text = aws.objects.stored["out-bucket", "tmp/acme/call/job.vtt"].decode()
    assert text.startswith("WEBVTT\n\n1\n00:00:00.000 --> 00:00:03.000\nHello, my name is Jane")
    assert len(job["Subtitles"]["SubtitleFileUris"]) == 2


def test_the_prepared_language_is_the_one_identified() -> None:
    aws = bench()
    start(aws, LanguageCode=None, IdentifyLanguage=True, LanguageOptions=["de-DE", "en-US"])
    assert aws.finish("job")["LanguageCode"] == "en-US"


def test_call_analytics_gives_roles_figures_and_insights() -> None:
    aws = bench()
    start_calls(aws)
    job = aws.finish("job", "CallAnalyticsJob")
    assert job["LanguageCode"] == "en-US"
    assert aws.events[0][0] == "Call Analytics Job State Change"
    document = aws.document("tmp/acme/call/analytics/job.json")
    roles = [turn["ParticipantRole"] for turn in document["Transcript"]]
    assert roles == ["AGENT", "CUSTOMER", "CUSTOMER"]
    figures = document["ConversationCharacteristics"]
    assert figures["TotalConversationDurationMillis"] == 11_000
    assert figures["TalkTime"]["DetailsByParticipant"]["CUSTOMER"]["TotalTimeMillis"] == 6_500
    assert figures["NonTalkTime"]["TotalTimeMillis"] == 0
    issue = document["Transcript"][1]
    offsets = issue["IssuesDetected"][0]["CharacterOffsets"]
    found = issue["Content"][offsets["Begin"] : offsets["End"]]
    assert found == "My parcel was lost, is it"


def test_an_interruption_and_a_silence_are_counted() -> None:
    turns = [
        {"party": "agent", "start": 0.0, "end": 5.0, "text": "Let me explain it."},
        {"party": "customer", "start": 2.0, "end": 6.0, "text": "No, it is wrong."},
        {"party": "agent", "start": 9.5, "end": 11.0, "text": "I see."},
    ]
    aws = bench()
    start_calls(aws, Media={"MediaFileUri": aws.land("b.wav", wav(), {"turns": turns})})
    aws.finish("job", "CallAnalyticsJob")
    found = aws.document("tmp/acme/call/analytics/job.json")["ConversationCharacteristics"]
    assert found["Interruptions"]["TotalCount"] == 1
    assert list(found["Interruptions"]["InterruptionsByInterrupter"]) == ["CUSTOMER"]
    assert found["NonTalkTime"]["TotalTimeMillis"] == 3_500


def test_redacted_call_analytics_lies_in_its_own_folder() -> None:
    aws = bench()
    start_calls(aws, Settings={"LanguageOptions": ["en-US"], "ContentRedaction": REDACTED})
    job = aws.finish("job", "CallAnalyticsJob")
    assert list(job["Transcript"]) == ["RedactedTranscriptFileUri"]
    document = aws.document("tmp/acme/call/redacted-analytics/job.json")
    assert document["ContentMetadata"]["Output"] == "Redacted"
    assert document["Transcript"][0]["Content"] == "Hello, my name is [PII]."


def rebuilt(items: list[dict[str, Any]]) -> str:
    text = ""
    for item in items:
        glue = "" if item["type"] == "punctuation" or not text else " "
        text += glue + item["alternatives"][0]["content"]
    return text
