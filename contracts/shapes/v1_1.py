"""v1.1: the model's summary as fields, in three forms of Comprehend's answers (pitfalls.md 34)."""

from typing import Any, Final

from contracts import detection
from contracts.shapes.founding import (
    take_ai_summary,
    take_call,
    take_entities,
    take_key_phrases,
    take_sentiment,
)
from contracts.shapes.taking import Place
from contracts.values import Reading

VERSION: Final = detection.V1_1


def upgrade(document: dict[str, Any], place: Place, reading: Reading) -> dict[str, Any]:
    """Return what a v1.1 document says under v1.3 names; its date is that of processing."""
    return {
        **take_call(document, place, reading),
        "sentiment": take_sentiment(document, reading),
        "key_phrases": take_key_phrases(document),
        "entities": take_entities(document),
        "summary": take_ai_summary(document, reading),
    }
