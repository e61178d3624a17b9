"""Our own plain transcript, `cci_transcript` v1 -> turns.

For systems that transcribe elsewhere: labels are agent, customer or any other; times stand on all
turns or on none.
"""

from collections.abc import Mapping
from typing import Any

from ingestion.transcripts.transcript import Labels, Transcript, Turn, mean_confidence

_ROLES = {"agent", "customer"}


def read(document: Mapping[str, Any]) -> Transcript:
    """Return the transcript; raise ValueError when only some of the turns have times."""
    turns = tuple(_turn(entry) for entry in document["turns"] if str(entry["text"]).strip())
    untimed = sum(turn.start is None or turn.end is None for turn in turns)
    if untimed not in (0, len(turns)):
        raise ValueError("times must stand on all turns or on none")
    labels: Labels = "roles" if {turn.label for turn in turns} & _ROLES else "speakers"
    confidences = [
        float(entry["confidence"])
        for entry in document["turns"]
        if entry.get("confidence") is not None
    ]
    last = max((turn.end or 0.0 for turn in turns), default=0.0)
    return Transcript(
        turns=tuple(sorted(turns, key=lambda turn: turn.start or 0.0)),
        labels=labels,
        language=document.get("language"),
        duration_seconds=document.get("duration_seconds") or last or None,
        average_word_confidence=mean_confidence(confidences),
        is_redacted=document.get("is_redacted"),
        extra={"made_by": document["made_by"]} if "made_by" in document else {},
    )


def _turn(entry: Mapping[str, Any]) -> Turn:
    start, end = entry.get("start_seconds"), entry.get("end_seconds")
    return Turn(
        str(entry["speaker"]),
        str(entry["text"]).strip(),
        None if start is None else float(start),
        None if end is None else float(end),
    )
