"""Texts of a call -> Comprehend's view of them: sentiment, key phrases, entities.

Documents are cut by UTF-8 bytes, sent at most 25 at a time, and answers are matched by `Index`:
failures leave holes, not an exception (sources.md §5). Call sentiment is the mean of the chunks,
weighted by code points; it is None when under half of the text could be judged.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from unicodedata import normalize

from contracts.words import PII_ENTITY_TYPES
from ingestion.ports import Comprehend, Question

LANGUAGES: Final = frozenset(
    ("en", "es", "fr", "de", "it", "pt", "ar", "hi", "ja", "ko", "zh", "zh-TW")
)
MAX_BYTES: Final = 5_000
_MAX_DOCUMENTS: Final = 25
_LABELS: Final = ("mixed", "negative", "positive", "neutral")
_SENTENCE_END: Final = re.compile(r".*[.?!\u3002\uff1f\uff01](?=\s|$)", re.DOTALL)
_MASK: Final = re.compile(r"\[[A-Z_]+\]|\*\*\*")

_Answer = Mapping[str, Any]
_Answers = Sequence[_Answer | None]


@dataclass(frozen=True, slots=True)
class Insight:
    """What Comprehend says of one call; `turns` has one entry per turn asked about."""

    sentiment: dict[str, Any]
    turns: tuple[dict[str, Any], ...] = ()
    key_phrases: list[dict[str, Any]] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)
    usage: tuple[dict[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()


def comprehend_language(code: str | None) -> str | None:
    """Return the language Comprehend calls this one, or None where it does not know it."""
    found = code if code in LANGUAGES else (code or "").partition("-")[0]
    return found if found in LANGUAGES else None


def analyse(
    texts: Sequence[str],
    language: str | None,
    comprehend: Comprehend,
    *,
    with_turns: bool,
    hash_text: Callable[[str], str] | None = None,
) -> Insight:
    """Return the insight into the turns' `texts`; sentiment per turn when `with_turns`."""
    code = comprehend_language(language)
    unknown = {"label": None, "scores": None}
    if code is None:
        return Insight(unknown, tuple(unknown for _ in texts), warnings=("sentiment_language",))
    asked = _Asked(comprehend, code)
    chunks = cut("\n".join(texts))
    apart = [cut(text) for text in texts] if with_turns else []
    answers = asked.detect("sentiment", [*chunks, *(part for parts in apart for part in parts)])
    rest = iter(answers[len(chunks) :])
    turns = tuple(merge(parts, [next(rest) for _ in parts]) for parts in apart)
    phrases = _key_phrases(asked.detect("key_phrases", chunks))
    entities = _entities(asked.detect("entities", chunks), hash_text)
    warnings = ["comprehend_part_failed"] if asked.has_failures else []
    if hash_text is None and any(entity["text"] is None for entity in entities):
        warnings.append("hash_key_missing")
    return Insight(
        sentiment=merge(chunks, answers[: len(chunks)]),
        turns=turns,
        key_phrases=phrases,
        entities=entities,
        usage=tuple(asked.usage()),
        warnings=tuple(warnings),
    )


def cut(text: str, limit: int = MAX_BYTES) -> list[str]:
    """Return chunks of at most `limit` UTF-8 bytes that join to `text`.

    Cut after whole turns (lines), else sentences, else words, else code points.
    """
    chunks = []
    while len(text.encode()) > limit:
        window = text.encode()[:limit].decode(errors="ignore")
        sentence = _SENTENCE_END.match(window)
        at = window.rfind("\n") + 1 or (sentence.end() if sentence else 0)
        at = at or window.rfind(" ") + 1 or len(window)
        chunks.append(text[:at])
        text = text[at:]
    return [*chunks, text]


def merge(texts: Sequence[str], answers: _Answers) -> dict[str, Any]:
    """Return label and scores of texts together, each weighted by its code points."""
    judged = [(len(text), a) for text, a in zip(texts, answers, strict=True) if a is not None]
    weight = sum(length for length, _ in judged)
    if not weight or 2 * weight < sum(len(text) for text in texts if text.strip()):
        return {"label": None, "scores": None}
    sums = {
        label: sum(length * answer["SentimentScore"][label.title()] for length, answer in judged)
        for label in _LABELS
    }
    total = sum(sums.values()) or 1.0
    scores = {label: round(value / total, 6) for label, value in sums.items()}
    return {"label": max(_LABELS, key=lambda label: scores[label]), "scores": scores}


class _Asked:
    """The questions asked of Comprehend about one call, counted as they are paid."""

    def __init__(self, comprehend: Comprehend, language: str) -> None:
        self._comprehend = comprehend
        self._language = language
        self._units: Counter[Question] = Counter()
        self.has_failures = False

    def detect(self, question: Question, texts: Sequence[str]) -> list[_Answer | None]:
        """Return one answer per text; None for blanks and for what failed twice."""
        wanted = [index for index, text in enumerate(texts) if text.strip()]
        found: dict[int, _Answer] = {}
        for start in range(0, len(wanted), _MAX_DOCUMENTS):
            batch = wanted[start : start + _MAX_DOCUMENTS]
            found |= self._ask(question, texts, batch)
        for index in wanted:
            if index not in found:
                found |= self._ask(question, texts, [index])
        self.has_failures |= len(found) < len(wanted)
        return [found.get(index) for index in range(len(texts))]

    def usage(self) -> Iterator[dict[str, Any]]:
        """Yield one usage entry per question; units of 100 code points, at least 3 a document."""
        for question, units in self._units.items():
            yield {
                "service": "comprehend",
                "purpose": question,
                "model_id": None,
                "region": None,
                "input_tokens": None,
                "output_tokens": None,
                "units": units,
                "audio_seconds": None,
            }

    def _ask(
        self, question: Question, texts: Sequence[str], batch: Sequence[int]
    ) -> dict[int, _Answer]:
        sent = [texts[index] for index in batch]
        self._units[question] += sum(max(3, -(-len(text) // 100)) for text in sent)
        answer = self._comprehend.detect(question, sent, self._language)
        return {batch[index]: result for index, result in answer.results.items()}


def _key_phrases(answers: _Answers) -> list[dict[str, Any]]:
    found = (
        (phrase["Text"], phrase["Score"])
        for answer in answers
        for phrase in (answer or {}).get("KeyPhrases", ())
        if phrase["Text"].strip() and not _MASK.search(phrase["Text"])
    )
    return [{"text": text, **rest} for text, rest in _gather(found)]


def _entities(answers: _Answers, hash_text: Callable[[str], str] | None) -> list[dict[str, Any]]:
    by_type: dict[str, list[tuple[str, float]]] = {}
    for answer in answers:
        for entity in (answer or {}).get("Entities", ()):
            if entity["Text"].strip() and not _MASK.search(entity["Text"]):
                by_type.setdefault(entity["Type"], []).append((entity["Text"], entity["Score"]))
    return [
        {"type": kind, **_shown(kind, text, hash_text), **rest}
        for kind, found in by_type.items()
        for text, rest in _gather(found)
    ]


def _shown(kind: str, text: str, hash_text: Callable[[str], str] | None) -> dict[str, str | None]:
    if kind not in PII_ENTITY_TYPES:
        return {"text": text, "text_hash": None}
    return {"text": None, "text_hash": hash_text(text.casefold()) if hash_text else None}


def _gather(found: Iterable[tuple[str, float]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each text once, in its commonest writing, with its best score and its count."""
    writings: dict[str, Counter[str]] = {}
    scores: dict[str, float] = {}
    for text, score in found:
        single = normalize("NFC", " ".join(text.split()))
        folded = single.casefold()
        writings.setdefault(folded, Counter())[single] += 1
        scores[folded] = max(score, scores.get(folded, 0.0))
    for folded, counts in writings.items():
        best = round(scores[folded], 6)
        yield counts.most_common(1)[0][0], {"score": best, "count": counts.total()}
