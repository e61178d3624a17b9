"""A text -> the stretches of it that name a person, a date, an amount: by pattern, no model.

Offsets count code points, so `text[begin:end]` is what was found. Shared by Comprehend (entities,
PII) and Transcribe (redaction), so that both stand-ins hide the same things.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_NAME_PART = r"[A-ZÄÖÜ][a-zäöüßé]+(?:[ -][A-ZÄÖÜ][a-zäöüßé]+){0,2}"
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = rf"\b(?:{_DAY} (?:of )?{_MONTH}|{_MONTH} {_DAY})(?:,? \d{{4}})?\b|\b\d{{4}}-\d\d-\d\d\b"
_NAME = (
    rf"(?:\b[Mm]y name is|\b[Mm]y name's|\b[Nn]ame is|\b[Mm]ein Name ist|"
    rf"\b(?:Mr|Mrs|Ms|Dr|Herr|Frau)\b\.?|\bDear) ({_NAME_PART})"
)
_EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_STREET = (
    r"\b\d{1,4} [A-Z][a-z]+(?: [A-Z][a-z]+)? (?:Street|St|Road|Rd|Lane|Avenue|Close|Drive|Way)\b"
)

# The first row that claims a stretch wins; a group, where there is one, is the stretch.
_PII: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("EMAIL", _EMAIL),
        ("INTERNATIONAL_BANK_ACCOUNT_NUMBER", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b"),
        ("CREDIT_DEBIT_NUMBER", r"\b\d(?:[ -]?\d){12,18}\b"),
        ("SSN", r"\b\d{3}-\d{2}-\d{4}\b"),
        ("UK_NATIONAL_INSURANCE_NUMBER", r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"),
        ("BANK_ROUTING", r"\b\d{2}-\d{2}-\d{2}\b"),
        ("PIN", r"\b(?:PIN|pin) (?:is|was) (\d{4,6})\b"),
        ("BANK_ACCOUNT_NUMBER", r"\b[Aa]ccount number (?:is |was )?(\d{6,12})\b"),
        ("PHONE", r"(?:\+\d{1,3}|\b0)(?:[ -]?\d){8,12}\b"),
        ("ADDRESS", _STREET),
        ("NAME", _NAME),
        ("DATE_TIME", _DATE),
    )
)
_ENTITIES: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("OTHER", _EMAIL),
        ("OTHER", r"\b[A-Z]{1,3}-?\d{3,10}\b"),
        ("DATE", _DATE),
        (
            "DATE",
            r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b(?:today|tomorrow|yesterday)\b",
        ),
        ("LOCATION", _STREET),
        ("PERSON", _NAME),
        (
            "ORGANIZATION",
            rf"\b({_NAME_PART} (?:Bank|Insurance|Energy|Logistics|Ltd|GmbH|Group|Telecom))\b",
        ),
        ("QUANTITY", r"[£$€]\d[\d,]*(?:\.\d+)?"),
        (
            "QUANTITY",
            r"\b\d+(?:\.\d+)? (?:days?|hours?|minutes?|weeks?|months?|pounds|euros|percent)\b",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of a text: what it is, and `text[begin:end]`."""

    kind: str
    begin: int
    end: int


def pii_spans(text: str) -> list[Span]:
    """Return what in `text` identifies a person, in order, never overlapping."""
    return _spans(text, _PII)


def entity_spans(text: str) -> list[Span]:
    """Return the named things of `text`, in order, never overlapping."""
    return _spans(text, _ENTITIES)


def certainty(*parts: object) -> float:
    """Return a score from 0.9 to 0.9999 that depends on `parts` alone."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return round(0.9 + int.from_bytes(digest[:4]) / 2**32 * 0.0999, 4)


def _spans(text: str, rules: Iterable[tuple[str, re.Pattern[str]]]) -> list[Span]:
    taken: list[Span] = []
    for kind, pattern in rules:
        for match in pattern.finditer(text):
            begin, end = match.span(1 if pattern.groups else 0)
            if all(end <= other.begin or begin >= other.end for other in taken):
                taken.append(Span(kind, begin, end))
    return sorted(taken, key=lambda span: span.begin)
