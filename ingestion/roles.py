"""The labels of a transcript -> speakers: who is the agent, and how do we know (sources.md §2.4).

The file's own roles come first, then the metadata's agent channel, then channel 0 with a warning,
then what people say. Undecided stays `speaker_1` …: what needs an agent's turn is not answered.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contracts.evidence import fold
from ingestion.transcripts.transcript import Transcript, Turn

_PHRASES: Final = {
    language: {
        party: [f" {fold(phrase)} " for phrase in phrases] for party, phrases in lists.items()
    }
    for language, lists in tomllib.loads(
        Path(__file__).with_name("role_phrases.toml").read_text(encoding="utf-8")
    ).items()
}
_AGENT_PHRASE: Final = 2
_CUSTOMER_PHRASE: Final = -1
_OPENING_TURNS: Final = 4
_LEAD: Final = 3


@dataclass(frozen=True, slots=True)
class Roles:
    """Speaker by label, and where that comes from (a word of documents.md, or None)."""

    speakers: Mapping[str, str]
    source: str | None
    warnings: tuple[str, ...] = ()


def assign_roles(transcript: Transcript, agent_channel: int | None, language: str | None) -> Roles:
    """Return who speaks under each label of the transcript."""
    labels = list(dict.fromkeys(turn.label for turn in transcript.turns))
    if transcript.labels == "none":
        return Roles(dict.fromkeys(labels, "unknown"), None)
    if transcript.labels == "roles":
        return Roles(_named(labels, labels), "file")
    if transcript.labels == "channels":
        names = [f"ch_{agent_channel or 0}", f"ch_{1 - (agent_channel or 0)}"]
        speakers = _named(labels, _renamed(labels, names))
        if agent_channel is not None:
            return Roles(speakers, "metadata")
        return Roles(speakers, "channel_setting", ("agent_channel_assumed",))
    return _by_phrases(transcript.turns, labels, language or "en")


def _by_phrases(turns: Sequence[Turn], labels: Sequence[str], language: str) -> Roles:
    scores = dict.fromkeys(labels, 0)
    for number, turn in enumerate(turns):
        weight = 2 if number < _OPENING_TURNS else 1
        scores[turn.label] += weight * _score(turn.text, language)
    ranked = sorted(labels, key=lambda label: -scores[label])
    if len(ranked) < 2 or scores[ranked[0]] - scores[ranked[1]] < _LEAD:
        return Roles(_named(labels, labels), None)
    talkative = max(ranked[1:], key=lambda label: _length(turns, label))
    return Roles(_named(labels, _renamed(labels, [ranked[0], talkative])), "heuristic")


def _score(text: str, language: str) -> int:
    lists = _PHRASES.get(language.partition("-")[0], {})
    said = f" {fold(text)} "
    is_agents = any(phrase in said for phrase in lists.get("agent", ()))
    is_customers = any(phrase in said for phrase in lists.get("customer", ()))
    return _AGENT_PHRASE * is_agents + _CUSTOMER_PHRASE * is_customers


def _length(turns: Sequence[Turn], label: str) -> int:
    return sum(len(turn.text) for turn in turns if turn.label == label)


def _renamed(labels: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the labels with those of `names` called agent and customer, in that order."""
    parties = dict(zip(names, ("agent", "customer"), strict=True))
    return [parties.get(label, label) for label in labels]


def _named(labels: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Return agent and customer as they are, and `speaker_n` for whoever is n-th to speak."""
    return {
        label: name if name in ("agent", "customer") else f"speaker_{number}"
        for number, (label, name) in enumerate(zip(labels, names, strict=True), 1)
    }
