"""Words with times -> talk, silence and interruptions, for files that do not state them.

Rules and their agreement with Call Analytics: sources.md §2.4. Documents say which source the
figures have, because computed and stated ones must not meet in one trend.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ingestion.transcripts.transcript import Spoken, Turn

_SAME_BREATH: Final = 1.8
_SILENCE: Final = 3.0
_OVERLAP: Final = 2.0
_MORE_THAN_A_NOD: Final = 2


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds by label, silence and interruptions; `interruptions` holds indexes of turns."""

    talk_seconds: dict[str, float]
    non_talk_seconds: float | None
    interruptions: frozenset[int]


def compute(turns: Sequence[Turn]) -> Figures | None:
    """Return the figures of turns with times, or None when no turn has any."""
    timed = [turn for turn in turns if turn.start is not None and turn.end is not None]
    if not timed:
        return None
    labels = dict.fromkeys(turn.label for turn in timed)
    everybody = sorted(_stretches(timed), key=lambda word: word.start)
    talk = {
        label: _talk(_stretches(turn for turn in timed if turn.label == label)) for label in labels
    }
    return Figures(talk, _silence(everybody), frozenset(_interruptions(turns)))


def _stretches(turns: Iterable[Turn]) -> list[Spoken]:
    return [
        word
        for turn in turns
        for word in turn.words or (Spoken(turn.start or 0.0, turn.end or 0.0),)
    ]


def _talk(words: Sequence[Spoken]) -> float:
    total, until = 0.0, None
    for word in sorted(words, key=lambda word: word.start):
        if until is not None and word.start - until <= _SAME_BREATH:
            total += max(0.0, word.end - until)
        else:
            total += word.end - word.start
        until = word.end if until is None else max(until, word.end)
    return round(total, 3)


def _silence(words: Sequence[Spoken]) -> float:
    total, until = 0.0, words[0].end
    for word in words:
        gap = round(word.start - until, 3)
        total += gap if gap >= _SILENCE else 0.0
        until = max(until, word.end)
    return round(total, 3)


def _interruptions(turns: Sequence[Turn]) -> Iterable[int]:
    return (
        index
        for index, turn in enumerate(turns)
        if _length(turn) > _MORE_THAN_A_NOD
        and any(_is_inside(turn, other) for other in turns if other.label != turn.label)
    )


def _length(turn: Turn) -> int:
    return len(turn.words) or len(turn.text.split())


def _is_inside(turn: Turn, other: Turn) -> bool:
    if turn.start is None or turn.end is None or other.start is None or other.end is None:
        return False
    overlap = min(turn.end, other.end) - turn.start
    return other.start < turn.start < other.end and round(overlap, 3) >= _OVERLAP
