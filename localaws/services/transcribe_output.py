"""Heard turns -> the result document of a standard transcription job, and its subtitles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from localaws.services.spoken_words import SpokenTurn, Word

MADE_BY: Final = "localaws"

Labels = Literal["channel", "speaker", "none"]


@dataclass(frozen=True, slots=True)
class Form:
    """What was asked for; `is_redacted` is None where no redaction was, `speakers` at most."""

    labels: Labels
    speakers: int
    is_redacted: bool | None


def standard_document(
    job_name: str, account: str, turns: Sequence[SpokenTurn], form: Form
) -> dict[str, Any]:
    """Return the result as Transcribe stores it: numbers are text, items carry their label."""
    labels = _turn_labels(turns, form)
    items, segments = _items(turns, labels, form.labels)
    results: dict[str, Any] = {
        "transcripts": [{"transcript": " ".join(turn.text for turn in turns)}],
        "items": items,
        "audio_segments": segments,
    }
    if form.labels == "channel":
        results["channel_labels"] = _channel_labels(items)
    elif form.labels == "speaker":
        results["speaker_labels"] = _speaker_labels(segments, items)
    redacted = {} if form.is_redacted is None else {"isRedacted": form.is_redacted}
    head = {"jobName": job_name, "accountId": account, "status": "COMPLETED", **redacted}
    return {**head, "results": results, "made_by": MADE_BY}


def subtitles(turns: Sequence[SpokenTurn], kind: str, first: int) -> bytes:
    """Return the turns as `vtt` or `srt`, cues numbered from `first`."""
    mark = "." if kind == "vtt" else ","
    times = [(_clock(turn.turn.start, mark), _clock(turn.turn.end, mark)) for turn in turns]
    cues = [
        f"{number}\n{start} --> {end}\n{turn.text}\n"
        for number, ((start, end), turn) in enumerate(zip(times, turns, strict=True), first)
    ]
    return "\n".join(["WEBVTT\n", *cues] if kind == "vtt" else cues).encode()


def _turn_labels(turns: Sequence[SpokenTurn], form: Form) -> list[str]:
    if form.labels == "channel":
        return [f"ch_{turn.turn.channel}" for turn in turns]
    parties = list(dict.fromkeys(turn.turn.party for turn in turns))
    return [f"spk_{min(parties.index(turn.turn.party), form.speakers - 1)}" for turn in turns]


def _items(
    turns: Sequence[SpokenTurn], labels: Sequence[str], kind: Labels
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    items: list[dict[str, Any]] = []
    segments: list[dict[str, Any]] = []
    for number, (turn, label) in enumerate(zip(turns, labels, strict=True)):
        shown = {} if kind == "none" else {f"{kind}_label": label}
        ids = list(range(len(items), len(items) + len(turn.words)))
        items += [_item(id_, word, shown) for id_, word in zip(ids, turn.words, strict=True)]
        times = {"start_time": _time(turn.turn.start), "end_time": _time(turn.turn.end)}
        segments.append({"id": number, "transcript": turn.text, **times, **shown, "items": ids})
    return items, segments


def _item(number: int, word: Word, label: dict[str, str]) -> dict[str, Any]:
    if word.is_punctuation:
        said: dict[str, Any] = {"confidence": "0.0", "content": word.text}
        return {"id": number, "type": "punctuation", "alternatives": [said], **label}
    confidence = str(word.confidence)
    if word.pii_kind is None:
        said = {"confidence": confidence, "content": word.text}
    else:
        found = {"confidence": confidence, "type": word.pii_kind, "category": "PII"}
        said = {"content": word.text, "redactions": [found]}
    times = {"start_time": _time(word.start), "end_time": _time(word.end)}
    return {"id": number, "type": "pronunciation", "alternatives": [said], **times, **label}


def _channel_labels(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    channels = [
        {
            "channel_label": label,
            "items": [item for item in items if item["channel_label"] == label],
        }
        for label in ("ch_0", "ch_1")
    ]
    return {"channels": channels, "number_of_channels": len(channels)}


def _speaker_labels(
    segments: Sequence[dict[str, Any]], items: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Return who spoke when; as in AWS, the items of a segment hold times and no words."""
    fields = ("start_time", "end_time", "speaker_label")
    shown = [
        {
            **{name: segment[name] for name in fields},
            "items": [
                {name: items[number][name] for name in fields}
                for number in segment["items"]
                if items[number]["type"] == "pronunciation"
            ],
        }
        for segment in segments
    ]
    speakers = len({segment["speaker_label"] for segment in segments})
    return {"segments": shown, "channel_label": "ch_0", "speakers": speakers}


def _time(seconds: float) -> str:
    return str(round(seconds, 3))


def _clock(seconds: float, mark: str) -> str:
    whole, millis = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}{mark}{millis:03}"
