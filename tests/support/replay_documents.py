"""Dialogues of other corpora -> Transcribe-shaped documents that say they were made.

Words are spread evenly over their turn; the job name begins `replay-` and `made_by` is `replay`, so
that nobody takes one for a recording's own result.
"""

from collections.abc import Iterable, Mapping
from typing import Any

SECONDS_PER_WORD = 0.4
SPEAKERS = {"agent": "spk_0", "customer": "spk_1"}
_STAR_ACTIONS = {
    ("User", "utter"): "customer",
    ("Wizard", "utter"): "agent",
    ("Wizard", "pick_suggestion"): "agent",
}


def star_turns(dialogue: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (party, text) of every spoken event of a STAR dialogue."""
    spoken = []
    for event in dialogue["Events"]:
        party = _STAR_ACTIONS.get((event.get("Agent"), event.get("Action")))
        if party and event.get("Text", "").strip():
            spoken.append((party, event["Text"].strip()))
    return spoken


def transcribe_document(name: str, turns: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the turns as Transcribe's standard output with speaker labels and audio segments."""
    items: list[dict[str, Any]] = []
    segments: list[dict[str, Any]] = []
    clock = 0.5
    for number, (party, text) in enumerate(turns):
        words = text.split()
        start, ids = clock, []
        for word in words:
            ids.append(len(items))
            items.append(_item(len(items), word, clock, SPEAKERS[party]))
            clock = round(clock + SECONDS_PER_WORD, 2)
        segments.append(
            {
                "id": number,
                "transcript": text,
                "start_time": str(start),
                "end_time": str(clock),
                "speaker_label": SPEAKERS[party],
                "items": ids,
            }
        )
        clock = round(clock + 0.6, 2)
    return {
        "jobName": f"replay-{name}",
        "accountId": "000000000000",
        "status": "COMPLETED",
        "made_by": "replay",
        "results": {
            "transcripts": [{"transcript": " ".join(s["transcript"] for s in segments)}],
            "speaker_labels": {"speakers": len({s["speaker_label"] for s in segments})},
            "items": items,
            "audio_segments": segments,
        },
    }


def _item(number: int, word: str, start: float, speaker: str) -> dict[str, Any]:
    return {
        "id": number,
        "type": "pronunciation",
        "alternatives": [{"confidence": "0.99", "content": word}],
        "start_time": str(start),
        "end_time": str(round(start + SECONDS_PER_WORD, 2)),
        "speaker_label": speaker,
    }
