"""Transcribe requests -> jobs, and their results in S3 under AWS's keys: StartTranscriptionJob.

Call Analytics has its own module; both come in here, because they are one service. Requests are
checked on arrival, recordings when the job runs, as AWS does it.
"""

import json
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from localaws import events, settings, state
from localaws.caller import Caller
from localaws.errors import ApiError, not_implemented
from localaws.services import call_analytics
from localaws.services.jobs import Family, Jobs
from localaws.services.media import check_format
from localaws.services.objects import Encryption, Place, S3Objects
from localaws.services.recordings import Recording, load_recording
from localaws.services.request_checks import check_request
from localaws.services.spoken_words import SpokenTurn, filtered, spoken_turns
from localaws.services.transcribe_lists import answer_lists, is_about_lists, list_settings
from localaws.services.transcribe_output import Form, Labels, standard_document, subtitles
from localaws.services.transcribe_requests import (
    Surroundings,
    check_media,
    check_result,
    fail_when_asked,
    masked_kinds,
    media_place,
    refuse,
    spoiled,
    written_forms,
)

STANDARD: Final = Family("TranscriptionJob", "Transcribe Job State Change", "TranscriptionJob")
REDACTED_LANGUAGES: Final = frozenset(
    ["en-US", "es-US", "de-DE", "de-CH", "fr-FR", "fr-CA", "it-IT", "pt-PT", "pt-BR"]
)
_UNBUILT: Final = {
    "IdentifyMultipleLanguages": "several languages in one transcript",
    "LanguageIdSettings": "language models",
    "ModelSettings": "custom language models",
    "ToxicityDetection": "a toxicity model",
    "KMSEncryptionContext": "an encryption context of the output",
}
_UNBUILT_SETTINGS: Final = {"ShowAlternatives": "alternative transcripts"}
_KEPT: Final = (
    "LanguageCode",
    "MediaSampleRateHertz",
    "MediaFormat",
    "Media",
    "Settings",
    "JobExecutionSettings",
    "ContentRedaction",
    "IdentifyLanguage",
    "LanguageOptions",
    "Tags",
)
_NOT_IN_LISTS: Final = (
    "MediaSampleRateHertz",
    "MediaFormat",
    "Media",
    "Transcript",
    "Settings",
    "JobExecutionSettings",
    "LanguageOptions",
    "Tags",
    "Subtitles",
    "DataAccessRoleArn",
    "ChannelDefinitions",
)


def answer(operation: str, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Return Transcribe's answer; raise ApiError for what AWS refuses and what we lack."""
    found = settings.load()
    family = call_analytics.FAMILY if "CallAnalyticsJob" in operation else STANDARD
    jobs = Jobs(family, state.register("transcribe"), caller, events.emit, found.job_seconds)
    around = Surroundings(caller, S3Objects(caller), jobs, found)
    return answer_in(operation, request, around)


def answer_in(operation: str, request: dict[str, Any], around: Surroundings) -> dict[str, Any]:
    """Do what `answer` does, in given surroundings."""
    if is_about_lists(operation):
        check_request("transcribe", operation, request, "BadRequestException")
        return answer_lists(operation, request, around.caller, around.objects)
    family = around.jobs.family
    verb = operation.removesuffix("s").removesuffix(family.word)
    plural = operation.endswith("s")
    if verb not in ("Start", "Get", "List", "Delete") or plural != (verb == "List"):
        raise not_implemented("transcribe", operation, "language models, medical jobs or tags")
    check_request("transcribe", operation, request, "BadRequestException")
    if verb == "Start":
        start = call_analytics.start if family is call_analytics.FAMILY else _start
        return {family.word: start(request, around)}
    if verb == "Get":
        return {family.word: around.jobs.get(request[family.name])}
    if verb == "List":
        return around.jobs.page(request, _NOT_IN_LISTS)
    around.jobs.delete(request[family.name])
    return {}


def _start(request: dict[str, Any], around: Surroundings) -> dict[str, Any]:
    _check_start(request)
    language = request.get("LanguageCode")
    options = request.get("Settings", {})
    sieve = list_settings("StartTranscriptionJob", options, language, around.caller)
    place = media_place(request["Media"])
    check_media(around.objects, place)
    name = request["TranscriptionJobName"]
    fields = {field: request[field] for field in _KEPT if field in request}

    def work() -> dict[str, Any]:
        fail_when_asked("StartTranscriptionJob", name)
        recording = load_recording(around.objects, place, around.settings)
        check_format(recording.media, request.get("MediaFormat"))
        return _write(request, recording, around, sieve)

    return around.jobs.start(name, fields, work)


def _check_start(request: dict[str, Any]) -> None:
    options = request.get("Settings", {})
    refuse("StartTranscriptionJob", request, _UNBUILT)
    refuse("StartTranscriptionJob", options, _UNBUILT_SETTINGS)
    if "OutputBucketName" not in request:
        raise not_implemented(
            "transcribe", "StartTranscriptionJob", "a bucket of the service; name OutputBucketName"
        )
    language, identify = request.get("LanguageCode"), request.get("IdentifyLanguage", False)
    if (language is None) != bool(identify):
        raise _bad("You must specify exactly one of LanguageCode and IdentifyLanguage.")
    if "ContentRedaction" in request and language not in REDACTED_LANGUAGES:
        raise _bad(f"Content redaction is not supported for {language or 'identified languages'}.")
    if options.get("ChannelIdentification") and options.get("ShowSpeakerLabels"):
        raise _bad("You can't use ChannelIdentification and ShowSpeakerLabels in one request.")
    if bool(options.get("ShowSpeakerLabels")) != ("MaxSpeakerLabels" in options):
        raise _bad("ShowSpeakerLabels and MaxSpeakerLabels must be used together.")


def _bad(message: str) -> ApiError:
    return ApiError("BadRequestException", message)


def _write(
    request: dict[str, Any],
    recording: Recording,
    around: Surroundings,
    sieve: tuple[list[str], str],
) -> dict[str, Any]:
    """Write every form asked for; return what the finished job tells about itself."""
    check_result(recording, "results", "standard")
    redaction = request.get("ContentRedaction")
    uris: dict[str, str] = {}
    cues: list[str] = []
    for is_redacted in written_forms(redaction):
        masked = masked_kinds(redaction) if is_redacted else frozenset[str]()
        turns = filtered(spoken_turns(recording.speech, masked), *sieve)
        base = _output_key(request, is_redacted=is_redacted)
        body = recording.result or _rendered(request, turns, around, is_redacted=is_redacted)
        body = spoiled("StartTranscriptionJob", request["TranscriptionJobName"], body)
        field = "RedactedTranscriptFileUri" if is_redacted else "TranscriptFileUri"
        uris[field] = _put(request, base, body, around)
        cues += _subtitles(request, base, turns, around)
    return {"Transcript": uris, **_language(request, recording), **_subtitle_fields(request, cues)}


def _rendered(
    request: dict[str, Any], turns: Sequence[SpokenTurn], around: Surroundings, *, is_redacted: bool
) -> bytes:
    options = request.get("Settings", {})
    labels: Labels = "none"
    if options.get("ChannelIdentification"):
        labels = "channel"
    elif options.get("ShowSpeakerLabels"):
        labels = "speaker"
    asked = is_redacted if "ContentRedaction" in request else None
    form = Form(labels, options.get("MaxSpeakerLabels", 1), asked)
    name, account = request["TranscriptionJobName"], around.caller.account
    return json.dumps(standard_document(name, account, turns, form)).encode()


def _output_key(request: dict[str, Any], *, is_redacted: bool) -> str:
    """Return `OutputKey` with the job's name, unless it names a .json file itself."""
    key = request.get("OutputKey", "")
    if not key.endswith(".json"):
        folder = f"{key.rstrip('/')}/" if key else ""
        key = f"{folder}{request['TranscriptionJobName']}.json"
    path = PurePosixPath(key)
    return str(path.with_name(f"redacted-{path.name}")) if is_redacted else key


def _put(
    request: dict[str, Any],
    key: str,
    body: bytes,
    around: Surroundings,
    kind: str = "application/json",
) -> str:
    place = Place(request["OutputBucketName"], key)
    around.objects.write(place, body, kind, Encryption(request.get("OutputEncryptionKMSKeyId")))
    return around.uri(place)


def _subtitles(
    request: dict[str, Any], base: str, turns: Sequence[SpokenTurn], around: Surroundings
) -> list[str]:
    asked = request.get("Subtitles", {})
    return [
        _put(
            request,
            f"{base.removesuffix('.json')}.{kind}",
            subtitles(turns, kind, asked.get("OutputStartIndex", 0)),
            around,
            "text/vtt" if kind == "vtt" else "text/plain",
        )
        for kind in asked.get("Formats", [])
    ]


def _subtitle_fields(request: dict[str, Any], uris: list[str]) -> dict[str, Any]:
    if "Subtitles" not in request:
        return {}
    return {"Subtitles": {**request["Subtitles"], "SubtitleFileUris": uris}}


def _language(request: dict[str, Any], recording: Recording) -> dict[str, Any]:
    """Return the identified language: the one prepared, if it was among the options."""
    if "LanguageCode" in request:
        return {}
    options = request.get("LanguageOptions") or [recording.speech.language or "en-US"]
    known = recording.speech.language
    found = known if known in options else options[0]
    return {"LanguageCode": found, "IdentifiedLanguageScore": 0.99 if found == known else 0.5}
