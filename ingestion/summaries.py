"""The model's answer to `summarise` -> the document's `summary`.

A field of the wrong type is left out; an answer that is no JSON is kept as `raw`, never lost.
"""

from collections.abc import Mapping
from typing import Any, Final

from contracts.summary_values import outcome_word
from contracts.words import OUTCOMES
from ingestion.model_answers import Parsed, StoredAnswer, parse

PROMPT: Final = "summarise-1"
_TEXTS: Final = ("text", "issue", "resolution", "sentiment_summary")
_TEXT_OR_NONE: Final = {"type": ["string", "null"]}
SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": [*_TEXTS, "outcome", "action_items", "tone_score"],
    "properties": {
        **dict.fromkeys(_TEXTS, _TEXT_OR_NONE),
        "outcome": {"type": ["string", "null"], "enum": [*OUTCOMES, None]},
        "action_items": {"type": "array", "items": {"type": "string"}},
        "tone_score": {"type": ["integer", "null"], "minimum": 0, "maximum": 100},
    },
}


def build_summary(answer: StoredAnswer) -> dict[str, Any]:
    """Return the summary object of the document."""
    parsed = parse(answer)
    value = parsed.value or {}
    outcome = _text(value.get("outcome"))
    items = value.get("action_items")
    return {
        **{name: _text(value.get(name)) for name in _TEXTS},
        "outcome": outcome_word(outcome),
        "outcome_raw": outcome,
        "action_items": [text for item in items if (text := _text(item))]
        if isinstance(items, list)
        else [],
        "tone_score": _tone(value.get("tone_score")),
        "holistic_qa_score": None,
        "parse_status": parsed.status,
        "raw": _raw(parsed, answer),
    }


def _raw(parsed: Parsed, answer: StoredAnswer) -> str | None:
    return None if parsed.value is not None else _text(answer.text)


def _tone(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value <= 100 else None


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
