"""The bytes of a recording -> its format, length and channels, or the reason why it is none."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LONGEST_SECONDS: Final = 4 * 3600
LARGEST_BYTES: Final = 2 * 1024**3
# Formats whose length only a decoder knows: assume 32 kbit/s speech.
ASSUMED_BYTES_PER_SECOND: Final = 4_000

_MAGIC: Final = (
    ("ogg", 0, b"OggS"),
    ("amr", 0, b"#!AMR"),
    ("webm", 0, b"\x1a\x45\xdf\xa3"),
    ("mp4", 4, b"ftyp"),
    ("mp3", 0, b"ID3"),
)


class Unusable(Exception):
    """A job cannot be done with what it was given; the text becomes the job's FailureReason."""


@dataclass(frozen=True, slots=True)
class Media:
    """A readable recording; `channels` and `sample_rate` are None where only a decoder knows."""

    format: str
    seconds: float
    channels: int | None
    sample_rate: int | None


def probe(data: bytes) -> Media:
    """Return what the recording is; raise Unusable with Transcribe's reason when it is none."""
    if not data:
        raise Unusable("Invalid file size: file size is zero.")
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        media = _wav(data)
    elif data[:4] == b"fLaC":
        media = _flac(data)
    else:
        media = Media(_compressed_format(data), len(data) / ASSUMED_BYTES_PER_SECOND, None, None)
    _check_limits(media)
    return media


def check_format(media: Media, stated: str | None) -> None:
    """Raise Unusable when the request stated another format than the bytes have."""
    if stated is not None and stated.replace("m4a", "mp4") != media.format:
        raise Unusable("The media format provided does not match the detected media format.")


def _wav(data: bytes) -> Media:
    """Read the chunks: sound need not start at byte 44, a header may claim more than is there."""
    form: tuple[int, int, int] | None = None
    for name, start, stated in _chunks(data):
        if name == b"fmt ":
            _, channels, rate, bytes_per_second = struct.unpack_from("<HHII", data, start)
            form = channels, rate, bytes_per_second
        elif name == b"data" and form is not None:
            length = min(stated, len(data) - start)
            if length == 0 or form[2] == 0:
                break
            return Media("wav", length / form[2], form[0], form[1])
    raise Unusable("Unsupported media format: the WAV file holds no sound.")


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    position = 12
    while position + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, position)
        if name != b"fmt " or position + 24 <= len(data):
            yield name, position + 8, size
        position += 8 + size + size % 2


def _flac(data: bytes) -> Media:
    if len(data) < 26:
        raise Unusable("Unsupported media format: the FLAC file ends in its header.")
    packed = int.from_bytes(data[18:26])
    rate, channels, samples = packed >> 44, (packed >> 41 & 7) + 1, packed & (1 << 36) - 1
    if rate == 0 or samples == 0:
        raise Unusable("Unsupported media format: the FLAC file holds no sound.")
    return Media("flac", samples / rate, channels, rate)


def _compressed_format(data: bytes) -> str:
    for name, offset, magic in _MAGIC:
        if data[offset : offset + len(magic)] == magic:
            return name
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return "mp3"
    raise Unusable("Unsupported media format. Use one of amr, flac, mp3, mp4, m4a, ogg, wav, webm.")


def _check_limits(media: Media) -> None:
    if media.seconds > LONGEST_SECONDS:
        raise Unusable("Invalid file size: the recording is longer than 4 hours.")
    if media.channels is not None and media.channels > 2:
        raise Unusable("Invalid number of channels: number of channels too large.")
    if media.sample_rate is not None and not 8_000 <= media.sample_rate <= 48_000:
        raise Unusable("Invalid sample rate for audio file.")
