"""What every transcript reader returns: turns by the file's own labels, and what the file states.

Labels become speakers later (`ingestion/roles.py`), because the tenant's settings have a say in it.
Times are seconds from the start of the recording.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Labels = Literal["roles", "channels", "speakers", "none"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """When one word was spoken."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Turn:
    """One uninterrupted stretch of one speaker; `words` is empty where the file gives no times."""

    label: str
    text: str
    start: float | None
    end: float | None
    words: tuple[Spoken, ...] = ()
    sentiment: str | None = None
    is_interruption: bool = False


@dataclass(frozen=True, slots=True)
class Stated:
    """Figures the file itself states, by label; documents carry them instead of computed ones."""

    source: str
    talk_seconds: Mapping[str, float]
    non_talk_seconds: float | None
    interruption_count: int | None
    overall_scores: Mapping[str, float] = field(default_factory=dict)
    customer_shift: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """One transcript. `is_redacted` None: the file does not say, so it was not asked for."""

    turns: tuple[Turn, ...]
    labels: Labels
    language: str | None = None
    duration_seconds: float | None = None
    average_word_confidence: float | None = None
    is_redacted: bool | None = None
    channel_count: int | None = None
    stated: Stated | None = None
    categories: Sequence[Mapping[str, Any]] = ()
    issues: Sequence[Mapping[str, Any]] = ()
    warnings: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


def mean_confidence(confidences: Sequence[float]) -> float | None:
    """Return the mean over spoken words, 0-1 to six places; None without any."""
    return round(sum(confidences) / len(confidences), 6) if confidences else None
