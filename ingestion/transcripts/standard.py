"""A standard Transcribe result -> turns, best source first (sources.md §2.1).

Numbers are text in these files. Punctuation has neither times nor a confidence that means anything.
Top-level items carry no channel in older files, so a channel's turns come from its own items.
`results.segments` are alternatives, not speakers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ingestion.transcripts.transcript import Labels, Spoken, Transcript, Turn, mean_confidence

_Item = Mapping[str, Any]
# Measured: these two give the turn counts that sources.md §6 lists for the real files; the 1.0 s
# and 0.5 s of its §2.1 join half of them.
_LONG_PAUSE: Final = 0.6
_SENTENCE_PAUSE: Final = 0.3
_LONGEST_TURN: Final = 60.0
_SENTENCE_ENDS: Final = (".", "?", "!", "\u3002", "\uff1f", "\uff01")
_NO_BLANKS: Final = ("ja", "zh", "th")


@dataclass(slots=True)
class _Piece:
    """A turn being collected."""

    label: str
    texts: list[str]
    words: list[Spoken]
    glue: str

    def add(self, item: _Item) -> None:
        content = str(item["alternatives"][0]["content"])
        if _is_word(item):
            self.texts.append(self.glue + content if self.texts else content)
            self.words.append(_spoken(item))
        else:
            self.texts.append(content)

    def turn(self) -> Turn:
        return Turn(
            self.label,
            "".join(self.texts),
            self.words[0].start,
            max(word.end for word in self.words),
            tuple(self.words),
        )


def read(document: Mapping[str, Any]) -> Transcript:
    """Return the transcript of one result file; turns in order of their start."""
    results = document["results"]
    language = results.get("language_code")
    glue = "" if str(language)[:2] in _NO_BLANKS else " "
    labels, turns = _turns(results, glue)
    channels = results.get("channel_labels")
    confidences = [
        float(item["alternatives"][0]["confidence"])
        for item in results["items"]
        if _is_word(item) and item["alternatives"][0].get("confidence") is not None
    ]
    return Transcript(
        turns=tuple(sorted(turns, key=lambda turn: (turn.start or 0.0, turn.end or 0.0))),
        labels=labels,
        language=language,
        duration_seconds=max((turn.end or 0.0 for turn in turns), default=None),
        average_word_confidence=mean_confidence(confidences),
        is_redacted=document.get("isRedacted"),
        channel_count=channels.get("number_of_channels") if channels else None,
        extra={"made_by": document["made_by"]} if "made_by" in document else {},
    )


def full_text(items: Iterable[_Item], glue: str = " ") -> str:
    """Return what the items say: words joined by `glue`, punctuation glued on."""
    piece = _Piece("", [], [], glue)
    for item in items:
        piece.add(item)
    return "".join(piece.texts)


def _turns(results: Mapping[str, Any], glue: str) -> tuple[Labels, list[Turn]]:
    if results.get("audio_segments"):
        segments = results["audio_segments"]
        labels: Labels = "channels" if "channel_label" in segments[0] else "speakers"
        if not {"speaker_label", "channel_label"} & segments[0].keys():
            labels = "none"
        return labels, list(_from_audio_segments(segments, results["items"]))
    if results.get("speaker_labels", {}).get("segments"):
        return "speakers", list(_from_speaker_labels(results, glue))
    if results.get("channel_labels"):
        channels = results["channel_labels"]["channels"]
        return "channels", [
            turn
            for channel in channels
            for turn in _by_pauses(channel["channel_label"], channel["items"], glue)
        ]
    return "none", list(_by_pauses("", results["items"], glue))


def _from_audio_segments(
    segments: Sequence[Mapping[str, Any]], items: Sequence[_Item]
) -> Iterator[Turn]:
    by_id = {item.get("id"): item for item in items}
    for segment in segments:
        text = str(segment["transcript"]).strip()
        members = [by_id[number] for number in segment.get("items", ()) if number in by_id]
        if text:
            yield Turn(
                segment.get("speaker_label") or segment.get("channel_label") or "",
                text,
                float(segment["start_time"]),
                float(segment["end_time"]),
                tuple(_spoken(item) for item in members if _is_word(item)),
            )


def _from_speaker_labels(results: Mapping[str, Any], glue: str) -> Iterator[Turn]:
    """Give each word to the segment that names its times; punctuation follows its word."""
    segments = results["speaker_labels"]["segments"]
    owner = {
        (item["start_time"], item["end_time"]): number
        for number, segment in enumerate(segments)
        for item in segment["items"]
    }
    pieces = [_Piece(segment["speaker_label"], [], [], glue) for segment in segments]
    current = 0
    for item in results["items"]:
        if _is_word(item):
            current = owner.get((item["start_time"], item["end_time"]), current)
        pieces[current].add(item)
    return (piece.turn() for piece in pieces if piece.words)


def _by_pauses(label: str, items: Iterable[_Item], glue: str) -> Iterator[Turn]:
    piece = _Piece(label, [], [], glue)
    for item in items:
        if piece.words and _is_word(item) and _starts_a_turn(piece, _spoken(item)):
            yield piece.turn()
            piece = _Piece(label, [], [], glue)
        piece.add(item)
    if piece.words:
        yield piece.turn()


def _starts_a_turn(piece: _Piece, word: Spoken) -> bool:
    pause = round(word.start - piece.words[-1].end, 3)
    if pause >= _LONG_PAUSE or word.end - piece.words[0].start > _LONGEST_TURN:
        return True
    return pause >= _SENTENCE_PAUSE and piece.texts[-1].endswith(_SENTENCE_ENDS)


def _is_word(item: _Item) -> bool:
    return bool(item.get("type", "pronunciation") == "pronunciation")


def _spoken(item: _Item) -> Spoken:
    return Spoken(float(item["start_time"]), float(item["end_time"]))
