"""Fields of a pattern -> a function that prints a moment, or one that reads it, as Joda does."""

import calendar
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from localaws.athena.failures import invalid_argument
from localaws.athena.moment_patterns import Field, Part
from localaws.athena.zones import zone_name

_MONTHS, _DAYS = list(calendar.month_name)[1:], list(calendar.day_name)
_RANGES = {
    "month": (1, 12), "hour": (0, 23), "hour12": (1, 12), "hour0_11": (0, 11),
    "hour1_24": (1, 24), "minute": (0, 59), "second": (0, 59), "of_week": (1, 7), "week": (1, 53),
}  # fmt: skip
_NUMBER: dict[str, Callable[[datetime], int]] = {
    "year": lambda moment: moment.year,
    "year2": lambda moment: moment.year % 100,
    "weekyear": lambda moment: moment.isocalendar().year,
    "weekyear2": lambda moment: moment.isocalendar().year % 100,
    "month": lambda moment: moment.month,
    "day": lambda moment: moment.day,
    "of_year": lambda moment: moment.timetuple().tm_yday,
    "of_week": lambda moment: moment.isoweekday(),
    "week": lambda moment: moment.isocalendar().week,
    "hour": lambda moment: moment.hour,
    "hour12": lambda moment: (moment.hour + 11) % 12 + 1,
    "hour0_11": lambda moment: moment.hour % 12,
    "hour1_24": lambda moment: moment.hour or 24,
    "minute": lambda moment: moment.minute,
    "second": lambda moment: moment.second,
}
_TEXT: dict[str, Callable[[datetime], str]] = {
    "month_name3": lambda moment: _MONTHS[moment.month - 1][:3],
    "month_name": lambda moment: _MONTHS[moment.month - 1],
    "day_name3": lambda moment: _DAYS[moment.weekday()][:3],
    "day_name": lambda moment: _DAYS[moment.weekday()],
    "half": lambda moment: "PM" if moment.hour >= 12 else "AM",
}


def printer(parts: Sequence[Part], zone: tzinfo, name: str) -> Callable[[datetime], str]:
    """Return the function that prints a naive instant in UTC on the clock of a zone."""

    def show(instant: datetime) -> str:
        moment = instant.replace(tzinfo=UTC).astimezone(zone)
        shown = (p if isinstance(p, str) else _shown(p, moment, name) for p in parts)
        return "".join(shown)

    return show


def _shown(field: Field, moment: datetime, zone: str) -> str:
    if field.name in _TEXT:
        return _TEXT[field.name](moment)
    if field.name == "fraction":
        return f"{moment.microsecond // 1000:03d}".ljust(field.least, "0")[: field.least]
    if field.name == "zone":
        return zone
    if field.name.startswith("offset"):
        minutes = (moment.utcoffset() or timedelta()) // timedelta(minutes=1)
        between = ":" if field.name == "offset_colon" else ""
        sign = "-" if minutes < 0 else "+"
        return f"{sign}{abs(minutes) // 60:02d}{between}{abs(minutes) % 60:02d}"
    return f"{_NUMBER[field.name](moment):0{field.least}d}"


def reader(parts: Sequence[Part], pivot: int) -> Callable[[str], tuple[datetime, str]]:
    """Return the function that reads a text into a wall clock and its zone.

    `pivot` is the year in the middle of the hundred that a year of two digits may mean.
    """
    pattern = re.compile("".join(map(_expression, parts)), re.IGNORECASE)
    fields = [part for part in parts if isinstance(part, Field)]

    def read(text: str) -> tuple[datetime, str]:
        found = pattern.fullmatch(text)
        if found is None:
            raise invalid_argument(f'Invalid format: "{text}"')
        values: dict[str, str] = {}
        for field, value in zip(fields, found.groups(), strict=True):
            values[field.name] = value
        return _clock(text, values, pivot), zone_name(_offset(values)) or "UTC"

    return read


def _expression(part: Part) -> str:
    if isinstance(part, str):
        return re.escape(part)
    if part.name.startswith("month_name"):
        return "(" + "|".join(_MONTHS + [month[:3] for month in _MONTHS]) + ")"
    if part.name.startswith("day_name"):
        return "(" + "|".join(_DAYS + [day[:3] for day in _DAYS]) + ")"
    if part.name.startswith("offset"):
        return r"(Z|[+-]\d{2}:?\d{2})"
    if part.name == "half":
        return "(AM|PM)"
    if part.name == "year2" and part.most == 2:
        return r"(\d{2})"
    if part.name in ("year", "weekyear", "year2"):
        return rf"([+-]?\d{{1,{part.most}}})"
    return rf"(\d{{1,{part.most}}})"


def _offset(values: dict[str, str]) -> str:
    return next((v for name, v in values.items() if name.startswith("offset")), "UTC").upper()


def _clock(text: str, values: dict[str, str], pivot: int) -> datetime:
    numbers = {name: int(value) for name, value in values.items() if name in _NUMBER}
    for name, number in numbers.items():
        least, most = _RANGES.get(name, (number, number))
        if not least <= number <= most:
            raise invalid_argument(
                f'Cannot parse "{text}": Value {number} for {name} is out of range'
            )
    fraction = values.get("fraction", "").ljust(3, "0")[:3]
    try:
        day = _day(numbers, values, pivot)
        return datetime(day.year, day.month, day.day) + timedelta(  # noqa: DTZ001 -- a wall clock
            hours=_hour(numbers, values.get("half", "")),
            minutes=numbers.get("minute", 0),
            seconds=numbers.get("second", 0),
            milliseconds=int(fraction or 0),
        )
    except (ValueError, OverflowError) as error:
        raise invalid_argument(f'Cannot parse "{text}"') from error


def _day(numbers: dict[str, int], values: dict[str, str], pivot: int) -> date:
    year = numbers.get("year", 1970)
    if "year2" in numbers:
        year = numbers["year2"]
        if len(values["year2"]) == 2:
            year += (pivot - 50) // 100 * 100
            year += 100 if year < pivot - 50 else 0
    month = next((v for name, v in values.items() if name.startswith("month_name")), "")
    short = [name[:3].lower() for name in _MONTHS]
    number = short.index(month[:3].lower()) + 1 if month else 1
    day = date(year, numbers.get("month", number), numbers.get("day", 1))
    if "of_year" in numbers:
        day = date(year, 1, 1) + timedelta(days=numbers["of_year"] - 1)
        if day.year != year:
            raise ValueError(day)
    if "weekyear" in numbers or "week" in numbers:
        day = date.fromisocalendar(numbers.get("weekyear", year), numbers.get("week", 1), 1)
    name = next((v for field, v in values.items() if field.startswith("day_name")), "")
    if name:
        weekday = [day_name[:3].lower() for day_name in _DAYS].index(name[:3].lower())
        day += timedelta(days=weekday - day.weekday())
    return day


def _hour(numbers: dict[str, int], half: str) -> int:
    for name, hours in (("hour", 24), ("hour1_24", 24)):
        if name in numbers:
            return numbers[name] % hours
    afternoon = 12 if half.upper() == "PM" else 0
    return numbers.get("hour12", numbers.get("hour0_11", 0)) % 12 + afternoon
