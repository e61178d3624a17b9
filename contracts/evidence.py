"""A quote and the turns of a call -> whether it stands, word for word, in that agent's turn.

A pass without proof from the agent's mouth is an opinion. Both sides are folded the same way
(NFKC, case, punctuation, blanks), because models straighten quotation marks and drop commas;
nothing else is forgiven, and a quote never ends inside a word ("no" is not proved by "know").
"""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

AGENT = "agent"
_APOSTROPHES = frozenset("'`\u2018\u2019\u02bc")


def is_verified(
    quote: str | None, turn_number: int | None, turns: Sequence[Mapping[str, Any]]
) -> bool:
    """Return whether `quote` stands in turn `turn_number`, spoken by the agent.

    `turns` are the document's `transcript.turns`. A missing quote, a quote without a single letter
    or digit, or a turn that does not exist proves nothing.
    """
    words = fold(quote or "")
    if not words:
        return False
    return any(
        turn.get("turn") == turn_number
        and turn.get("speaker") == AGENT
        and f" {words} " in f" {fold(turn.get('text') or '')} "
        for turn in turns
    )


def fold(text: str) -> str:
    """Return `text` as words separated by single blanks, without case and punctuation."""
    return " ".join("".join(map(_folded, unicodedata.normalize("NFKC", text).casefold())).split())


def _folded(character: str) -> str:
    if character in _APOSTROPHES:
        return ""
    category = unicodedata.category(character)
    if category == "Lo":  # scripts without blanks: each letter is a word of its own
        return f" {character} "
    return character if category[0] in "LMN" else " "
