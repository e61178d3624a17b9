"""Faults: which are taken, whom they strike, what a struck job or event comes to."""

from collections.abc import Iterator
from typing import Any

import pytest

from localaws.errors import ApiError
from localaws.services import event_faults, faults
from tests.support.transcribe_bench import bench, wav

THROTTLE = {"kind": "throttle", "operation": "comprehend:Batch*"}
DROPPED = {
    "Source": "aws.s3",
    "DetailType": "Object Created",
    "Detail": '{"bucket": {"name": "in"}, "object": {"key": "acme/audio/a.wav"}}',
}


@pytest.fixture(autouse=True)
def no_faults() -> Iterator[None]:
    faults.clear()
    yield
    faults.clear()


def strikes(number: int) -> list[bool]:
    asked = ("comprehend:BatchDetectSentiment", "x")
    return [faults.struck(faults.ANSWERS, *asked) is not None for _ in range(number)]


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ({}, [True, True, True, True]),
        ({"first": 2}, [True, True, False, False]),
        ({"every": 2}, [False, True, False, True]),
    ],
)
def test_a_fault_strikes_the_first_n_or_every_nth(
    which: dict[str, int], expected: list[bool]
) -> None:
    faults.add({**THROTTLE, **which})
    assert strikes(4) == expected
    assert faults.listed()[0]["met"] == 4
    assert faults.listed()[0]["struck"] == sum(expected)


def test_another_operation_or_resource_is_neither_struck_nor_counted() -> None:
    faults.add({**THROTTLE, "resource": "acme/*"})
    assert faults.struck(faults.ANSWERS, "comprehend:DetectSentiment", "acme/1") is None
    assert faults.struck(faults.ANSWERS, "comprehend:BatchDetectSentiment", "acme-uk/1") is None
    assert faults.struck(faults.EVENTS, "comprehend:BatchDetectSentiment", "acme/1") is None
    assert faults.listed()[0]["met"] == 0


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        ({"kind": "throttle"}, "operation must name"),
        ({"kind": "rain", "operation": "s3:*"}, "kind must be one of"),
        ({**THROTTLE, "often": 3}, "unknown field often"),
        ({**THROTTLE, "first": 1, "every": 2}, "exclude each other"),
        ({**THROTTLE, "first": 0}, "whole number from 1"),
        ({**THROTTLE, "every": True}, "whole number from 1"),
        ({**THROTTLE, "seconds": 601}, "from 0 to 600"),
        ({"kind": "failed_job", "operation": "glue:StartJobRun"}, "would never fail"),
        ({"kind": "event_lost", "operation": "transcribe:Start*"}, "would never fail"),
        ({"kind": "cut_json", "operation": "s3:PutObject"}, "would never fail"),
    ],
)
def test_what_is_no_fault_is_refused_with_what_to_write(
    request_: dict[str, Any], word: str
) -> None:
    with pytest.raises(ApiError, match=word) as refused:
        faults.add(request_)
    assert refused.value.code == "ValidationException"
    assert faults.listed() == []


def test_one_fault_is_cleared_by_its_number_and_an_unknown_one_is_refused() -> None:
    first, second = faults.add(THROTTLE), faults.add(THROTTLE)
    assert faults.clear(first["id"]) == 1
    assert [fault["id"] for fault in faults.listed()] == [second["id"]]
    with pytest.raises(ApiError, match="no fault"):
        faults.clear(first["id"])


def test_a_struck_job_is_failed_with_the_reason_and_the_next_is_not() -> None:
    faults.add(
        {
            "kind": "failed_job",
            "operation": "transcribe:StartTranscriptionJob",
            "resource": "acme-*",
            "reason": "The media could not be decoded.",
        }
    )
    aws = bench()
    media = {"MediaFileUri": aws.land("a.wav", wav())}
    for name in ("acme-1", "other-1"):
        aws.call(
            "StartTranscriptionJob",
            TranscriptionJobName=name,
            LanguageCode="en-US",
            Media=media,
            OutputBucketName="out-bucket",
        )
    failed = aws.finish("acme-1")
    assert (failed["TranscriptionJobStatus"], failed["FailureReason"]) == (
        "FAILED",
        "The media could not be decoded.",
    )
    assert aws.finish("other-1")["TranscriptionJobStatus"] == "COMPLETED"
    assert ("out-bucket", "acme-1.json") not in aws.objects.stored


@pytest.mark.parametrize(("kind", "times"), [("event_lost", 0), ("event_doubled", 2)])
def test_an_event_is_lost_or_delivered_twice(kind: str, times: int) -> None:
    delivered: list[dict[str, Any]] = []
    dispatch = event_faults.in_front_of(lambda event, _view: delivered.append(event))
    faults.add(
        {"kind": kind, "operation": "aws.s3:Object Created", "resource": "in/acme/*", "first": 1}
    )
    dispatch(DROPPED)
    assert delivered == [DROPPED] * times
    dispatch(DROPPED)
    assert delivered == [DROPPED] * (times + 1)


@pytest.mark.parametrize(
    ("event", "resource"),
    [
        (DROPPED, "in/acme/audio/a.wav"),
        ({"Detail": '{"TranscriptionJobName": "acme-1"}'}, "acme-1"),
        ({"Detail": '{"JobName": "acme-2"}'}, "acme-2"),
        ({"Detail": "{}", "Resources": ["arn:x"]}, "arn:x"),
    ],
)
def test_an_event_is_named_by_what_it_is_about(event: dict[str, Any], resource: str) -> None:
    assert event_faults.resource_of(event) == resource
