"""A recording in S3 -> what it says: a replayed result, a prepared conversation or an invented one.

Replay comes first: `index.json` of the replay folder maps the sha256 of the bytes, or the base name
of the key, to a file beside it, real AWS JSON or our turns. Then `<key>.transcript.json` next to
the recording. Then the stand-in, or FAILED where LOCALAWS_UNKNOWN_RECORDING says so.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from localaws.services.media import LARGEST_BYTES, Media, Unusable, probe
from localaws.services.objects import Objects, Place
from localaws.services.speech import Speech, invent_speech, is_speech, parse_speech
from localaws.settings import Settings


@dataclass(frozen=True, slots=True)
class Recording:
    """A readable recording; `result` is AWS's own answer to replay, else `speech` is rendered."""

    media: Media
    speech: Speech
    result: bytes | None = None


def load_recording(objects: Objects, place: Place, settings: Settings) -> Recording:
    """Return what the recording at `place` says; raise Unusable with the job's FailureReason."""
    if (objects.size(place) or 0) > LARGEST_BYTES:
        raise Unusable("Invalid file size: file size too large.")
    data = objects.read(place)
    if data is None:
        raise Unusable("The media file could not be read: it is gone or access is denied.")
    media = probe(data)
    digest = hashlib.sha256(data).hexdigest()
    prepared = _replayed(settings.replay, digest, PurePosixPath(place.key).name)
    if prepared is not None:
        return _recording(media, prepared)
    side_car = Place(place.bucket, f"{place.key}.transcript.json")
    beside = objects.read(side_car)
    if beside is not None:
        return Recording(media, parse_speech(beside, side_car.key))
    if settings.unknown_recording == "fail":
        raise Unusable(f"No transcript was prepared for the recording with sha256 {digest}.")
    return Recording(media, invent_speech(media, digest))


def _replayed(folder: Path | None, digest: str, base_name: str) -> Path | None:
    if folder is None:
        return None
    try:
        index = json.loads((folder / "index.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Unusable(f"index.json of LOCALAWS_REPLAY cannot be read: {error}.") from error
    name = index.get(digest) or index.get(base_name)
    return folder / name if name else None


def _recording(media: Media, prepared: Path) -> Recording:
    try:
        data = prepared.read_bytes()
        document = json.loads(data)
    except (OSError, ValueError) as error:
        raise Unusable(f"The replay file {prepared.name} cannot be read: {error}.") from error
    if is_speech(document):
        return Recording(media, parse_speech(data, prepared.name))
    return Recording(media, Speech(()), data)
