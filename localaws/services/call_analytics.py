"""StartCallAnalyticsJob -> a job whose result lies below `analytics/` or `redacted-analytics/`."""

import json
from collections.abc import Sequence
from typing import Any, Final

from localaws.errors import ApiError, not_implemented
from localaws.services.call_analytics_output import call_analytics_document
from localaws.services.call_categories import matched
from localaws.services.jobs import Family
from localaws.services.media import Unusable
from localaws.services.objects import Encryption, Place
from localaws.services.recordings import Recording, load_recording
from localaws.services.spoken_words import SpokenTurn, filtered, spoken_turns
from localaws.services.transcribe_lists import categories, list_settings
from localaws.services.transcribe_requests import (
    Surroundings,
    check_media,
    check_result,
    fail_when_asked,
    masked_kinds,
    media_place,
    refuse,
    s3_place,
    spoiled,
    written_forms,
)

FAMILY: Final = Family("CallAnalyticsJob", "Call Analytics Job State Change", "Job")
LANGUAGES: Final = frozenset([
    "en-US", "en-GB", "en-AU", "en-IE", "en-IN", "en-AB", "en-WL", "es-US", "es-ES", "de-DE",
    "de-CH", "fr-FR", "fr-CA", "it-IT", "pt-PT", "pt-BR", "ar-AE", "hi-IN", "ja-JP", "ko-KR",
    "zh-CN",
])  # fmt: skip
REDACTED_LANGUAGES: Final = frozenset(["en-US"])
_UNBUILT: Final = {
    "LanguageModelName": "custom language models",
    "LanguageIdSettings": "language models",
    "Summarization": "a summarising model",
}
_KEPT: Final = ("Media", "DataAccessRoleArn", "Settings", "ChannelDefinitions", "Tags")


def start(request: dict[str, Any], around: Surroundings) -> dict[str, Any]:
    """Queue the job and return it; raise ApiError for what AWS refuses on arrival."""
    _check_start(request)
    options = request.get("Settings", {})
    languages = options.get("LanguageOptions", [])
    language = languages[0] if len(languages) == 1 else None
    sieve = list_settings("StartCallAnalyticsJob", options, language, around.caller)
    place = media_place(request["Media"])
    check_media(around.objects, place)
    fields = {field: request[field] for field in _KEPT if field in request}

    def work() -> dict[str, Any]:
        fail_when_asked("StartCallAnalyticsJob", request["CallAnalyticsJobName"])
        recording = load_recording(around.objects, place, around.settings)
        return _write(request, recording, around, sieve)

    return around.jobs.start(request["CallAnalyticsJobName"], fields, work)


def _check_start(request: dict[str, Any]) -> None:
    options = request.get("Settings", {})
    refuse("StartCallAnalyticsJob", options, _UNBUILT)
    location = request.get("OutputLocation")
    if location is None or location.endswith(".json"):
        needs = "OutputLocation as s3://bucket/folder/: where AWS puts the other forms is unknown"
        raise not_implemented("transcribe", "StartCallAnalyticsJob(OutputLocation)", needs)
    s3_place(location)
    languages = options.get("LanguageOptions", [])
    wrong = sorted(set(languages) - LANGUAGES)
    if wrong:
        raise _bad(f"Call Analytics does not support {', '.join(wrong)}.")
    identified = languages if len(languages) == 1 else ["identified languages"]
    if "ContentRedaction" in options and identified[0] not in REDACTED_LANGUAGES:
        raise _bad(f"Content redaction is not supported for {identified[0]}.")
    _check_channels(request.get("ChannelDefinitions", []))


def _check_channels(definitions: list[dict[str, Any]]) -> None:
    channels = sorted(definition.get("ChannelId", -1) for definition in definitions)
    roles = sorted(definition.get("ParticipantRole", "") for definition in definitions)
    if channels != [0, 1] or roles != ["AGENT", "CUSTOMER"]:
        raise _bad("ChannelDefinitions must name channels 0 and 1, one AGENT and one CUSTOMER.")


def _bad(message: str) -> ApiError:
    return ApiError("BadRequestException", message)


def _write(
    request: dict[str, Any],
    recording: Recording,
    around: Surroundings,
    sieve: tuple[list[str], str],
) -> dict[str, Any]:
    """Write every form asked for; return what the finished job tells about itself."""
    if recording.media.channels == 1:
        raise Unusable("Invalid number of channels: Call Analytics needs two channels.")
    check_result(recording, "Transcript", "Call Analytics")
    options = request.get("Settings", {})
    redaction = options.get("ContentRedaction")
    language = _language(options.get("LanguageOptions", []), recording)
    uris: dict[str, str] = {}
    for is_redacted in written_forms(redaction):
        masked = masked_kinds(redaction) if is_redacted else frozenset[str]()
        turns = filtered(spoken_turns(recording.speech, masked), *sieve)
        body = recording.result or _rendered(request, turns, around, language, masked)
        body = spoiled("StartCallAnalyticsJob", request["CallAnalyticsJobName"], body)
        field = "RedactedTranscriptFileUri" if is_redacted else "TranscriptFileUri"
        uris[field] = _put(request, body, around, "redacted-analytics" if masked else "analytics")
    media = recording.media
    rate = {} if media.sample_rate is None else {"MediaSampleRateHertz": media.sample_rate}
    return {"Transcript": uris, "LanguageCode": language, "MediaFormat": media.format, **rate}


def _language(options: list[str], recording: Recording) -> str:
    """Return the one language named, else the one prepared, else the first of the options."""
    known = recording.speech.language
    if recording.result is not None:
        known = json.loads(recording.result).get("LanguageCode")
    if len(options) == 1 or (options and known not in options):
        return options[0]
    return known or "en-US"


def _rendered(
    request: dict[str, Any],
    turns: Sequence[SpokenTurn],
    around: Surroundings,
    language: str,
    masked: frozenset[str],
) -> bytes:
    roles = {row["ChannelId"]: row["ParticipantRole"] for row in request["ChannelDefinitions"]}
    name, account = request["CallAnalyticsJobName"], around.caller.account
    job = {"name": name, "account": account, "language": language}
    document = call_analytics_document(job, turns, roles, redacted=bool(masked))
    document["Categories"] = matched(document, categories(around.caller))
    return json.dumps(document).encode()


def _put(request: dict[str, Any], body: bytes, around: Surroundings, folder: str) -> str:
    bucket, prefix = s3_place(request["OutputLocation"])
    base = f"{prefix.rstrip('/')}/" if prefix else ""
    place = Place(bucket, f"{base}{folder}/{request['CallAnalyticsJobName']}.json")
    encryption = Encryption(request.get("OutputEncryptionKMSKeyId"))
    around.objects.write(place, body, "application/json", encryption)
    return around.uri(place)
