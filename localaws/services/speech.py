"""A prepared or invented conversation -> turns: what a recording is taken to say.

A prepared one is `{"language"?, "turns": [{"party" or "speaker", "start", "end", "text",
"channel"?}]}`, times in seconds. Where a turn names no channel, the agent is on 0, all else on 1.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from localaws.services.media import Media, Unusable
from localaws.services.words import word_list

STAND_IN: Final = "[stand-in: no transcript was prepared for this recording]"
WORDS_PER_SECOND: Final = 2.5


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance; times are seconds from the start of the recording."""

    party: str
    channel: int
    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Speech:
    """The turns of one recording by start, and its language where that is known."""

    turns: tuple[Turn, ...]
    language: str | None = None


def is_speech(document: Any) -> bool:
    """Return whether a prepared document is our turns and not a result of AWS."""
    return isinstance(document, dict) and isinstance(document.get("turns"), list)


def parse_speech(data: bytes, name: str) -> Speech:
    """Return the prepared conversation in `data`.

    Raise Unusable naming the file and the field when it does not hold one.
    """
    try:
        document = json.loads(data)
        turns = [_turn(row) for row in document["turns"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Unusable(
            f"The prepared transcript {name} cannot be read ({error!r}); it needs turns, each with "
            "party or speaker, start, end and text."
        ) from error
    return Speech(tuple(sorted(turns, key=lambda turn: turn.start)), document.get("language"))


def invent_speech(media: Media, seed: str) -> Speech:
    """Return turns of seeded words, as long as the recording; the first says they are made up."""
    return Speech(tuple(_invented(media.seconds, random.Random(seed))))  # noqa: S311 (no secret)


def _turn(row: dict[str, Any]) -> Turn:
    party = str(row["party"] if "party" in row else row["speaker"])
    channel = int(row.get("channel", 0 if party.lower() == "agent" else 1))
    if channel not in (0, 1):
        raise ValueError(f"channel {channel} is not 0 or 1")
    return Turn(party, channel, float(row["start"]), float(row["end"]), str(row["text"]))


def _invented(seconds: float, chance: random.Random) -> Iterator[Turn]:
    start = min(3.0, seconds)
    yield Turn("agent", 0, 0.0, start, STAND_IN)
    speakers = ("customer", "agent")
    for number in range(int(seconds)):
        words = chance.choices(word_list("filler"), k=chance.randint(4, 10))
        begin, end = start + 0.5, start + 0.5 + len(words) / WORDS_PER_SECOND
        if end > seconds:
            return
        party = speakers[number % 2]
        text = " ".join(words).capitalize() + "."
        yield Turn(party, number % 2 ^ 1, round(begin, 3), round(end, 3), text)
        start = end
