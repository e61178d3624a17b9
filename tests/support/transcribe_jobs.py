"""Jobs of both of Transcribe's families on a bench, and the call they hear."""

from typing import Any

from tests.support.transcribe_bench import Bench, wav

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
    """Start a transcription of HEARD; a field given as None is left out."""
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
    """Start a Call Analytics job on HEARD."""
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
