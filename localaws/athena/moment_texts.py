"""Texts of dates and timestamps as Trino's casts and literals read them -> Python values."""

import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from localaws.athena.failures import invalid_argument, marked, not_supported
from localaws.athena.zones import zone_info, zone_name

_MOMENT = re.compile(
    r"([-+]?\d{4,})-(\d{1,2})-(\d{1,2})"
    r"( (?:(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?)?\s*(.+)?)?"
)
_ISO_DATE = r"([-+]?\d{1,9})(?:-(\d{3})|-(\d{1,2})(?:-(\d{1,2}))?|-[Ww](\d{1,2})(?:-(\d))?)?"
_ISO = re.compile(
    rf"(?:{_ISO_DATE})?(?:[Tt](?:(\d{{1,2}})(?::(\d{{1,2}})(?::(\d{{1,2}}))?)?([.,]\d+)?)?"
    r"([Zz]|[+-]\d{2}(?::?\d{2})?)?)?"
)


class Moment(NamedTuple):
    """The wall clock a text says, the digits of its seconds, and its zone if it names one."""

    clock: datetime
    digits: int
    zone: str | None


def moment(text: str) -> Moment | None:
    """Return what a text says, None if it is no timestamp or not of the years 1 to 9999."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    hour, minute, second = (int(found[i] or 0) for i in (5, 6, 7))
    zone = zone_name(found[9]) if found[9] else None
    if found[9] and zone is None:
        return None
    fraction = found[8] or ""
    try:
        clock = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 -- a wall clock has no zone
    except ValueError:
        return None
    if len(fraction) > 12:
        return None
    micros = (int(fraction[:7].ljust(7, "0")) + 5) // 10
    return Moment(clock + timedelta(microseconds=micros), len(fraction), zone)


def date_of(text: str) -> date | None:
    """Return the date a text says as Trino's cast reads it, None if it says none.

    Raise QueryFailed NOT_SUPPORTED for one that Python's dates do not reach.
    """
    found = re.fullmatch(r"\s*([-+]?\d+)-(\d{1,2})-(\d{1,2})\s*", text)
    if found and not 1 <= int(found[1]) <= 9999:
        raise not_supported(f"the date {text}")
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def rounded(clock: datetime, digits: int) -> datetime:
    """Return a wall clock with so many digits of a second, half up."""
    unit = 10 ** (6 - digits)
    micros = clock.microsecond + unit // 2
    return clock.replace(microsecond=0) + timedelta(microseconds=micros - micros % unit)


def instant_of(found: Moment) -> datetime | None:
    """Return the instant in UTC, without a zone; None if the zone's clock never shows it."""
    zone = zone_info(found.zone or "UTC")
    aware = found.clock.replace(tzinfo=zone)
    instant = found.clock - (aware.utcoffset() or timedelta())
    shown = instant.replace(tzinfo=zone_info("UTC")).astimezone(zone).replace(tzinfo=None)
    return instant if shown == found.clock else None


def cast_to_timestamp(digits: int, text: str) -> datetime:
    """Return the timestamp(digits) of a text; a zone in it is dropped, as Trino does."""
    found = moment(text.strip(" "))
    if found is None:
        raise _uncastable(text, "timestamp")
    return rounded(found.clock, digits)


def iso_moment(text: str) -> Moment | None:
    """Return what an ISO 8601 text says as from_iso8601_timestamp reads it, None for no such."""
    found = _ISO.fullmatch(text)
    if found is None or not text or text in ("T", "t"):
        return None
    day = _iso_day(found)
    hour, minute, second = (int(found[i] or 0) for i in (7, 8, 9))
    if day is None or (found[10] and not found[7]):
        return None
    micros = _fraction(found)
    try:
        clock = datetime.combine(day, time(hour, minute, second))
    except ValueError:
        return None
    zone = (zone_name(found[11].upper()) if found[11] else "UTC") or "UTC"
    return Moment(clock + timedelta(milliseconds=micros), 3, zone)


def iso_date(text: str) -> date:
    """Return the date of an ISO 8601 text, as from_iso8601_date reads it."""
    found = re.fullmatch(_ISO_DATE, text)
    day = _iso_day(found) if found else None
    if day is None:
        raise invalid_argument(f'Invalid format: "{text}"')
    return day


def _fraction(found: re.Match[str]) -> int:
    if not found[10]:
        return 0
    unit = 3_600_000 if not found[8] else 60_000 if not found[9] else 1000
    digits = found[10][1:]
    return int(digits) * unit // int(10 ** len(digits))


def _iso_day(found: re.Match[str]) -> date | None:
    year, of_year, month, day, week, of_week = (found[i] for i in range(1, 7))
    try:
        if year is None:
            return date(1970, 1, 1)
        if week:
            return date.fromisocalendar(int(year), int(week), int(of_week or 1))
        if of_year:
            day_of_year = date(int(year), 1, 1) + timedelta(days=int(of_year) - 1)
            return day_of_year if of_year != "000" and day_of_year.year == int(year) else None
        return date(int(year), int(month or 1), int(day or 1))
    except (ValueError, OverflowError):
        return None


def _uncastable(text: str, kind: str) -> ValueError:
    return ValueError(marked("INVALID_CAST_ARGUMENT", f"Value cannot be cast to {kind}: {text}"))
