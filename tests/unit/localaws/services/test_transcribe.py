"""Transcribe's two families: what is refused, which jobs are kept and listed."""

from typing import Any

import pytest

from localaws.errors import ApiError
from tests.support.transcribe_bench import bench
from tests.support.transcribe_jobs import REDACTED, ROLES, start, start_calls


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
