"""Files and folders -> objects behind the doors of the input bucket, and what became of each.

Everything given is dropped through the same door as everyone's: a file we cannot use is refused by
ingestion with a reason, never left out here. A file with the same bytes as the object already there
is not sent again.
"""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cci import ledger
from cci.aws import Aws, AwsError, error_code
from contracts.keys import Door, DoorKey
from contracts.ledger import State
from contracts.tenant import TenantId

AUDIO_SUFFIXES: Final = frozenset(
    {".wav", ".mp3", ".flac", ".ogg", ".m4a", ".mp4", ".amr", ".webm"}
)
UNSETTLED: Final = frozenset(
    {State.EXPECTED, State.RECEIVED, State.TRANSCRIBING, State.TRANSCRIBED, State.ENRICHED}
)
SILENT_SECONDS: Final = 120
SENDERS: Final = 8


@dataclass(frozen=True, slots=True)
class Drop:
    """One object to put behind a door."""

    key: DoorKey
    body: Callable[[], bytes]


class TwoFilesOneKey(Exception):
    """Two of the given files would become one object; the text names both."""


def plan(tenant: TenantId, paths: Iterable[Path]) -> list[Drop]:
    """Return what to drop for the given files and folders; side files come before their call.

    `a.json` or `a.wav.json` beside `a.wav` is the call's metadata, any other JSON a transcript.
    Raise TwoFilesOneKey when two files would share a key.
    """
    found: dict[str, tuple[Path, Drop]] = {}
    for path, relative in _files(paths):
        key = _door_key(tenant, path, relative)
        if str(key) in found:
            other = found[str(key)][0]
            raise TwoFilesOneKey(f"{path} and {other} would both become {key}: land them apart")
        found[str(key)] = (path, Drop(key, path.read_bytes))
    return sorted((drop for _, drop in found.values()), key=lambda drop: drop.key.door != "meta")


def send(aws: Aws, drops: Iterable[Drop]) -> Iterator[tuple[Drop, bool]]:
    """Put every drop into the input bucket; yield each with whether its bytes were new there.

    Eight are on their way at a time. Side files come first in `drops` and are all there before the
    first call is sent, so that no call has to wait for its own.
    """
    sides: list[Drop] = []
    calls: list[Drop] = []
    for drop in drops:
        (sides if drop.key.door == "meta" else calls).append(drop)
    bucket = aws.buckets.input
    with ThreadPoolExecutor(SENDERS) as pool:
        for some in (sides, calls):
            yield from pool.map(lambda drop: (drop, _send(aws.s3, bucket, drop)), some)


def _send(s3: Any, bucket: str, drop: Drop) -> bool:
    body = drop.body()
    checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
    if _stored_checksum(s3, bucket, str(drop.key)) == checksum:
        return False
    s3.put_object(
        Bucket=bucket,
        Key=str(drop.key),
        Body=body,
        ChecksumAlgorithm="SHA256",
        ChecksumSHA256=checksum,
    )
    return True


def follow(
    aws: Aws, tenant: str, keys: set[str], tell: Callable[[int], None]
) -> dict[str, Mapping[str, Any]]:
    """Wait until every key has a call that is FINAL, refused or failed; return key -> ledger item.

    `tell` hears how many are settled. Gives up when nothing has moved for two minutes; a key
    without an item, or with an unsettled one, is then still in flight.
    """
    seen: dict[str, Mapping[str, Any]] = {}
    state, since = "", time.monotonic()
    while time.monotonic() - since < SILENT_SECONDS:
        seen = {str(item.get("source_key")): item for item in ledger.calls(aws, tenant)}
        seen = {key: item for key, item in seen.items() if key in keys}
        settled = [key for key, item in seen.items() if State(item["state"]) not in UNSETTLED]
        tell(len(settled))
        if len(settled) == len(keys):
            break
        now = "".join(sorted(f"{key}{item['version']}" for key, item in seen.items()))
        if now != state:
            state, since = now, time.monotonic()
        time.sleep(0.5)
    return seen


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    for given in paths:
        path = given.absolute()
        if path.is_file():
            yield path, Path(path.name)
            continue
        for found in sorted(path.rglob("*")):
            relative = found.relative_to(path.parent)
            if found.is_file() and not any(part.startswith(".") for part in relative.parts):
                yield found, relative


def _door_key(tenant: TenantId, path: Path, relative: Path) -> DoorKey:
    door: Door = "audio"
    if path.suffix.lower() == ".json":
        recording = _recording_of(path)
        if recording is None:
            return DoorKey(tenant, "transcripts", relative.as_posix())
        return DoorKey(tenant, "meta", relative.with_name(recording + ".json").as_posix())
    return DoorKey(tenant, door, relative.as_posix())


def _recording_of(side_file: Path) -> str | None:
    """Return the name of the recording or transcript beside this JSON that it describes, or None.

    `a.wav.json` and `a.json.json` are named after what they describe; `a.json` is taken for `a.wav`
    unless it is a transcript itself.
    """
    if Path(side_file.stem).suffix.lower() in {*AUDIO_SUFFIXES, ".json"}:
        return side_file.stem if side_file.with_name(side_file.stem).exists() else None
    beside = [side_file.with_suffix(suffix) for suffix in sorted(AUDIO_SUFFIXES)]
    if _is_transcript(side_file):
        return None
    return next((path.name for path in beside if path.exists()), None)


def _is_transcript(path: Path) -> bool:
    try:
        document = json.loads(path.read_bytes())
    except ValueError:
        return False
    words = {"results", "Transcript", "turns", "cci_transcript", "ConversationAnalytics"}
    return isinstance(document, dict) and bool(words & document.keys())


def _stored_checksum(s3: Any, bucket: str, key: str) -> str | None:
    try:
        head = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    except AwsError as error:
        if error_code(error) in ("404", "NoSuchKey"):
            return None
        raise
    checksum: str | None = head.get("ChecksumSHA256")
    return checksum
