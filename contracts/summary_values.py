"""A model's words about a call -> the closed words and lists of a summary (lake.md §3.4)."""

import re
from typing import Any, Final

from contracts.values import Reading

_OUTCOMES: Final = (
    ("unresolved", ("unresolved", "not resolved")),
    ("resolved", ("resolved", "solved", "fixed", "completed")),
    ("follow_up", ("follow up", "followup", "callback")),
    ("escalated", ("escalat",)),
    ("transferred", ("transfer",)),
)
_PUNCTUATION = re.compile(r"[\W_]+")
_BULLET = re.compile(r"^\s*(?:\d+[.)]|[-*\u2022])\s+(?P<item>.*\S)\s*$", re.MULTILINE)
_TEXT_KEYS: Final = ("task", "text", "action", "description", "item")
_OWNER_KEYS: Final = ("owner", "assignee")


def outcome_word(raw: str | None) -> str | None:
    """Return the outcome a free text stands for by how it begins; other text is `other`."""
    text = _PUNCTUATION.sub(" ", (raw or "").casefold()).strip()
    if not text:
        return None
    for word, beginnings in _OUTCOMES:
        if text.startswith(beginnings):
            return word
    return "other"


def read_action_items(value: object, path: str, reading: Reading) -> list[dict[str, Any]]:
    """Return the action items as objects of text and owner.

    Texts are taken line by line where they are a list, objects by their usual keys; what is no
    item goes to `extra`.
    """
    if value is None:
        return []
    if isinstance(value, str):
        reading.repairs.add("action_items_form")
        return [_item(line) for line in listed_lines(value) or [value.strip()] if line]
    if not isinstance(value, list):
        reading.refuse(path, "wrong_type", value)
        return []
    items = (_entry(entry, f"{path}[{place}]", reading) for place, entry in enumerate(value))
    return [item for item in items if item is not None]


def listed_lines(text: str) -> list[str]:
    """Return the numbered or bulleted lines of a text, without their marks."""
    return [found["item"] for found in _BULLET.finditer(text)]


def _entry(entry: object, path: str, reading: Reading) -> dict[str, Any] | None:
    if isinstance(entry, str):
        return _item(entry.strip()) if entry.strip() else None
    if not isinstance(entry, dict):
        reading.refuse(path, "wrong_type", entry)
        return None
    text_key = next((key for key in _TEXT_KEYS if _is_text(entry.get(key))), None)
    owner_key = next((key for key in _OWNER_KEYS if _is_text(entry.get(key))), None)
    for key in entry.keys() - {text_key, owner_key}:
        reading.keep(f"{path}.{key}", entry[key])
    if text_key is None:
        return None
    if entry.keys() - {"text", "owner"}:
        reading.repairs.add("action_items_form")
    return _item(entry[text_key], entry[owner_key] if owner_key else None)


def _item(text: str, owner: str | None = None) -> dict[str, Any]:
    return {"text": text, "owner": owner}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
