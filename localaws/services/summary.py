"""Turns -> what a summarising model would be asked for, by position and word: a stand-in.

Every value is a tuple of candidates, best first: the schema of the answer picks the first it takes.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from localaws.services.judge import AGENT
from localaws.services.prompt_parts import Said
from localaws.services.tone_words import sentiment, tone

MOST_ACTIONS: Final = 5

_SENTENCE = re.compile(r"\S[^.?!\n]*[.?!]*")
_PROMISE = re.compile(r"\b(?:I|we)(?:'ll| will|\u2019ll)\b", re.IGNORECASE)
_SUBSTANCE: Final = 6

# The first row whose words somebody says gives the outcome, whatever the later rows find.
_OUTCOMES: Final = (
    (r"\b(?:manager|supervisor|escalat\w+)\b", ("escalated", "escalation")),
    (r"\b(?:put you through|transfer you)\b", ("transferred",)),
    (
        r"\b(?:arranged|booked|refunded|resolved|sorted|all set|up and running|veranlasst)\b",
        ("resolved",),
    ),
    (
        r"\b(?:next step|happens now|call you back|follow up|get back to you)\b",
        ("follow_up", "follow-up", "pending"),
    ),
)
_OTHERWISE: Final = ("unresolved", "not_resolved", "other", "unknown")


def summarise(turns: Sequence[Said]) -> Mapping[str, tuple[Any, ...]]:
    """Return field name -> candidates for the fields a summary may have."""
    agent = [turn for turn in turns if turn.speaker.lower() == AGENT]
    others = [turn for turn in turns if turn.speaker.lower() != AGENT]
    issue = _first_sentence(others)
    resolution = _last_statement(agent)
    mood = _mood(others)
    found = tone(" ".join(turn.text for turn in turns))
    score = round(50 + 50 * found.balance * min(1.0, (found.positive + found.negative) / 5))
    text = f"The customer said: {issue} The agent said: {resolution}" if turns else ""
    return {
        "summary": (text,),
        "text": (text,),
        "issue": (issue,),
        "resolution": (resolution,),
        "outcome": _outcome(turns),
        "action_items": (_actions(agent),),
        "tone_score": (score, float(score)),
        "sentiment": (mood, mood.upper()),
        "sentiment_summary": (f"The customer sounded {mood}.",),
    }


def _first_sentence(turns: Sequence[Said]) -> str:
    sentences = _SENTENCE.findall(turns[0].text) if turns else []
    return sentences[0].strip() if sentences else ""


def _last_statement(agent: Sequence[Said]) -> str:
    """Return the agent's last turn that tells something: long enough, and no question."""
    told = (turn.text for turn in reversed(agent) if not turn.text.rstrip().endswith("?"))
    return next((text for text in told if len(text.split()) >= _SUBSTANCE), "")


def _mood(turns: Sequence[Said]) -> str:
    return sentiment(" ".join(turn.text for turn in turns))[0].lower()


def _outcome(turns: Sequence[Said]) -> tuple[str, ...]:
    text = " ".join(turn.text for turn in turns)
    for pattern, words in _OUTCOMES:
        if re.search(pattern, text, re.IGNORECASE):
            return (*words, *_OTHERWISE)
    return _OTHERWISE


def _actions(agent: Sequence[Said]) -> list[str]:
    sentences = [found.strip() for turn in agent for found in _SENTENCE.findall(turn.text)]
    return [sentence for sentence in sentences if _PROMISE.search(sentence)][:MOST_ACTIONS]
