"""Every envelope gives its records, and a bad record fails alone."""

import json
import logging

import pytest

from contracts.errors import Rejected, TryAgain
from ingestion.batches import Done, answer
from ingestion.events import JobEnded, ObjectCreated, TranscriptReady, read_messages, read_records
from ingestion.settings import load_settings

S3_RECORD = {"s3": {"bucket": {"name": "b"}, "object": {"key": "acme/audio/a+b%C3%A4.wav"}}}


def created(key: str) -> dict:
    detail = {"bucket": {"name": "b"}, "object": {"key": key}}
    return {"source": "aws.s3", "detail-type": "Object Created", "detail": detail}


def sqs(*bodies: object) -> dict:
    return {
        "Records": [
            {"eventSource": "aws:sqs", "messageId": f"m{number}", "body": json.dumps(body)}
            for number, body in enumerate(bodies)
        ]
    }


def job_event(kind: str, **detail: str) -> dict:
    return {"source": "aws.transcribe", "detail-type": kind, "detail": detail}


@pytest.mark.parametrize(
    ("body", "records"),
    [
        (created("acme/audio/a b.wav"), [ObjectCreated("b", "acme/audio/a b.wav")]),
        (
            created("acme/audio/a+%3A.wav"),
            [ObjectCreated("b", "acme/audio/a+%3A.wav", "acme/audio/a :.wav")],
        ),
        ({"Records": [S3_RECORD, S3_RECORD]}, [ObjectCreated("b", "acme/audio/a bä.wav")] * 2),
        (
            {"Type": "Notification", "Message": json.dumps(created("k"))},
            [ObjectCreated("b", "k")],
        ),
        (
            {"Records": [{"Sns": {"Message": json.dumps(created("k"))}}]},
            [ObjectCreated("b", "k")],
        ),
        (
            job_event(
                "Transcribe Job State Change",
                TranscriptionJobName="j",
                TranscriptionJobStatus="COMPLETED",
            ),
            [JobEnded("standard", "j")],
        ),
        (
            job_event("Call Analytics Job State Change", JobName="j", JobStatus="FAILED"),
            [JobEnded("call_analytics", "j")],
        ),
        (job_event("Language Identification State Change", JobName="j", JobStatus="COMPLETED"), []),
        ({"Event": "s3:TestEvent"}, []),
        ({"tenant_id": "acme", "call_id": "c"}, [TranscriptReady("acme", "c")]),
    ],
)
def test_every_envelope_gives_its_records(body, records):
    assert list(read_records(body)) == records
    ((message),) = read_messages(sqs(body))
    assert list(read_records(message.body)) == records


def test_a_bad_record_fails_alone_and_each_leaves_one_line(caplog):
    def take(record: object) -> Done:
        if record == ObjectCreated("b", "bad"):
            raise TryAgain("tenant acme, call c: not yet")
        return Done("taken", "acme", "c")

    with caplog.at_level(logging.INFO, "cci-lite"):
        response = answer(sqs(created("good"), created("bad"), "no object"), "test", take)
    assert response == {"batchItemFailures": [{"itemIdentifier": "m1"}, {"itemIdentifier": "m2"}]}
    lines = [json.loads(record.message) for record in caplog.records]
    outcomes = sorted(line["outcome"] for line in lines)
    assert outcomes == ["failed", "failed", "taken"]
    taken = next(line for line in lines if line["outcome"] == "taken")
    assert {"tenant_id", "call_id", "elapsed_ms", "stage"} <= taken.keys()


def test_a_foreign_failure_tells_its_type_but_not_its_message(caplog):
    def take(_: object) -> Done:
        raise ZeroDivisionError("the caller said 4929")

    with caplog.at_level(logging.INFO, "cci-lite"):
        answer(sqs(created("k")), "test", take)
    assert "ZeroDivisionError" in caplog.text
    assert "4929" not in caplog.text


def test_a_bare_event_raises_its_failure():
    def take(_: object) -> Done:
        raise Rejected("unreadable_key", "x")

    with pytest.raises(Rejected):
        answer(created("k"), "test", take)


def test_all_missing_settings_are_named_at_once():
    with pytest.raises(RuntimeError) as missing:
        load_settings({"CCI_INPUT_BUCKET": "b"})
    assert "CCI_LEDGER_TABLE" in str(missing.value)
    assert "CCI_RESULTS_BUCKET" in str(missing.value)
    assert "CCI_INPUT_BUCKET" not in str(missing.value)
