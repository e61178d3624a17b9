"""Transcribe's two families: what is refused, where results lie, what they hold."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from localaws.errors import ApiError
from localaws.services.media import probe
from localaws.services.speech import STAND_IN
from tests.support.transcribe_bench import Bench, bench, wav

REAL = Path(__file__).parents[4].parent / "shared/real"
HEARD: dict[str, Any] = {
    "language": "en-US",
    "turns": [
        {"party": "agent", "start": 0.0, "end": 3.0, "text": "Hello, my name is Jane Roe."},
        {"party": "customer", "start": 4.0, "end": 8.0, "text": "My parcel was lost, is it? No."},
        {"party": "colleague", "start": 8.5, "end": 11.0, "text": "I will send it at 5.30 today."},
    ],
}
ROLES = [
    {"ChannelId": 0, "ParticipantRole": "AGENT"},
    {"ChannelId": 1, "ParticipantRole": "CUSTOMER"},
]
REDACTED = {"RedactionType": "PII", "RedactionOutput": "redacted"}


def start(aws: Bench, name: str = "job", **more: Any) -> dict[str, Any]:
    request: dict[str, Any] = {
        "TranscriptionJobName": name,
        "LanguageCode": "en-US",
        "OutputBucketName": "out-bucket",
        "OutputKey": "tmp/acme/call/",
        **more,
    }
    if "Media" not in request:
        request["Media"] = {"MediaFileUri": aws.land("a.wav", wav(), HEARD)}
    return aws.call("StartTranscriptionJob", **{k: v for k, v in request.items() if v is not None})


def start_calls(aws: Bench, name: str = "job", **more: Any) -> dict[str, Any]:
    request: dict[str, Any] = {
        "CallAnalyticsJobName": name,
        "OutputLocation": "s3://out-bucket/tmp/acme/call/",
        "Settings": {"LanguageOptions": ["en-US"]},
        "ChannelDefinitions": ROLES,
        **more,
    }
    if "Media" not in request:
        request["Media"] = {"MediaFileUri": aws.land("a.wav", wav(), HEARD)}
    return aws.call("StartCallAnalyticsJob", **request)


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ({"name": "a b"}, "pattern"),
        ({"name": "x" * 201}, "length"),
        ({"OutputKey": "tmp/ä/"}, "pattern"),
        ({"LanguageCode": "en-XX"}, "enum"),
        ({"Notifications": []}, "Unknown parameter"),
        ({"Media": {"MediaFileUri": "s3://in-bucket/nothing.wav"}}, "can't be accessed"),
        ({"LanguageCode": None}, "exactly one"),
        ({"IdentifyLanguage": True}, "exactly one"),
        (
            {"LanguageCode": None, "IdentifyLanguage": True, "ContentRedaction": REDACTED},
            "redaction",
        ),
        ({"LanguageCode": "en-GB", "ContentRedaction": REDACTED}, "redaction"),
        ({"Settings": {"ShowSpeakerLabels": True}}, "together"),
        ({"Settings": {"MaxSpeakerLabels": 31, "ShowSpeakerLabels": True}}, "less than"),
    ],
)
def test_a_planted_fault_of_a_request_is_refused_on_arrival(
    fault: dict[str, Any], word: str
) -> None:
    with pytest.raises(ApiError, match=word) as refused:
        start(bench(), **fault)
    assert refused.value.code == "BadRequestException"


@pytest.mark.parametrize(
    "fault",
    [
        {"Settings": {"LanguageOptions": ["en-GB"], "ContentRedaction": REDACTED}},
        {"Settings": {"LanguageOptions": ["sv-SE"]}},
        {"ChannelDefinitions": [ROLES[0], ROLES[0]]},
        {"DataAccessRoleArn": "arn:aws:iam::123456789012:user/nobody-at-all"},
    ],
)
def test_a_planted_fault_of_a_call_analytics_request_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as refused:
        start_calls(bench(), **fault)
    assert refused.value.code == "BadRequestException"


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("CreateLanguageModel", {"ModelName": "x"}),
        ("StartMedicalTranscriptionJob", {}),
        ("ListTagsForResource", {}),
        ("ListMedicalVocabularies", {}),
    ],
)
def test_an_operation_nobody_built_is_refused_by_name(
    operation: str, request_: dict[str, Any]
) -> None:
    with pytest.raises(ApiError, match=operation) as refused:
        bench().call(operation, **request_)
    assert refused.value.status == 501


@pytest.mark.parametrize(
    "more",
    [
        {"Settings": {"ShowAlternatives": True, "MaxAlternatives": 2}},
        {"OutputBucketName": None, "OutputKey": None},
        {"Media": {"MediaFileUri": "https://example.com/a.wav"}},
    ],
)
def test_what_would_change_the_result_unseen_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as refused:
        start(bench(), **more)
    assert refused.value.status == 501


def test_a_used_name_is_a_conflict_and_a_deleted_one_is_free_again() -> None:
    aws = bench()
    start(aws)
    aws.finish("job")
    with pytest.raises(ApiError) as refused:
        start(aws)
    assert refused.value.code == "ConflictException"
    aws.call("DeleteTranscriptionJob", TranscriptionJobName="job")
    with pytest.raises(ApiError) as unknown:
        aws.call("GetTranscriptionJob", TranscriptionJobName="job")
    assert unknown.value.code == "NotFoundException"
    start(aws)


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


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "zero"),
        (b"<html>not found</html>", "Unsupported media format"),
        (wav(0.0), "holds no sound"),
        (wav(1.0, channels=4), "channels too large"),
        (wav(1.0, rate=4_000), "sample rate"),
    ],
)
def test_what_is_no_recording_fails_the_job_with_a_reason(body: bytes, reason: str) -> None:
    aws = bench()
    start(aws, Media={"MediaFileUri": aws.land("a.wav", body)})
    job = aws.finish("job")
    assert job["TranscriptionJobStatus"] == "FAILED"
    assert reason in job["FailureReason"]
    assert aws.events[0][1]["FailureReason"] == job["FailureReason"]


def test_a_stated_format_must_be_the_real_one() -> None:
    aws = bench()
    start(aws, MediaFormat="flac")
    assert "does not match" in aws.finish("job")["FailureReason"]


def test_call_analytics_refuses_one_channel() -> None:
    aws = bench()
    start_calls(aws, Media={"MediaFileUri": aws.land("m.wav", wav(channels=1), HEARD)})
    assert "two channels" in aws.finish("job", "CallAnalyticsJob")["FailureReason"]


def test_an_unknown_recording_is_marked_and_the_same_each_time() -> None:
    texts = []
    for name in ("one", "two"):
        aws = bench()
        start(aws, name, Media={"MediaFileUri": aws.land("a.wav", wav(30.0))})
        aws.finish(name)
        texts.append(aws.document(f"tmp/acme/call/{name}.json")["results"]["audio_segments"])
    assert texts[0] == texts[1]
    assert texts[0][0]["transcript"] == STAND_IN
    assert float(texts[0][-1]["end_time"]) <= 30.0


def test_an_unknown_recording_fails_where_that_was_chosen() -> None:
    aws = bench(LOCALAWS_UNKNOWN_RECORDING="fail")
    start(aws, Media={"MediaFileUri": aws.land("a.wav", wav())})
    assert "No transcript was prepared" in aws.finish("job")["FailureReason"]


def test_a_result_to_replay_is_stored_byte_for_byte(tmp_path: Path) -> None:
    result = b'{"jobName": "other",  "results": {}, "status": "COMPLETED"}\n'
    (tmp_path / "result.json").write_bytes(result)
    (tmp_path / "index.json").write_text('{"a.wav": "result.json"}')
    aws = bench(LOCALAWS_REPLAY=os.fspath(tmp_path))
    start(aws)
    aws.finish("job")
    assert aws.objects.stored["out-bucket", "tmp/acme/call/job.json"] == result
    start_calls(aws, "calls")
    assert "no Transcript" in aws.finish("calls", "CallAnalyticsJob")["FailureReason"]


def test_turns_to_replay_are_rendered(tmp_path: Path) -> None:
    (tmp_path / "turns.json").write_text(json.dumps(HEARD))
    (tmp_path / "index.json").write_text('{"z.wav": "turns.json"}')
    aws = bench(LOCALAWS_REPLAY=os.fspath(tmp_path))
    start(aws, Media={"MediaFileUri": aws.land("z.wav", wav())})
    aws.finish("job")
    assert aws.document("tmp/acme/call/job.json")["results"]["items"]


def test_an_unreadable_side_car_fails_the_job_and_names_the_file() -> None:
    aws = bench()
    uri = aws.land("a.wav", wav(), {"turns": [{"party": "agent", "text": "no times"}]})
    start(aws, Media={"MediaFileUri": uri})
    assert "a.wav.transcript.json" in aws.finish("job")["FailureReason"]


def test_a_job_the_server_died_on_is_failed_when_somebody_asks() -> None:
    aws = bench()
    start(aws)
    aws.finish("job")
    key = next(iter(aws.store))
    aws.store[key]["TranscriptionJobStatus"] = "IN_PROGRESS"
    job = aws.call("GetTranscriptionJob", TranscriptionJobName="job")["TranscriptionJob"]
    assert job["TranscriptionJobStatus"] == "FAILED"
    assert "stopped" in job["FailureReason"]


def test_lists_page_newest_first_and_keep_the_families_apart() -> None:
    aws = bench()
    for number in range(5):
        start(aws, f"job-{number}")
        aws.finish(f"job-{number}")
    start_calls(aws, "job-calls")
    aws.finish("job-calls", "CallAnalyticsJob")
    names, token = [], {}
    while True:
        page = aws.call("ListTranscriptionJobs", MaxResults=2, Status="COMPLETED", **token)
        names += [row["TranscriptionJobName"] for row in page["TranscriptionJobSummaries"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert names == [f"job-{number}" for number in (4, 3, 2, 1, 0)]
    calls = aws.call("ListCallAnalyticsJobs", JobNameContains="CALLS")["CallAnalyticsJobSummaries"]
    assert [row["CallAnalyticsJobName"] for row in calls] == ["job-calls"]
    assert aws.call("ListTranscriptionJobs", Status="FAILED")["TranscriptionJobSummaries"] == []


@pytest.mark.skipif(not REAL.exists(), reason="needs shared/real")
def test_real_recordings_have_their_real_length() -> None:
    lengths = {round(probe(path.read_bytes()).seconds, 2) for path in REAL.rglob("*.wav")}
    assert {45.3, 141.73, 277.66} <= lengths


def rebuilt(items: list[dict[str, Any]]) -> str:
    text = ""
    for item in items:
        glue = "" if item["type"] == "punctuation" or not text else " "
        text += glue + item["alternatives"][0]["content"]
    return text
