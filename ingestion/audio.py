"""The first bytes and the size of a recording -> what it is and how long, or a refusal.

WAV headers are read here; the other formats pass as `not_probed` and Transcribe's own channel count
is never guessed: they get a standard job. Sound does not start at byte 44: other chunks may come
before it, and headers lie about the length, so frames are counted in bytes that are there.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from contracts.errors import Rejected

START_BYTES: Final = 65_536
MAX_BYTES: Final = 2 * 1024**3
_MAX_SECONDS: Final = 4 * 3600
_RATES: Final = range(8_000, 48_001)
_UNSET: Final = (0, 0xFFFFFFFF)
_SIGNATURES: Final[Mapping[str, tuple[tuple[int, bytes], ...]]] = {
    "wav": ((0, b"RIFF"),),
    "mp3": ((0, b"ID3"), (0, b"\xff\xfb"), (0, b"\xff\xf3"), (0, b"\xff\xf2"), (0, b"\xff\xfa")),
    "flac": ((0, b"fLaC"),),
    "ogg": ((0, b"OggS"),),
    "m4a": ((4, b"ftyp"),),
    "mp4": ((4, b"ftyp"),),
    "amr": ((0, b"#!AMR"),),
    "webm": ((0, b"\x1aE\xdf\xa3"),),
}
FORMATS: Final = tuple(_SIGNATURES)


@dataclass(frozen=True, slots=True)
class Audio:
    """What the probe found; None is unknown. `warnings` are words of the runbook."""

    media_format: str
    channel_count: int | None = None
    duration_seconds: float | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sound:
    channels: int
    rate: int
    frame_bytes: int
    begins: int
    announced: int


def media_format(path: str) -> str:
    """Return the format a file name promises; raise Rejected `unsupported_media`."""
    extension = PurePosixPath(path).suffix.lower().removeprefix(".")
    if extension not in _SIGNATURES:
        raise Rejected(
            "unsupported_media",
            f"found {extension or 'no extension'}, expected one of {', '.join(_SIGNATURES)}; "
            "convert the recording and drop it again",
        )
    return extension


def probe(expected_format: str, start: bytes, size: int) -> Audio:
    """Return what the recording is, from its first START_BYTES bytes and its size in bytes.

    Raise Rejected for what Transcribe would refuse or what is no recording at all.
    """
    if not size:
        raise Rejected("audio_empty", "the file has 0 bytes; record or export the call again")
    if size > MAX_BYTES:
        raise Rejected("file_too_large", f"found {size} bytes, expected at most {MAX_BYTES}")
    if not any(start[at:].startswith(mark) for at, mark in _SIGNATURES[expected_format]):
        raise Rejected(
            "media_mismatch",
            f"the name says {expected_format}, the first bytes are {start[:12].hex(' ')}; "
            "give the file its true extension, or export the recording again",
        )
    if expected_format != "wav":
        return Audio(expected_format, warnings=("not_probed",))
    return _probe_wav(start, size)


def _probe_wav(start: bytes, size: int) -> Audio:
    sound = _find_sound(start)
    there = max(0, size - sound.begins)
    is_cut = sound.announced not in _UNSET and sound.announced > there
    data_bytes = there if is_cut or sound.announced in _UNSET else sound.announced
    seconds = data_bytes // sound.frame_bytes / sound.rate
    if not data_bytes // sound.frame_bytes:
        raise Rejected("audio_empty", "the WAV holds 0 frames of sound; export the call again")
    _refuse_what_transcribe_refuses(sound, seconds)
    warnings = ("audio_truncated",) if is_cut else ()
    return Audio("wav", sound.channels, round(seconds, 3), warnings)


def _refuse_what_transcribe_refuses(sound: _Sound, seconds: float) -> None:
    if sound.channels > 2:
        raise Rejected("too_many_channels", f"found {sound.channels}, expected 1 or 2; mix it down")
    if sound.rate not in _RATES:
        raise Rejected(
            "sample_rate_out_of_range", f"found {sound.rate} Hz, expected 8000 to 48000; resample"
        )
    if seconds < 1:
        raise Rejected("audio_too_short", f"found {seconds:.3f} s, expected at least 1 s")
    if seconds > _MAX_SECONDS:
        raise Rejected("audio_too_long", f"found {seconds:.0f} s, expected at most 4 h; split it")


def _find_sound(start: bytes) -> _Sound:
    """Walk the RIFF chunks to `data`; sizes are padded to even."""
    shape: tuple[int, int, int] | None = None
    at = 12
    while start[8:12] == b"WAVE" and at + 8 <= len(start):
        name, length = struct.unpack_from("<4sI", start, at)
        if name == b"fmt " and at + 24 <= len(start):
            _, channels, rate, _, frame_bytes, _ = struct.unpack_from("<HHIIHH", start, at + 8)
            shape = (channels, rate, frame_bytes)
        elif name == b"data" and shape and all(shape):
            return _Sound(*shape, begins=at + 8, announced=length)
        at += 8 + length + length % 2
    raise Rejected("media_mismatch", "a WAV without readable fmt and data chunks; export it again")
