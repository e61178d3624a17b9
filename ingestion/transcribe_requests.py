"""A recording -> what to ask Transcribe for it.

Call Analytics for two true channels in a language it knows, else a standard job; redaction where it
is supported. botocore checks neither patterns nor maxima, so names, keys and ARNs are checked here.
Source: sources.md §3; `Notifications` does not exist.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from contracts.call_ids import CALL_ID
from contracts.keys import WorkKey
from contracts.ledger import Call
from ingestion.ports import Api
from ingestion.settings import Settings

_LANGUAGES: Final = tomllib.loads(
    Path(__file__).with_name("languages.toml").read_text(encoding="utf-8")
)
_JOB_NAME: Final = re.compile(r"[0-9a-zA-Z._-]{1,200}")
_OUR_JOB: Final = re.compile(rf"(?P<call_id>{CALL_ID.pattern})(?:\.r\d+)?\.\d+")
_OUTPUT_KEY: Final = re.compile(r"[a-zA-Z0-9\-_.!*'()/]{1,1024}")
_MEDIA_KEY: Final = re.compile(r"[0-9A-Za-z/._-]+")
_ROLE_ARN: Final = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/.+")
_MAX_SPEAKERS: Final = 4


@dataclass(frozen=True, slots=True)
class Recording:
    """What is asked about: where it lies and what the probe, metadata and tenant say of it.

    `language` None asks for identification, which rules redaction out.
    """

    media_uri: str
    media_format: str
    channel_count: int | None
    language: str | None
    agent_channel: int = 0


def needs_copy(key: str) -> bool:
    """Return whether a key holds characters whose encoding in a media URI is not certain."""
    return _MEDIA_KEY.fullmatch(key) is None


def job_name(call: Call) -> str:
    """Return the name of this attempt's job; a revision of the call has names of its own."""
    revision = f".r{call.revision}" if call.revision > 1 else ""
    return f"{call.call_id}{revision}.{call.attempt}"


def call_id_of(name: str) -> str | None:
    """Return the call a job name points at, for the ledger to confirm; None for foreign jobs."""
    found = _OUR_JOB.fullmatch(name)
    return found["call_id"] if found else None


def choose_api(recording: Recording) -> Api:
    """Return which of the two kinds of job this recording gets; never both."""
    is_known = _supports(recording.language, "call_analytics")
    return "call_analytics" if recording.channel_count == 2 and is_known else "standard"


def build_request(
    recording: Recording, call: Call, name: str, settings: Settings
) -> dict[str, Any]:
    """Return the arguments of the start call of `choose_api(recording)`.

    Raise ValueError naming tenant, call and argument when a checked pattern does not hold.
    """
    folder = str(WorkKey(call.tenant, call.call_id, ""))
    _check(call, "job name", name, _JOB_NAME)
    _check(call, "OutputKey", folder, _OUTPUT_KEY)
    if settings.transcribe_role_arn:
        _check(call, "DataAccessRoleArn", settings.transcribe_role_arn, _ROLE_ARN)
    build = _call_analytics if choose_api(recording) == "call_analytics" else _standard
    request = build(recording, name, folder, settings)
    request["Media"] = {"MediaFileUri": recording.media_uri}
    request["Tags"] = [
        {"Key": "tenant_id", "Value": call.tenant},
        {"Key": "call_id", "Value": call.call_id},
    ]
    if settings.kms_key_arn:
        request["OutputEncryptionKMSKeyId"] = settings.kms_key_arn
    return request


def _call_analytics(
    recording: Recording, name: str, folder: str, settings: Settings
) -> dict[str, Any]:
    options: dict[str, Any] = {"LanguageOptions": [recording.language]}
    if _supports(recording.language, "call_analytics_redaction"):
        options["ContentRedaction"] = _redaction()
    agent = recording.agent_channel
    request: dict[str, Any] = {
        "CallAnalyticsJobName": name,
        "OutputLocation": f"s3://{settings.results_bucket}/{folder}",
        "Settings": options,
        "ChannelDefinitions": [
            {"ChannelId": channel, "ParticipantRole": "AGENT" if channel == agent else "CUSTOMER"}
            for channel in (0, 1)
        ],
    }
    if settings.transcribe_role_arn:
        request["DataAccessRoleArn"] = settings.transcribe_role_arn
    return request


def _standard(recording: Recording, name: str, folder: str, settings: Settings) -> dict[str, Any]:
    is_stereo = recording.channel_count == 2
    request: dict[str, Any] = {
        "TranscriptionJobName": name,
        "MediaFormat": recording.media_format,
        "OutputBucketName": settings.results_bucket,
        "OutputKey": folder,
        "Settings": {"ChannelIdentification": True}
        if is_stereo
        else {"ShowSpeakerLabels": True, "MaxSpeakerLabels": _MAX_SPEAKERS},
    }
    if recording.language:
        request["LanguageCode"] = recording.language
    else:
        request["IdentifyLanguage"] = True
    if _supports(recording.language, "standard_redaction"):
        request["ContentRedaction"] = _redaction()
    if settings.transcribe_role_arn:
        request["JobExecutionSettings"] = {
            "AllowDeferredExecution": True,
            "DataAccessRoleArn": settings.transcribe_role_arn,
        }
    return request


def _redaction() -> dict[str, str]:
    # Only the redacted form: what is not written cannot leak.
    return {"RedactionType": "PII", "RedactionOutput": "redacted"}


def _supports(language: str | None, feature: str) -> bool:
    return bool(_LANGUAGES.get(language or "", {}).get(feature))


def _check(call: Call, what: str, value: str, pattern: re.Pattern[str]) -> None:
    if not pattern.fullmatch(value):
        raise ValueError(
            f"tenant {call.tenant}, call {call.call_id}: {what} {value!r} does not match "
            f"{pattern.pattern}: Transcribe would refuse it"
        )
