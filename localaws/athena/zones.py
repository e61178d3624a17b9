"""Time zones: texts of zones, and zoned values to and from the clock on the wall.

DuckDB's TIMESTAMPTZ is an instant and forgets the zone, so the zone is part of the type here, known
when the query is translated. A value whose zone only the data knows is refused.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, partial
from zoneinfo import ZoneInfo, available_timezones

from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.python_functions import PythonFunction
from localaws.athena.scopes import Session, Typed
from localaws.athena.trino_types import Type

_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?")
_UTC_NAMES = ("Z", "UTC", "GMT", "UT", "Etc/UTC", "+00:00", "-00:00", "UCT", "Zulu", "Greenwich")


def zoned(digits: int, zone: str) -> Type:
    """Return the type of a moment in a zone; UTC is the type's plain form."""
    return replace(t.ZONED, numbers=(digits,), names=() if zone == "UTC" else (zone,))


def zone_name(text: str) -> str | None:
    """Return Trino's name of a zone (`Europe/Berlin`, `+02:00`, `UTC`), None for no zone at all.

    Raise QueryFailed NOT_SUPPORTED for a name that Trino may know otherwise.
    """
    offset = _OFFSET.fullmatch(text)
    if text in _UTC_NAMES:
        return "UTC"
    if offset:
        hours, minutes = int(offset[2]), int(offset[3] or 0)
        if hours > 14 or minutes > 59:
            return None
        name = f"{offset[1]}{hours:02d}:{minutes:02d}"
        return "UTC" if name[1:] == "00:00" else name
    if "/" in text and text in _names():
        return text if not text.startswith(("Etc/", "posix/", "right/")) else _odd(text)
    return _odd(text) if text.lower() in {name.lower() for name in _names()} else None


@cache
def zone_info(name: str) -> tzinfo:
    """Return Python's zone of a name zone_name gave."""
    offset = _OFFSET.fullmatch(name)
    if name == "UTC":
        return UTC
    if offset:
        span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(-span if offset[1] == "-" else span)
    return ZoneInfo(name)


def literal_zone(value: Typed, where: str) -> str:
    """Return the zone an argument spells out; raise QueryFailed if it is none or computed."""
    if value.literal is None:
        raise not_supported(f"{where}a computed time zone")
    if value.type == t.INTERVAL_DAY:
        minutes = int(value.literal) // 60000
        sign = "-" if minutes < 0 else "+"
        return zone_name(f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}") or "UTC"
    name = zone_name(value.literal)
    if name is None:
        text = f"{where}'{value.literal}' is not a valid time zone"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", text)
    return name


def zone_of(kind: Type, where: str) -> str:
    """Return the zone of a zoned type; raise QueryFailed if rows may differ in it."""
    if kind.names == t.MANY_ZONES:
        raise not_supported(f"{where}moments of several time zones in one column")
    return kind.names[0] if kind.names else "UTC"


def check_zones(kind: Type) -> None:
    """Raise QueryFailed if values of a result's type may be in several zones."""
    if kind.name == "timestamp with time zone":
        zone_of(kind, "")
    for part in kind.parts:
        check_zones(part)


def local(value: Typed, where: str) -> str:
    """Return the wall clock of a zoned value, as DuckDB's TIMESTAMP; other moments as they are."""
    if value.type.name != "timestamp with time zone":
        return value.sql
    zone = zone_of(value.type, where)
    if _OFFSET.fullmatch(zone):
        return f"(timezone('UTC', {value.sql}) + INTERVAL '{_minutes(zone)}' MINUTE)"
    return f"timezone({t.text(zone)}, {value.sql})"


def instant(sql: str, zone: str, session: Session) -> str:
    """Return the instant of a wall clock in a zone, as DuckDB's TIMESTAMPTZ."""
    if zone == "UTC":
        return f"timezone('UTC', {sql})"
    if _OFFSET.fullmatch(zone):
        return f"timezone('UTC', {sql} - INTERVAL '{_minutes(zone)}' MINUTE)"
    name = "instant_in_" + re.sub(r"\W", "_", zone.lower())
    call = partial(_in_zone, zone_info(zone))
    session.functions[name] = PythonFunction(call, ["TIMESTAMP"], "TIMESTAMP")
    return f"timezone('UTC', {name}({sql}))"


def _in_zone(zone: tzinfo, clock: datetime) -> datetime:
    # An hour that comes twice is its second coming, one that never comes moves on.
    first, second = (clock.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    offsets = (first.utcoffset() or timedelta(), second.utcoffset() or timedelta())
    return clock - min(offsets)


def _minutes(zone: str) -> int:
    hours, minutes = zone[1:].split(":")
    return int(zone[0] + "1") * (int(hours) * 60 + int(minutes))


def _odd(name: str) -> str:
    raise not_supported(f"the time zone {name}")


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())
