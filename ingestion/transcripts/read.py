"""The bytes of a transcript file -> a `Transcript`: the first shape that fits (sources.md §2)."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from contracts.document_bytes import decode_object
from contracts.errors import Rejected
from ingestion.transcripts import call_analytics, plain, standard
from ingestion.transcripts.transcript import Transcript

_Document = Mapping[str, Any]
_STATUS = re.compile(r"[A-Z_]{1,20}")


def read_transcript(body: bytes) -> Transcript:
    """Return the transcript; raise Rejected with a word of the runbook."""
    document = _decode(body)
    shape, read = _detect(document)
    status = document.get("JobStatus", document.get("status"))
    if status not in (None, "COMPLETED"):
        raise Rejected("job_not_completed", f"{shape}: found {_word(status)}; run the job again")
    if read is None:
        raise Rejected(
            "unknown_transcript_shape",
            f"found {shape}; expected Transcribe, Call Analytics or cci_transcript v1",
        )
    try:
        transcript = read(document)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as problem:
        raise Rejected(
            "unknown_transcript_shape",
            f"{shape}: a part is missing or malformed ({_describe(problem)})",
        ) from problem
    _refuse_loose_claims(transcript, shape)
    if not transcript.turns:
        raise Rejected("no_turns", f"{shape}: nobody says anything in it; check the recording")
    return transcript


def _detect(document: _Document) -> tuple[str, Callable[[_Document], Transcript] | None]:
    turns = document.get("Transcript")
    results = document.get("results")
    if document.get("cci_transcript") == "v1":
        return "cci_transcript v1", plain.read
    if _is_contact_lens(document):
        if document.get("Channel", "VOICE") != "VOICE":
            raise Rejected("not_a_voice_call", f"found {_word(document.get('Channel'))}")
        return "a Contact Lens file, which is not read yet", None
    if isinstance(turns, list):
        return "Call Analytics", call_analytics.read
    if isinstance(results, dict) and "transcripts" in results:
        return "Transcribe", standard.read
    if "evaluationId" in document or {"ContactId", "InitiationMethod"} <= document.keys():
        raise Rejected("wrong_door", "drop evaluations under evaluations/, contacts under meta/")
    if "inference_result" in document:
        raise Rejected("no_turns", "custom output of Bedrock Data Automation has no turns")
    return f"top-level keys {sorted(document)[:12]}", None


def _refuse_loose_claims(transcript: Transcript, shape: str) -> None:
    """Raise Rejected for a claim of another type: the text "false" would count as redacted."""
    if not isinstance(transcript.is_redacted, bool | None):
        raise Rejected("unknown_transcript_shape", f"{shape}: redacted must be true or false")
    if not isinstance(transcript.language, str | None):
        raise Rejected("unknown_transcript_shape", f"{shape}: the language must be a text")


def _describe(problem: Exception) -> str:
    """Return what is wrong with a part; a message may quote the call, only a key's name is told."""
    what = f" {problem.args[0]!r:.40}" if isinstance(problem, KeyError) else ""
    return f"{type(problem).__name__}{what}"


def _word(value: object) -> str:
    return value if isinstance(value, str) and _STATUS.fullmatch(value) else "another word"


def _is_contact_lens(document: _Document) -> bool:
    turns = document.get("Transcript")
    return isinstance(turns, list) and (
        "CustomerMetadata" in document
        or any(isinstance(turn, dict) and "ParticipantId" in turn for turn in turns)
    )


def _decode(body: bytes) -> _Document:
    try:
        return decode_object(body, json.loads, set())
    except RecursionError:
        raise Rejected("too_deep", "thousands of nested levels; this is no transcript") from None
