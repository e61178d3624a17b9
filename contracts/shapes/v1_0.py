"""v1.0: Comprehend's bare reply, a summary as text, the beginning of the transcript."""

import re
from typing import Any, Final

from contracts import detection
from contracts.shapes.founding import hash_excerpt, take_call, take_sentiment
from contracts.shapes.taking import Place, take
from contracts.summary_values import listed_lines
from contracts.values import Reading

VERSION: Final = detection.V1_0

_ACTION_ITEMS = re.compile(r"action items", re.IGNORECASE)


def upgrade(document: dict[str, Any], place: Place, reading: Reading) -> dict[str, Any]:
    """Return what a v1.0 document says under v1.3 names; it has no date but that of its key."""
    found = take_call(document, place, reading, salt=hash_excerpt(document))
    return {
        **found,
        "transcript": {"excerpt": take(document, "transcript_excerpt")},
        "sentiment": take_sentiment(document, reading),
        "summary": _summary(take(document, "summary")),
    }


def _summary(text: object) -> dict[str, Any]:
    if not isinstance(text, str) or not text.strip():
        return {"text": text, "parse_status": "failed"}
    heading = _ACTION_ITEMS.search(text)
    items = listed_lines(text[heading.end() :]) if heading else []
    return {
        "text": text,
        "action_items": [{"text": item, "owner": None} for item in items],
        "parse_status": "ok",
    }
