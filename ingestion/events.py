"""Lambda events of every envelope -> messages with the records they carry.

SQS wraps EventBridge, S3 notifications, SNS (raw or not) and our own messages; each may also arrive
bare. S3 notifications write keys URL-encoded, EventBridge writes them as they are (sources.md §1).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from contracts.errors import Rejected
from ingestion.ports import Api

_JOB_EVENTS: Mapping[str, tuple[Api, str, str]] = {
    "Transcribe Job State Change": ("standard", "TranscriptionJobName", "TranscriptionJobStatus"),
    "Call Analytics Job State Change": ("call_analytics", "JobName", "JobStatus"),
}


@dataclass(frozen=True, slots=True)
class ObjectCreated:
    """An object was written: look at this key (or at `other_key` when it is not there)."""

    bucket: str
    key: str
    other_key: str | None = None


@dataclass(frozen=True, slots=True)
class JobEnded:
    """A Transcribe job changed its state; Get…Job says to which."""

    api: Api
    name: str


@dataclass(frozen=True, slots=True)
class TranscriptReady:
    """Our own message: a call waits for its analysis. Untrusted until the ledger agrees."""

    tenant_id: str
    call_id: str


Record = ObjectCreated | JobEnded | TranscriptReady


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery; its id is what a partial batch response names (empty when not from SQS)."""

    message_id: str
    body: Mapping[str, Any]


def read_messages(event: Mapping[str, Any]) -> list[Message]:
    """Return the messages of a Lambda event, their bodies still unread beyond JSON."""
    records = event.get("Records")
    if isinstance(records, list) and records and records[0].get("eventSource") == "aws:sqs":
        return [Message(record["messageId"], _decode(record["body"])) for record in records]
    return [Message("", event)]


def read_records(body: Mapping[str, Any]) -> Iterator[Record]:
    """Yield every record of one message; test events and foreign kinds of job event yield none.

    Raise Rejected `unreadable_message` for a body that is none of the known envelopes.
    """
    if body.get("Type") == "Notification" and "Message" in body:
        yield from read_records(_decode(body["Message"]))
    elif isinstance(body.get("Records"), list):
        for record in body["Records"]:
            yield from _one_notification(record)
    elif "detail-type" in body:
        yield from _one_event(body)
    elif {"tenant_id", "call_id"} <= body.keys():
        yield TranscriptReady(str(body["tenant_id"]), str(body["call_id"]))
    elif body.get("Event") != "s3:TestEvent":
        raise Rejected("unreadable_message", f"keys {sorted(body)[:8]}: no envelope we know")


def _one_notification(record: Mapping[str, Any]) -> Iterator[Record]:
    if "Sns" in record:
        yield from read_records(_decode(record["Sns"]["Message"]))
    else:
        s3 = record["s3"]
        yield ObjectCreated(s3["bucket"]["name"], unquote_plus(s3["object"]["key"]))


def _one_event(event: Mapping[str, Any]) -> Iterator[Record]:
    kind, detail = event["detail-type"], event["detail"]
    if kind == "Object Created":
        key = detail["object"]["key"]
        decoded = unquote_plus(key)
        yield ObjectCreated(detail["bucket"]["name"], key, decoded if decoded != key else None)
    elif kind in _JOB_EVENTS:
        api, name, status = _JOB_EVENTS[kind]
        if detail.get(status) in ("COMPLETED", "FAILED"):
            yield JobEnded(api, detail[name])


def _decode(text: str) -> Mapping[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"unreadable": ""}
