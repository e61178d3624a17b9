"""Turns and one criterion -> a verdict with a verbatim quote: the stand-in for a judging model.

It looks for words. Phrases in quotation marks in the guidance are what an agent must say, one of
them; without any, the words of the question are. A sentence of the guidance that begins "Not
applicable unless" (or "if") decides by the phrases it quotes, whoever says them. Only agent turns
give a pass: a customer who dictates the verdict is merely a customer talking.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from localaws.services.prompt_parts import Said
from localaws.services.words import word_set

Verdict = Literal["passed", "failed", "not_applicable", "not_answered"]

AGENT: Final = "agent"
SHARED_WORDS: Final = 2

_QUOTED = re.compile(r"[\"\u201c]([^\"\u201d]+)[\"\u201d]")
_EXCEPTION = re.compile(r"Not applicable (unless|if|when)\b[^.]*", re.IGNORECASE)
_SENTENCE = re.compile(r"\S[^.?!\n]*[.?!]*")
_WORD = re.compile(r"[^\W\d_]+")
_NO_SIGN: Final = frozenset(
    ["agent", "customer", "caller", "call", "question", "offer", "state", "say", "ask"]
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """One criterion's outcome; `turn` and `quote` are None unless it passed."""

    criterion_id: str
    verdict: Verdict
    turn: int | None
    quote: str | None
    reason: str


def judge(criterion: Mapping[str, Any], turns: Sequence[Said]) -> Judgement:
    """Return the stand-in's judgement of `criterion` (criterion_id, question, guidance?)."""
    name = str(criterion["criterion_id"])
    said = [turn for turn in turns if turn.speaker.lower() == AGENT]
    if not said:
        return Judgement(name, "not_answered", None, None, "No turn is marked as the agent's.")
    guidance = str(criterion.get("guidance") or "")
    if _is_excepted(guidance, turns):
        reason = "The guidance says the criterion does not apply to such a call."
        return Judgement(name, "not_applicable", None, None, reason)
    found = _sign(str(criterion.get("question", "")), _EXCEPTION.sub("", guidance), said)
    if found is None:
        reason = "No agent turn holds what the criterion asks for."
        return Judgement(name, "failed", None, None, reason)
    turn, quote = found
    return Judgement(
        name, "passed", turn.number, quote, f"The agent does so in turn {turn.number}."
    )


def _is_excepted(guidance: str, turns: Sequence[Said]) -> bool:
    for match in _EXCEPTION.finditer(guidance):
        is_said = any(_holds(turn.text, _QUOTED.findall(match[0])) for turn in turns)
        if is_said != (match[1].lower() == "unless"):
            return True
    return False


def _holds(text: str, phrases: Sequence[str]) -> bool:
    folded = text.casefold()
    return any(phrase.casefold() in folded for phrase in phrases)


def _sign(question: str, guidance: str, said: Sequence[Said]) -> tuple[Said, str] | None:
    phrases = _QUOTED.findall(guidance)
    wanted = _stems(f"{question} {guidance}") - _NO_SIGN
    needed = min(SHARED_WORDS, max(1, len(wanted)))
    for turn in said:
        for sentence in _SENTENCE.findall(turn.text):
            if _holds(sentence, phrases) if phrases else len(_stems(sentence) & wanted) >= needed:
                return turn, sentence.strip()
    return None


def _stems(text: str) -> frozenset[str]:
    words = frozenset(_WORD.findall(text.lower())) - word_set("stop")
    return frozenset(re.sub(r"(?:ing|ed|es|s)$", "", word) for word in words if len(word) > 2)
