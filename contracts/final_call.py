"""The final call, v1.3: every key of the document, and the value that reading one gives.

`DOCUMENT` is the definition; the JSON Schema is rendered from it and the loader reads by it.
Additive: a key may be added, never renamed or retyped.
"""

from dataclasses import dataclass
from typing import Any, Final

from contracts import words
from contracts.canonical import canonical_bytes, hash_document
from contracts.fields import Anything, Field, Many, Record
from contracts.values import ValueProblem

__all__ = ["DOCUMENT", "FinalCall", "canonical_bytes", "hash_document", "to_document"]


@dataclass(frozen=True, slots=True)
class FinalCall:
    """A call document as read: `document` is the whole normalised v1.3 document.

    `repairs` are sorted words of what was mended, `value_problems` the values that became None.
    Its action items are always objects of text and owner; `to_document` writes plain texts.
    """

    document: dict[str, Any]
    detection_rule: str
    schema_version_detected: str
    document_hash: str
    repairs: tuple[str, ...] = ()
    value_problems: tuple[ValueProblem, ...] = ()

    @property
    def call_id(self) -> str:
        """The call the document speaks of."""
        return str(self.document["call_id"])

    @property
    def call_date(self) -> str:
        """UTC date of the call, `YYYY-MM-DD`."""
        return str(self.document["call"]["call_date"])

    @property
    def document_key(self) -> str:
        """First 16 hex of the document's hash, as lake tables carry it."""
        return self.document_hash[:16]


def to_document(final: FinalCall) -> dict[str, Any]:
    """Return the whole v1.3 document as a writer stores it: an action item is a plain text.

    Where an older document named its owner, the item stays an object of text and owner.
    """
    items = [
        item["text"] if item["owner"] is None else item
        for item in final.document["summary"]["action_items"]
    ]
    return {**final.document, "summary": {**final.document["summary"], "action_items": items}}


_TEXT = Field()
_NUMBER = Field("number")
_COUNT = Field("integer", minimum=0, maximum=2**31 - 1)
_POSITION = Field("integer", minimum=1, maximum=2**31 - 1)
_AMOUNT = Field("integer", minimum=0, maximum=10**15)
_BOOLEAN = Field("boolean")
_TIME = Field("time")
_SECONDS = Field("number", minimum=0, maximum=86_400)
_FRACTION = Field("number", minimum=0, maximum=1)
_PERCENT = Field("number", minimum=0, maximum=100)
_FIVE = Field("number", minimum=-5, maximum=5)
_NAME = Field(is_required=True)
_TIMES = Field("integer", minimum=1, maximum=2**31 - 1, default=1)


def _one_of(choices: tuple[str, ...], default: str | None = None) -> Field:
    return Field(words=choices, default=default)


_CALL = Record(
    {
        "provider": _one_of(words.PROVIDERS, "legacy"),
        "provider_call_id": _TEXT,
        "provider_group_id": _TEXT,
        "started_at": _TIME,
        "started_at_source": _one_of(words.STARTED_AT_SOURCES, "processed"),
        "call_date": Field("date", is_required=True),
        "ended_at": _TIME,
        "duration_seconds": _SECONDS,
        "direction": _one_of(words.DIRECTIONS),
        "language": _TEXT,
        "timezone": _TEXT,
        "agent": Record({"agent_id": _TEXT, "team": _TEXT}),
        "queue": _TEXT,
        "caller_hash": _TEXT,
        "disposition": _TEXT,
        "hold_seconds": _SECONDS,
        "queue_seconds": _SECONDS,
        "after_call_work_seconds": _SECONDS,
        "transfer_count": _COUNT,
    },
    is_required=True,
)
_SOURCE = Record(
    {
        "recording_key": _TEXT,
        "metadata_key": _TEXT,
        "transcript_key": _TEXT,
        "transcribe_job": _TEXT,
        "transcribe_api": _one_of(words.TRANSCRIBE_APIS),
        "channel_count": _POSITION,
        "subtitles_key": _TEXT,
        "average_word_confidence": _FRACTION,
        "pii_redacted": _BOOLEAN,
        "redaction_status": _one_of(words.REDACTION_STATUSES),
    }
)
_TURN = Record(
    {
        "turn": _POSITION,
        "speaker": Field(pattern=words.SPEAKER_PATTERN, default="unknown"),
        "start_seconds": Field("number", minimum=0),
        "end_seconds": Field("number", minimum=0),
        "text": _TEXT,
        "sentiment": _one_of(words.SENTIMENTS),
        "sentiment_score": _FIVE,
        "interrupted": _BOOLEAN,
    }
)
_ISSUE = Record(
    {
        "kind": _one_of(words.ISSUE_KINDS),
        "turn": _POSITION,
        "begin": _COUNT,
        "end": _COUNT,
        "text": _TEXT,
    }
)
_TRANSCRIPT = Record(
    {
        "turns": Many(_TURN),
        "excerpt": _TEXT,
        "coverage_fraction": _FRACTION,
        "role_source": _one_of(words.ROLE_SOURCES),
        "characteristics_source": _one_of(words.CHARACTERISTICS_SOURCES),
        "talk_seconds": Record({"agent": _SECONDS, "customer": _SECONDS}),
        "non_talk_seconds": _SECONDS,
        "interruption_count": _COUNT,
        "categories": Many(Record({"name": _NAME, "points": Anything()})),
        "issues": Many(_ISSUE),
    }
)
_SENTIMENT = Record(
    {
        "label": _one_of(words.SENTIMENTS),
        "scores": Record(dict.fromkeys(words.SENTIMENTS, _FRACTION), is_nullable=True),
        "overall_scores": Record({"agent": _FIVE, "customer": _FIVE}),
        "customer_shift": Field("number", minimum=-10, maximum=10),
        "provider": _TEXT,
    }
)
_OFFSETS = {"begin_offset": _COUNT, "end_offset": _COUNT}
_KEY_PHRASE = Record({"text": _NAME, "score": _FRACTION, "count": _TIMES, **_OFFSETS})
_ENTITY = Record(
    {
        "type": _NAME,
        "text": _TEXT,
        "text_hash": _TEXT,
        "score": _FRACTION,
        "count": _TIMES,
        **_OFFSETS,
    }
)
_SUMMARY = Record(
    {
        "text": _TEXT,
        "issue": _TEXT,
        "resolution": _TEXT,
        "outcome": _one_of(words.OUTCOMES),
        "outcome_raw": _TEXT,
        "action_items": Many(Record({"text": _NAME, "owner": _TEXT})),
        "sentiment_summary": _TEXT,
        "tone_score": _PERCENT,
        "holistic_qa_score": _PERCENT,
        "parse_status": _one_of(words.PARSE_STATUSES, "failed"),
        "raw": _TEXT,
    }
)
_EVIDENCE = Record({"turn": _POSITION, "quote": _TEXT, "is_verified": _BOOLEAN})
_CRITERION = Record(
    {
        "criterion_id": _NAME,
        "question": _TEXT,
        "section": _TEXT,
        "weight": Field("decimal", minimum=0),
        "is_required": _BOOLEAN,
        "is_critical": _BOOLEAN,
        "result": _one_of(words.RESULTS, "not_answered"),
        "result_raw": _TEXT,
        "stated_score": _NUMBER,
        "reason": _TEXT,
        "evidence": _EVIDENCE,
    }
)
_STATED = Record(
    {
        "total_score": Field("number", minimum=0),
        "max_score": Field("number", minimum=0),
        "percentage": _PERCENT,
        "failed": Many(_TEXT),
    },
    is_nullable=True,
)
_EVALUATION = Record(
    {
        "evaluation_id": _NAME,
        "form_name": _NAME,
        "form_version": _POSITION,
        "evaluator": _one_of(words.EVALUATORS, "model"),
        "evaluator_hash": _TEXT,
        "evaluation_type": _one_of(words.EVALUATION_TYPES, "standard"),
        "model_id": _TEXT,
        "prompt_version": _TEXT,
        "submitted_at": _TIME,
        "status": _one_of(words.EVALUATION_STATUSES, "needs_review"),
        "criteria": Many(_CRITERION),
        "stated": _STATED,
        "score_fraction": _FRACTION,
        "final_score_fraction": _FRACTION,
        "pass_threshold_fraction": _FRACTION,
        "has_passed": _BOOLEAN,
        "has_critical_failure": _BOOLEAN,
        "stated_score_mismatch": _BOOLEAN,
    }
)
_USAGE = Record(
    {
        "service": _NAME,
        "purpose": _TEXT,
        "model_id": _TEXT,
        "region": _TEXT,
        "input_tokens": _AMOUNT,
        "output_tokens": _AMOUNT,
        "units": _AMOUNT,
        "audio_seconds": Field("number", minimum=0),
    }
)
_LINEAGE = Record(
    {
        "received_at": _TIME,
        "transcribed_at": _TIME,
        "enriched_at": _TIME,
        "processed_at": _TIME,
        "producer": _TEXT,
        "schema_version_detected": _TEXT,
        "detection_rule": _TEXT,
        "code_version": _TEXT,
        "document_hash": Field(pattern=words.HASH_PATTERN),
    },
    is_required=True,
)

DOCUMENT: Final = Record(
    {
        "schema_version": _NAME,
        "tenant_id": _NAME,
        "call_id": _NAME,
        "call": _CALL,
        "source": _SOURCE,
        "transcript": _TRANSCRIPT,
        "sentiment": _SENTIMENT,
        "key_phrases": Many(_KEY_PHRASE),
        "entities": Many(_ENTITY),
        "summary": _SUMMARY,
        "evaluations": Many(_EVALUATION),
        "usage": Many(_USAGE),
        "warnings": Many(_TEXT),
        "extra": Anything(),
        "lineage": _LINEAGE,
    }
)
