"""Patterns of dates: MySQL's letters (`%Y`) and Joda's (`yyyy`) -> fields, which print and read.

A field is (name, least digits, most digits read); a text between fields is itself.
"""

import re
from dataclasses import dataclass
from itertools import groupby

from localaws.athena.failures import QueryFailed, not_supported


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a moment; `most` is how many digits reading takes at most."""

    name: str
    least: int
    most: int


Part = Field | str
NUMBERS = (
    *("year", "weekyear", "month", "day", "of_year", "of_week", "week", "hour", "hour12"),
    *("hour0_11", "hour1_24", "minute", "second", "fraction", "year2"),
)
_MYSQL: dict[str, tuple[Part, ...]] = {
    "a": (Field("day_name3", 0, 0),), "b": (Field("month_name3", 0, 0),),
    "c": (Field("month", 1, 2),), "d": (Field("day", 2, 2),), "e": (Field("day", 1, 2),),
    "f": (Field("fraction", 6, 9),), "H": (Field("hour", 2, 2),), "k": (Field("hour", 1, 2),),
    "h": (Field("hour12", 2, 2),), "I": (Field("hour12", 2, 2),), "l": (Field("hour12", 1, 2),),
    "i": (Field("minute", 2, 2),), "j": (Field("of_year", 3, 3),),
    "M": (Field("month_name", 0, 0),), "m": (Field("month", 2, 2),), "p": (Field("half", 0, 0),),
    "S": (Field("second", 2, 2),), "s": (Field("second", 2, 2),), "W": (Field("day_name", 0, 0),),
    "v": (Field("week", 2, 2),), "x": (Field("weekyear", 4, 9),), "Y": (Field("year", 4, 9),),
    "y": (Field("year2", 2, 2),), "%": ("%",),
}  # fmt: skip
_TIME = (_MYSQL["H"][0], ":", _MYSQL["i"][0], ":", _MYSQL["s"][0])
_MYSQL["T"] = _TIME
_MYSQL["r"] = (_MYSQL["h"][0], *_TIME[1:], " ", _MYSQL["p"][0])
_JODA = {
    "y": "year", "Y": "year", "x": "weekyear", "M": "month", "d": "day", "D": "of_year",
    "e": "of_week", "w": "week", "H": "hour", "h": "hour12", "k": "hour1_24", "K": "hour0_11",
    "m": "minute", "s": "second", "S": "fraction",
}  # fmt: skip


def mysql_parts(pattern: str) -> list[Part]:
    """Return the fields of date_format's and date_parse's pattern; raise QueryFailed as they do."""
    if not pattern:
        raise _invalid("Both printing and parsing not supported")
    found: list[Part] = []
    letters = iter(pattern)
    for letter in letters:
        if letter != "%":
            found.append(letter)
            continue
        follows = next(letters, "")
        if follows in tuple("DUuVwX"):
            raise _invalid(f"%{follows} not supported in date format string")
        found += _MYSQL.get(follows, (follows,))
    return _bounded(found)


def joda_parts(pattern: str, where: str) -> list[Part]:
    """Return the fields of a Joda pattern; raise QueryFailed for a letter it has not."""
    if not pattern:
        raise _invalid("Invalid pattern specification: Pattern is null or empty")
    found: list[Part] = []
    for match in re.finditer(r"'((?:[^']|'')*)'|([A-Za-z]+)|([^A-Za-z']+)|(')", pattern):
        if match[4]:
            raise not_supported(f"{where}an open quote in a date pattern")
        if match[2]:
            runs = ["".join(run) for _, run in groupby(match[2])]
            found += [_joda_field(run, where) for run in runs]
        elif match[1] is not None:
            found.append(match[1].replace("''", "'") or "'")
        else:
            found.append(match[3])
    return _bounded(found)


def _joda_field(run: str, where: str) -> Field:
    letter, count = run[0], len(run)
    named = _named_field(letter, count)
    if named:
        return Field(named, 0, 0)
    if letter in "yYx" and count == 2:
        return Field("year2" if letter != "x" else "weekyear2", 2, 9)
    if letter in "CGzZ":
        raise not_supported(f"{where}{run} in a date pattern")
    if letter not in _JODA:
        raise _invalid(f"Illegal pattern component: {run}")
    most = {"y": 9, "Y": 9, "x": 9, "S": count, "D": max(count, 3)}.get(letter, max(count, 2))
    return Field(_JODA[letter], count, most)


def _named_field(letter: str, count: int) -> str:
    if letter == "M" and count > 2:
        return "month_name3" if count == 3 else "month_name"
    if letter == "E":
        return "day_name3" if count < 4 else "day_name"
    if letter == "Z" and count < 4:
        return {1: "offset", 2: "offset_colon", 3: "zone"}[count]
    return "half" if letter == "a" else ""


def _bounded(parts: list[Part]) -> list[Part]:
    # A year reads its own digits only, when digits follow.
    found: list[Part] = []
    for part, after in zip(parts, [*parts[1:], ""], strict=True):
        digits_follow = isinstance(after, Field) and after.name in NUMBERS
        long = isinstance(part, Field) and part.most == 9 and part.name != "fraction"
        if isinstance(part, Field) and long and digits_follow:
            found.append(Field(part.name, part.least, part.least))
        else:
            found.append(part)
    return found


def _invalid(text: str) -> QueryFailed:
    return QueryFailed("INVALID_FUNCTION_ARGUMENT", text)
