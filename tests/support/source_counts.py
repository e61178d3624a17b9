"""Turns and speakers counted straight from source files, by code that shares nothing with ours.

Written from the description of AWS's formats alone; it exists to disagree when ingestion is wrong.
"""

from typing import Any

PAUSE_SECONDS = 0.6
SENTENCE_PAUSE_SECONDS = 0.3
LONGEST_TURN_SECONDS = 60.0


def count(document: dict[str, Any]) -> tuple[int, int] | None:
    """Return (turns, speakers) of a transcript file, or None when it is none we read."""
    if isinstance(document.get("Transcript"), list):
        spoken = document["Transcript"]
        return len(spoken), len({turn["ParticipantRole"] for turn in spoken})
    results = document.get("results")
    if not isinstance(results, dict) or "transcripts" not in results:
        return None
    return _standard(results)


def _standard(results: dict[str, Any]) -> tuple[int, int]:
    if not results["items"]:
        return 0, 0
    if results.get("audio_segments"):
        segments = results["audio_segments"]
        return len(segments), len({segment["speaker_label"] for segment in segments})
    if results.get("speaker_labels"):
        segments = results["speaker_labels"]["segments"]
        return len(segments), len({segment["speaker_label"] for segment in segments})
    if results.get("channel_labels"):
        channels = results["channel_labels"]["channels"]
        spoken = [_pauses(channel["items"]) for channel in channels]
        return sum(spoken), sum(turns > 0 for turns in spoken)
    return _pauses(results["items"]), 1


def _pauses(items: list[dict[str, Any]]) -> int:
    """Count turns of one voice: a new one after a long pause, or a shorter one after a sentence."""
    turns, turn_began, word_ended, sentence_ended = 0, 0.0, None, False
    for item in items:
        if item["type"] == "punctuation":
            sentence_ended = item["alternatives"][0]["content"] in (".", "?", "!")
            continue
        begins, ends = float(item["start_time"]), float(item["end_time"])
        pause = None if word_ended is None else round(begins - word_ended, 3)
        is_new = (
            pause is None
            or pause >= PAUSE_SECONDS
            or (sentence_ended and pause >= SENTENCE_PAUSE_SECONDS)
            or ends - turn_began > LONGEST_TURN_SECONDS
        )
        if is_new:
            turns, turn_began = turns + 1, begins
        word_ended, sentence_ended = ends, False
    return turns
