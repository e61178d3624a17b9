"""The parts that v1.0, v1.1 and v1.2 share, taken out under their v1.3 names.

Comprehend's answers came in three shapes: a list of results, its first member, or the bare reply
(pitfalls.md 34, 35). Loudness of AWS envelopes is dropped: `ResponseMetadata`, `Index`, an empty
`ErrorList`.
"""

import hashlib
import re
from datetime import datetime
from typing import Any, Final

from contracts.call_ids import build_call_id
from contracts.errors import Rejected
from contracts.shapes.taking import Place, inside, members, take
from contracts.summary_values import read_action_items
from contracts.values import Reading, read_boolean, read_number, read_time
from contracts.words import SENTIMENTS

_STAMP = re.compile(r"(?<!\d)(20\d{12})(?!\d)")
_DT_STAMP = re.compile(r"DT_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)")
_TIE_ORDER: Final = ("mixed", "negative", "positive", "neutral")
_DROPPED: Final = ("ResponseMetadata", "Index")


def take_call(
    document: dict[str, Any], place: Place, reading: Reading, salt: str = ""
) -> dict[str, Any]:
    """Return tenant, call id, call and source of a founding document.

    `salt` joins the identity where old call ids collide. Raise Rejected `no_call_identity`.
    """
    old_id = take(document, "call_id")
    if not isinstance(old_id, str | int) or not str(old_id).strip():
        raise Rejected("no_call_identity", "call_id is missing or empty", "call_id")
    take(document, "tenant_id")
    take(document, "schema_version")
    reading.keep("call_id", old_id)
    identity = f"{old_id}\0{salt}" if salt else str(old_id)
    return {
        "call_id": build_call_id(place.tenant, "legacy", identity, str(old_id)),
        "call": {
            "provider": "legacy",
            **_times(document, str(old_id), reading),
            "duration_seconds": take(document, "metadata", "duration_sec"),
            "agent": {"agent_id": take(document, "metadata", "agent_id")},
            "queue": take(document, "metadata", "queue"),
        },
        "source": _source(document, reading),
        "lineage": {},
    }


def take_sentiment(document: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """Return label and scores; several results become their mean, the largest score the label.

    The merged results stay in `extra`.
    """
    results = [_take_result(result) for result in _answers(document, "sentiment")]
    results = [result for result in results if result["label"] or result["scores"]]
    if not results:
        return {}
    return results[0] if len(results) == 1 else _merged(results, reading)


def take_key_phrases(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every occurrence of a key phrase, in order."""
    return [
        _take_occurrence(phrase)
        for answer in _answers(document, "key_phrases")
        for phrase in members(inside(answer, "KeyPhrases"))
        if isinstance(phrase, dict)
    ]


def take_entities(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every occurrence of an entity, in order."""
    return [
        {"type": take(entity, "Type"), **_take_occurrence(entity)}
        for answer in _answers(document, "entities")
        for entity in members(inside(answer, "Entities"))
        if isinstance(entity, dict)
    ]


def take_ai_summary(document: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """Return the summary of v1.1 and v1.2; an answer that was no JSON is kept raw."""
    if isinstance(inside(document, "ai_summary"), str):
        return {"raw": take(document, "ai_summary"), "parse_status": "raw"}
    block = inside(document, "ai_summary")
    names = ("text", "issue", "resolution", "sentiment_summary", "tone_score")
    summary = {name: take(block, name) for name in names}
    summary |= {
        "outcome_raw": take(block, "outcome"),
        "holistic_qa_score": take(block, "qa_score"),
        "raw": take(block, "summary_raw"),
        "action_items": read_action_items(
            take(block, "action_items"), "ai_summary.action_items", reading
        ),
    }
    known = any(value not in (None, []) for value in summary.values())
    return {**summary, "parse_status": "raw" if summary["raw"] else "ok" if known else "failed"}


def hash_excerpt(document: dict[str, Any]) -> str:
    """Return the sha256 of a v1.0 document's excerpt: its old ids collide."""
    return hashlib.sha256(str(document.get("transcript_excerpt") or "").encode()).hexdigest()


def _times(document: dict[str, Any], old_id: str, reading: Reading) -> dict[str, Any]:
    stamp = _stamped(old_id)
    started_at = read_time(stamp, "call_id", reading) if stamp else None
    if started_at:
        return {
            "started_at": started_at,
            "started_at_source": "file_name",
            "call_date": started_at[:10],
        }
    return {"call_date": take(document, "call_date"), "started_at_source": "processed"}


def _stamped(old_id: str) -> str | None:
    for pattern, layout in ((_STAMP, "%Y%m%d%H%M%S"), (_DT_STAMP, "%Y-%m-%dT%H-%M-%S")):
        if found := pattern.search(old_id):
            try:
                stamp = datetime.strptime(found[1], layout)  # noqa: DTZ007 the zone is the tenant's
            except ValueError:
                continue
            return stamp.isoformat()
    return None


def _source(document: dict[str, Any], reading: Reading) -> dict[str, Any]:
    stated = take(document, "source", "pii_redacted")
    redacted = None if stated is None else read_boolean(stated, "source.pii_redacted", reading)
    return {
        "transcribe_job": take(document, "source", "transcribe_job"),
        "pii_redacted": redacted,
        # never `verified`: the founding code wrote true whatever had happened (pitfalls.md 43)
        "redaction_status": "redacted" if redacted else None,
    }


def _answers(document: dict[str, Any], block: str) -> list[Any]:
    whole = inside(document, block)
    listed = inside(whole, "ResultList")
    answers = listed if isinstance(listed, list) else [whole]
    for answer in (whole, *answers):
        for name in _DROPPED:
            take(answer, name)
        if inside(answer, "ErrorList") == []:
            take(answer, "ErrorList")
    return answers


def _take_result(answer: object) -> dict[str, Any]:
    label = take(answer, "Sentiment")
    scores = inside(answer, "SentimentScore")
    found = {word: take(scores, word.capitalize()) for word in SENTIMENTS}
    return {
        "label": label.lower() if isinstance(label, str) else label,
        "scores": found if any(value is not None for value in found.values()) else None,
    }


def _merged(results: list[dict[str, Any]], reading: Reading) -> dict[str, Any]:
    reading.repairs.add("sentiment_merged")
    reading.keep("sentiment.ResultList", results)
    scored = [result["scores"] for result in results if result["scores"]]
    if not scored:
        labels = {result["label"] for result in results}
        return {"label": labels.pop() if len(labels) == 1 else None}
    means = {word: _mean([scores[word] for scores in scored], reading) for word in SENTIMENTS}
    return {"label": max(_TIE_ORDER, key=means.__getitem__), "scores": means}


def _mean(scores: list[object], reading: Reading) -> float:
    numbers = [read_number(score, "sentiment.scores", reading) for score in scores]
    return round(sum(number or 0 for number in numbers) / len(numbers), 9)


def _take_occurrence(occurrence: dict[str, Any]) -> dict[str, Any]:
    return {
        "text": take(occurrence, "Text"),
        "score": take(occurrence, "Score"),
        "begin_offset": take(occurrence, "BeginOffset"),
        "end_offset": take(occurrence, "EndOffset"),
        "count": 1,
    }
