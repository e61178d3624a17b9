"""The bytes of any call document -> the final call v1.3 it says, or the reason it cannot be read.

The only reader of documents, whatever wrote them: detect the version by field, else by shape,
record which rule fired, upgrade without losing a value (lake.md §3). The tenant comes from the
key; a document that names another is refused.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts import keys, values
from contracts.detection import detect
from contracts.document_bytes import MAX_BYTES, decode_object
from contracts.errors import Rejected
from contracts.fields import put_leftovers
from contracts.final_call import DOCUMENT, FinalCall
from contracts.settling import settle
from contracts.shapes import v1_0, v1_1, v1_2, v1_3
from contracts.shapes.taking import Place
from contracts.tenant import TenantId, parse_tenant
from contracts.values import Reading

_UPGRADES: dict[str, Callable[[dict[str, Any], Place, Reading], dict[str, Any]]] = {
    v1_0.VERSION: v1_0.upgrade,
    v1_1.VERSION: v1_1.upgrade,
    v1_2.VERSION: v1_2.upgrade,
    v1_3.VERSION: v1_3.upgrade,
}


@dataclass(frozen=True, slots=True)
class Origin:
    """The object a document was read from; `timezone` is the tenant's, for times without offset.

    Without a key (a document still in memory) the tenant inside is taken.
    """

    tenant_id: TenantId | None = None
    key: str | None = None
    etag: str | None = None
    last_modified: datetime | None = None
    size: int | None = None
    timezone: str = "UTC"


def load(
    body: bytes,
    origin: Origin = Origin(),
    *,
    decode: Callable[[str], Any] = json.loads,
    hash_text: Callable[[str], str] | None = None,
) -> FinalCall | Rejected:
    """Return the call that `body` documents, or the reason word why there is none.

    `hash_text` is the tenant's keyed hash for names of people; without it they are dropped.
    """
    try:
        return _load(body, origin, decode, hash_text)
    except Rejected as reject:
        return reject
    except RecursionError:
        return Rejected("too_deep", f"{origin.key}: nested beyond {values.MAX_DEPTH} levels")


def _load(
    body: bytes,
    origin: Origin,
    decode: Callable[[str], Any],
    hash_text: Callable[[str], str] | None,
) -> FinalCall:
    key_date = _key_date(origin)
    if origin.size is not None and origin.size > MAX_BYTES:
        raise Rejected("too_large", f"{origin.key}: {origin.size} bytes; the limit is {MAX_BYTES}")
    reading = Reading(zone=_zone(origin.timezone), hash_text=hash_text)
    given = decode_object(body, decode, reading.repairs)
    version, rule = detect(given)
    place = Place(_tenant(given, origin), key_date, origin.last_modified)
    reading.latest = values.plausible_until(_written_at(given, origin, reading))
    identity = v1_3.identity(given) if version == v1_3.VERSION else v1_3.identity_of_bytes(body)
    upgraded = _UPGRADES[version](given, place, reading)
    document = DOCUMENT.read(upgraded, "", reading) or {}
    if version != v1_3.VERSION:
        put_leftovers(reading, given)
    settle(document, place, reading)
    document["lineage"] |= {
        "schema_version_detected": version,
        "detection_rule": rule,
        "document_hash": identity,
    }
    return FinalCall(
        document=document,
        detection_rule=rule,
        schema_version_detected=version,
        document_hash=identity,
        repairs=tuple(sorted(reading.repairs)),
        value_problems=tuple(reading.problems),
    )


def _key_date(origin: Origin) -> date | None:
    """Return the date of the key; raise Rejected `unreadable_key` for one that fits no layout."""
    if origin.key is None:
        return None
    for parse in (keys.parse_document, keys.parse_legacy):
        try:
            return parse(origin.key).call_date
        except Rejected:
            continue
    keys.parse_quarantine(origin.key)
    return None


def _tenant(given: dict[str, Any], origin: Origin) -> TenantId:
    inside = given.get("tenant_id")
    if origin.tenant_id is not None and inside in (None, origin.tenant_id):
        return origin.tenant_id
    if origin.tenant_id is not None:
        raise Rejected(
            "wrong_tenant",
            f"{origin.key}: the key is of {origin.tenant_id!r}, the document of another tenant",
            "tenant_id",
        )
    try:
        return parse_tenant(str(inside))
    except ValueError as problem:
        raise Rejected("wrong_tenant", str(problem), "tenant_id") from problem


def _written_at(given: dict[str, Any], origin: Origin, reading: Reading) -> datetime | None:
    lineage = given.get("lineage")
    stated = lineage.get("processed_at") if isinstance(lineage, dict) else None
    return values.parse_time(stated, reading) or origin.last_modified


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
