"""Turns -> timed words with a confidence, personal data masked where that was asked.

Transcribe reports words, not turns: they are spread evenly over their turn, punctuation is glued
to the word before it, and a masked stretch is one word `[PII]` however many it hides.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from localaws.services.spans import Span, certainty, pii_spans
from localaws.services.speech import Speech, Turn

MASK: Final = "[PII]"
FILTERED: Final = "***"

_PIECE = re.compile(r"[^\s.,?!]+(?:[.,?!]+[^\s.,?!]+)*|[.,?!]")


@dataclass(frozen=True, slots=True)
class Word:
    """One item: a word with times in seconds, or a punctuation mark, which has none."""

    text: str
    start: float
    end: float
    is_punctuation: bool = False
    pii_kind: str | None = None

    @property
    def confidence(self) -> float:
        """Return how sure the recogniser is, 0 to 1; it depends on the word and its time."""
        return 0.0 if self.is_punctuation else certainty(self.text, self.start)


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """A turn as heard: `text` is its words joined as Transcribe joins them."""

    turn: Turn
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """Return the words joined by blanks, punctuation glued on."""
        return "".join(
            word.text if word.is_punctuation or number == 0 else f" {word.text}"
            for number, word in enumerate(self.words)
        )


def filtered(turns: Iterable[SpokenTurn], words: Iterable[str], method: str) -> list[SpokenTurn]:
    """Return turns with the words of a vocabulary filter masked as `***` or removed (`method`)."""
    listed = frozenset(word.lower() for word in words)
    found = [replace(turn, words=tuple(_sifted(turn.words, listed, method))) for turn in turns]
    return [turn for turn in found if any(not word.is_punctuation for word in turn.words)]


def spoken_turns(speech: Speech, masked: frozenset[str]) -> list[SpokenTurn]:
    """Return the turns that hold a word, with the PII kinds in `masked` replaced by `[PII]`."""
    heard = [SpokenTurn(turn, tuple(_timed(turn, masked))) for turn in speech.turns]
    return [spoken for spoken in heard if spoken.words]


def _sifted(words: Iterable[Word], listed: frozenset[str], method: str) -> Iterator[Word]:
    for word in words:
        if word.pii_kind is not None or word.text.lower() not in listed:
            yield word
        elif method == "mask":
            yield replace(word, text=FILTERED)


def _timed(turn: Turn, masked: frozenset[str]) -> Iterator[Word]:
    hidden = [span for span in pii_spans(turn.text) if span.kind in masked]
    pieces = list(_pieces(turn.text, hidden))
    count = sum(not piece.is_punctuation for piece in pieces)
    slot = (turn.end - turn.start) / max(1, count)
    spoken = 0
    for piece in pieces:
        if not piece.is_punctuation:
            start = round(turn.start + spoken * slot, 3)
            spoken += 1
            yield replace(piece, start=start, end=round(turn.start + spoken * slot, 3))
        elif spoken:
            yield piece


def _pieces(text: str, hidden: Iterable[Span]) -> Iterator[Word]:
    said: set[Span] = set()
    for match in _PIECE.finditer(text):
        span = next((s for s in hidden if match.start() < s.end and match.end() > s.begin), None)
        if span is None:
            yield Word(match[0], 0.0, 0.0, is_punctuation=match[0] in ".,?!")
        elif span not in said:
            said.add(span)
            yield Word(MASK, 0.0, 0.0, pii_kind=span.kind)
