"""The lines of a story -> the files a customer would drop: transcripts, recordings, side files."""

import json
import math
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cci.demo_conversations import Line

RATE: Final = 8_000
WORDS_PER_SECOND: Final = 2.8
PAUSE_SECONDS: Final = 0.5
PITCH: Final = {0: 200, 1: 320}

_PIECE = re.compile(r"[^\s.,?!]+|[.,?!]")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line with its time, in seconds from the start of the call."""

    line: Line
    start: float
    end: float


def speak(lines: Sequence[Line]) -> tuple[Spoken, ...]:
    """Return the lines one after the other, each as long as its words take."""
    return tuple(_spoken(lines))


def plain_transcript(spoken: Sequence[Spoken], language: str) -> bytes:
    """Return our own transcript shape; personal data is masked in the words themselves."""
    turns = [
        {
            "speaker": said.line.speaker,
            "text": said.line.text,
            "start_seconds": said.start,
            "end_seconds": said.end,
        }
        for said in spoken
    ]
    head = {"cci_transcript": "v1", "language": language, "is_redacted": True}
    duration = {"duration_seconds": spoken[-1].end} if spoken else {}
    return _json({**head, **duration, "turns": turns})


def transcribe_result(spoken: Sequence[Spoken], name: str) -> bytes:
    """Return what a standard job with speaker labels answers, for a call transcribed elsewhere."""
    speakers = list(dict.fromkeys(said.line.speaker for said in spoken))
    items: list[dict[str, Any]] = []
    segments: list[dict[str, Any]] = []
    for number, said in enumerate(spoken):
        label = {"speaker_label": f"spk_{speakers.index(said.line.speaker)}"}
        first = len(items)
        items += _items(said, first, label)
        segments.append({
            "id": number,
            "transcript": said.line.text,
            "start_time": str(said.start),
            "end_time": str(said.end),
            **label,
            "items": list(range(first, len(items))),
        })  # fmt: skip
    results = {
        "transcripts": [{"transcript": " ".join(said.line.text for said in spoken)}],
        "items": items,
        "audio_segments": segments,
    }
    head = {"jobName": name, "accountId": "000000000000", "status": "COMPLETED"}
    return _json({**head, "isRedacted": True, "results": results, "made_by": "cci demo"})


def prepared_transcript(spoken: Sequence[Spoken], language: str) -> bytes:
    """Return what localaws' Transcribe shall hear in a recording."""
    turns = [
        {"party": said.line.speaker, "start": said.start, "end": said.end, "text": said.line.text}
        for said in spoken
    ]
    return _json({"language": language, "turns": turns})


def recording(spoken: Sequence[Spoken], channels: int) -> bytes:
    """Return a WAV as long as the call: a tone where somebody speaks, the agent on channel 0."""
    frame = 2 * channels
    sound = bytearray(frame * int(RATE * (spoken[-1].end + PAUSE_SECONDS)))
    for said in spoken:
        channel = int(said.line.speaker != "agent")
        first, last = int(said.start * RATE), int(said.end * RATE)
        tone = _second(channel, channels)
        length = (last - first) * frame
        sound[first * frame : last * frame] = (tone * (1 + length // len(tone)))[:length]
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, RATE, RATE * frame, frame, 16)
    data = struct.pack("<4sI", b"data", len(sound)) + sound
    return struct.pack("<4sI4s", b"RIFF", 4 + len(form) + len(data), b"WAVE") + form + data


def side_file(fields: Mapping[str, Any]) -> bytes:
    """Return the metadata of one call."""
    return _json(fields)


def _spoken(lines: Sequence[Line]) -> Iterator[Spoken]:
    start = PAUSE_SECONDS
    for line in lines:
        end = start + max(0.6, len(line.text.split()) / WORDS_PER_SECOND)
        yield Spoken(line, round(start, 2), round(end, 2))
        start = end + PAUSE_SECONDS


def _items(said: Spoken, first: int, label: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    pieces = _PIECE.findall(said.line.text)
    slot = (said.end - said.start) / max(1, sum(piece not in ".,?!" for piece in pieces))
    count = 0
    for number, piece in enumerate(pieces, first):
        if piece in ".,?!":
            heard = {"confidence": "0.0", "content": piece}
            yield {"id": number, "type": "punctuation", "alternatives": [heard], **label}
            continue
        times = (said.start + count * slot, said.start + (count + 1) * slot)
        count += 1
        yield {
            "id": number,
            "type": "pronunciation",
            "alternatives": [{"confidence": "0.98", "content": piece}],
            "start_time": f"{times[0]:.3f}",
            "end_time": f"{times[1]:.3f}",
            **label,
        }


def _second(channel: int, channels: int) -> bytes:
    """Return one second of a speaker's tone on the speaker's channel, silence on the other."""
    silent = [0] * channels
    samples: list[int] = []
    for number in range(RATE):
        level = int(8_000 * math.sin(2 * math.pi * PITCH[channel] * number / RATE))
        heard = silent.copy()
        heard[channel % channels] = level
        samples += heard
    return struct.pack(f"<{len(samples)}h", *samples)


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
