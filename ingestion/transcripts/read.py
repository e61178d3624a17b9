"""The bytes of a transcript file -> a `Transcript`: the first shape that fits (sources.md §2)."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from contracts.document_bytes import decode_object
from contracts.errors import Rejected
from ingestion.transcripts import call_analytics, plain, standard
from ingestion.transcripts.transcript import Transcript

_Document = Mapping[str, Any]


def read_transcript(body: bytes) -> Transcript:
    """Return the transcript; raise Rejected with a word of the runbook."""
    document = _decode(body)
    shape, read = _detect(document)
    status = document.get("JobStatus", document.get("status"))
    if status not in (None, "COMPLETED"):
        raise Rejected("job_not_completed", f"{shape}: found status {status!r}; run the job again")
    if read is None:
        raise Rejected(
            "unknown_transcript_shape",
            f"found {shape}; expected Transcribe, Call Analytics or cci_transcript v1",
        )
    try:
        transcript = read(document)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as problem:
        raise Rejected(
            "unknown_transcript_shape", f"{shape}: a part is missing or malformed ({problem!r:.80})"
        ) from problem
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
            raise Rejected("not_a_voice_call", f"found channel {document.get('Channel')!r:.40}")
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
