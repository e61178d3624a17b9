"""Metadata side files -> the fields of a call they tell (sources.md §1.1).

Found by path beside the recording, before or after it. A known field with a bad value is left out
with a warning; an unknown one travels in `extra`. A caller's number is hashed here and goes nowhere
else.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Final

from contracts.document_bytes import decode_object
from contracts.errors import Rejected
from contracts.keys import AUDIO_DOORS, DoorKey
from contracts.values import EARLIEST, Reading, Repair, parse_time
from contracts.words import DIRECTIONS, PROVIDERS
from ingestion.audio import FORMATS
from ingestion.keyed_hashes import hash_caller
from ingestion.ports import Bucket, HashKeys
from ingestion.tenants import zone_of

_MAX_BYTES: Final = 256 * 1024
_TEXTS: Final = (
    "provider_call_id", "provider_group_id", "agent_id", "team", "queue", "disposition",
)  # fmt: skip
_SECONDS: Final = (
    "duration_seconds", "hold_seconds", "queue_seconds", "after_call_work_seconds",
)  # fmt: skip
_CALLER: Final = ("caller_number", "customer_id")
_DIRECTION_WORDS: Final = {
    **dict.fromkeys(("in", "inbound", "incoming", "0"), "inbound"),
    **dict.fromkeys(("out", "outbound", "outgoing", "1"), "outbound"),
    **dict.fromkeys(("internal", "local", "2"), "internal"),
}
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?")
_NOT_KNOWN: Final = object()


@dataclass(frozen=True, slots=True)
class SideFile:
    """What one side file tells: `fields` by their names in §1.1, times as aware datetimes."""

    key: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def find_side_file(
    bucket: Bucket, source: DoorKey, timezone: str, hash_keys: HashKeys
) -> SideFile | None:
    """Return the side file that lies beside a source now, or None; the long name wins."""
    for key in side_keys(bucket, source):
        stored = bucket.get(str(key))
        if stored is not None:
            return read_side_file(stored.body, key, timezone, hash_keys)
    return None


def side_keys(bucket: Bucket, source: DoorKey) -> Iterator[DoorKey]:
    """Yield where a source's metadata may lie; a transcript of that name claims the short one."""
    yield DoorKey(source.tenant, "meta", f"{source.path}.json")
    stem = str(PurePosixPath(source.path).with_suffix(""))
    claimant = DoorKey(source.tenant, "transcripts", f"{stem}.json")
    if source.door not in AUDIO_DOORS or bucket.head(str(claimant)) is None:
        yield DoorKey(source.tenant, "meta", f"{stem}.json")


def sources_of(side: DoorKey) -> Iterator[DoorKey]:
    """Yield the sources a side file may belong to; the ledger knows which of them exists.

    Whole names come first, then the transcript that claims a short one, then recordings.
    """
    path = side.path.removesuffix(".json")
    yield DoorKey(side.tenant, "audio", path)
    yield DoorKey(side.tenant, "calls", path)
    yield DoorKey(side.tenant, "transcripts", path)
    yield DoorKey(side.tenant, "transcripts", f"{path}.json")
    for extension in (*FORMATS, *map(str.upper, FORMATS)):
        yield DoorKey(side.tenant, "audio", f"{path}.{extension}")
        yield DoorKey(side.tenant, "calls", f"{path}.{extension}")


def read_side_file(body: bytes, key: DoorKey, timezone: str, hash_keys: HashKeys) -> SideFile:
    """Return what a side file tells; one that is no object only leaves a warning.

    Times without offset are of the file's own zone, else of the tenant's.
    """
    mended: set[Repair] = set()
    told = _decode(body, mended)
    if told is None:
        return SideFile(str(key), warnings=("metadata_not_an_object",))
    reading = Reading(zone=zone_of(str(told.get("timezone") or timezone)))
    fields: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    warnings = {"metadata_bad_field"} if "not_a_number" in mended else set()
    for name, value in told.items():
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        found = _field(name, value, reading)
        if found is _NOT_KNOWN:
            extra[name] = value
        elif found is None:
            warnings.add("metadata_bad_field")
        else:
            fields[name] = found
    _hash_caller(fields, key, hash_keys, warnings)
    return SideFile(str(key), fields, extra, tuple(sorted(warnings | reading.repairs)))


def _decode(body: bytes, mended: set[Repair]) -> dict[str, Any] | None:
    try:
        return decode_object(body, json.loads, mended) if len(body) <= _MAX_BYTES else None
    except (Rejected, RecursionError):
        return None


def _field(name: str, value: object, reading: Reading) -> Any:
    """Return a known field's value, None for a bad one, _NOT_KNOWN for an unknown name."""
    if name in _TEXTS or name in _CALLER:
        return _text(value)
    if name in _SECONDS:
        return _number(value, 86_400)
    if name in ("started_at", "ended_at"):
        return _time(value, reading)
    reader = _READERS.get(name)
    return reader(value) if reader else _NOT_KNOWN


def _hash_caller(
    fields: dict[str, Any], key: DoorKey, hash_keys: HashKeys, warnings: set[str]
) -> None:
    said = [fields.pop(name) for name in _CALLER if name in fields]
    if not said:
        return
    secret = hash_keys.key(key.tenant)
    if secret is None:
        warnings.add("hash_key_missing")
    elif hashed := hash_caller(secret, said[0]):
        fields["caller_hash"] = hashed


def _time(value: object, reading: Reading) -> datetime | None:
    time = parse_time(value, reading)
    return time.astimezone(UTC) if time and time >= EARLIEST else None


def _text(value: object) -> str | None:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text.strip() if isinstance(text, str) and len(text) <= 256 else None


def _number(value: object, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value <= most else None


def _whole(value: object, most: int) -> int | None:
    number = _number(value, most)
    return int(number) if number is not None and number == int(number) else None


def _word(value: object, words: Mapping[str, str]) -> str | None:
    return words.get(str(value).strip().casefold())


def _language(value: object) -> str | None:
    return value if isinstance(value, str) and _LANGUAGE.fullmatch(value) else None


def _zone(value: object) -> str | None:
    is_known = value == "UTC" or zone_of(str(value)) is not UTC
    return str(value) if is_known else None


_READERS: Final = {
    "provider": lambda value: _word(value, {word: word for word in PROVIDERS}),
    "direction": lambda value: _word(value, _DIRECTION_WORDS | {w: w for w in DIRECTIONS}),
    "transfer_count": lambda value: _whole(value, 100),
    "agent_channel": lambda value: _whole(value, 1),
    "language": _language,
    "timezone": _zone,
}
