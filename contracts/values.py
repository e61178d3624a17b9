"""Loose values -> the value meant, or None with the word that says what was wrong.

Nothing is guessed: what is mended leaves a repair word, what cannot be meant becomes None, a
`ValueProblem` and an entry in `extra` (lake.md §3.4). All words of repairs and value problems are
listed here, because the runbook explains each.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final, Literal, get_args

Repair = Literal[
    "action_items_form",
    "bom",
    "boolean_word",
    "control_characters",
    "evaluation_replaced",
    "lone_surrogate",
    "naive_time",
    "not_a_number",
    "number_as_text",
    "number_text",
    "pii_text_dropped",
    "sentiment_merged",
    "turns_renumbered",
]
ValueReason = Literal[
    "out_of_range", "implausible_time", "not_a_number_text", "unknown_word", "wrong_type"
]

REPAIRS: Final[tuple[Repair, ...]] = get_args(Repair)
VALUE_REASONS: Final[tuple[ValueReason, ...]] = get_args(ValueReason)
MAX_DEPTH: Final = 100
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?%?")
_EXACT = re.compile(r"\d{1,5}(?:\.\d{1,4})?")
_NO_NUMBER = frozenset({"", "n/a"})
_TRUE = frozenset({"true", "1", "yes", "y", "pass", "passed", "met"})
_FALSE = frozenset({"false", "0", "no", "n", "fail", "failed", "not_met"})
_NOT_APPLICABLE = frozenset({"n/a", "na", "not_applicable"})
# One word, but none with a digit run that may be somebody's number.
_SINGLE_WORD = re.compile(r"(?!.*\d{7})[\w.:+%-]{1,40}")


@dataclass(frozen=True, slots=True)
class ValueProblem:
    """A value that became None: where, why (a ValueReason), and a word or number, never speech."""

    path: str
    reason: ValueReason
    detail: str


@dataclass(slots=True)
class Reading:
    """What reading one document needs to know, and what it found on the way."""

    zone: tzinfo = UTC
    latest: datetime | None = None
    hash_text: Callable[[str], str] | None = None
    repairs: set[Repair] = field(default_factory=set)
    problems: list[ValueProblem] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def refuse(self, path: str, reason: ValueReason, value: object) -> None:
        """Note that `value` cannot be taken; it stays in `extra`."""
        self.problems.append(ValueProblem(path, reason, _detail(value)))
        self.keep(path, value)

    def keep(self, path: str, value: object) -> None:
        """Keep a value that found no place; raise RecursionError where it nests too deep."""
        if value is not None:
            _refuse_depth(value)
            self.extra[path] = value


def read_text(value: object, path: str, reading: Reading) -> str | None:
    """Return text, None for blanks; a number is written out."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        reading.repairs.add("number_as_text")
        return str(value)
    reading.refuse(path, "wrong_type", value)
    return None


def read_number(value: object, path: str, reading: Reading) -> float | None:
    """Return an int or float; `"71 %"` is 71, nothing is divided; a boolean is never a number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        reading.refuse(path, "wrong_type", value)
        return None
    text = value.strip()
    if text.casefold() in _NO_NUMBER:
        return None
    if not _NUMBER.fullmatch(text.replace(" ", "")):
        reading.refuse(path, "not_a_number_text", value)
        return None
    number = float(text.replace(" ", "").rstrip("%"))
    if not math.isfinite(number):
        reading.refuse(path, "out_of_range", value)
        return None
    reading.repairs.add("number_text")
    return int(number) if number.is_integer() else number


def read_integer(value: object, path: str, reading: Reading) -> int | None:
    """Return a whole number; 3.0 is 3, 3.5 is refused."""
    number = read_number(value, path, reading)
    if number is None or float(number).is_integer():
        return None if number is None else int(number)
    reading.refuse(path, "wrong_type", value)
    return None


def read_decimal(value: object, path: str, reading: Reading) -> str | None:
    """Return an exact number of at most four places as text, as weights travel."""
    if isinstance(value, str) and _EXACT.fullmatch(value):
        return value
    number = read_number(value, path, reading)
    if number is None:
        return None
    text = format(Decimal(str(number)), "f")
    if _EXACT.fullmatch(text):
        return text
    reading.refuse(path, "out_of_range", value)
    return None


def read_boolean(value: object, path: str, reading: Reading) -> bool | None:
    """Return a boolean, also from the words people and models write for one."""
    if isinstance(value, bool):
        return value
    word = _folded(value)
    if word in _TRUE or word in _FALSE:
        reading.repairs.add("boolean_word")
        return word in _TRUE
    if word and word not in _NOT_APPLICABLE:
        reading.refuse(path, "unknown_word", value)
    return None


def read_result(value: object, reading: Reading) -> tuple[str, str | None]:
    """Return a criterion's result in four words, and what was written.

    None and unknown words are not answered: never a failure.
    """
    if value is None:
        return "not_answered", None
    raw = str(value).lower() if isinstance(value, bool) else str(value)
    word = _folded(raw)
    if isinstance(value, str) and word not in ("passed", "failed", "not_applicable"):
        reading.repairs.add("boolean_word")
    if word in _TRUE:
        return "passed", raw
    if word in _FALSE:
        return "failed", raw
    return ("not_applicable" if word in _NOT_APPLICABLE else "not_answered"), raw


def read_time(value: object, path: str, reading: Reading) -> str | None:
    """Return an ISO 8601 time in UTC with `Z`, cut to milliseconds.

    A time without offset is one of the reading's zone. Before 2000 or after `latest` is refused.
    """
    time = parse_time(value, reading)
    if time is None:
        if not isinstance(value, str) or value.strip():
            reading.refuse(path, "wrong_type", value)
        return None
    if time < EARLIEST or (reading.latest and time > reading.latest):
        reading.refuse(path, "implausible_time", value)
        return None
    return format_time(time)


def read_date(value: object, path: str, reading: Reading) -> str | None:
    """Return `YYYY-MM-DD`; a time gives its UTC date."""
    if isinstance(value, str):
        try:
            found = date.fromisoformat(value.strip())
        except ValueError:
            time = read_time(value, path, reading)
            return time[:10] if time else None
        if EARLIEST.date() <= found and not (reading.latest and found > reading.latest.date()):
            return found.isoformat()
        reading.refuse(path, "implausible_time", value)
        return None
    reading.refuse(path, "wrong_type", value)
    return None


def parse_time(value: object, reading: Reading) -> datetime | None:
    """Return the aware time a text means, in UTC, or None where it means none."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value.strip())
        if time.tzinfo is None:
            reading.repairs.add("naive_time")
            time = time.replace(tzinfo=reading.zone)
        return time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def format_time(time: datetime) -> str:
    """Return an aware time as documents write it: UTC, `Z`, milliseconds only where there are."""
    utc = time.astimezone(UTC)
    spec = "milliseconds" if utc.microsecond >= 1000 else "seconds"
    return utc.replace(tzinfo=None).isoformat(timespec=spec) + "Z"


def plausible_until(processed_at: datetime | None) -> datetime | None:
    """Return the latest time a document written at `processed_at` can speak of."""
    return processed_at + timedelta(days=1) if processed_at else None


def _folded(value: object) -> str:
    return str(value).strip().casefold().replace(" ", "_")


def _detail(value: object) -> str:
    if isinstance(value, bool | int | float):
        return str(value)[:200]
    if isinstance(value, str) and _SINGLE_WORD.fullmatch(value.strip()):
        return value.strip()
    if isinstance(value, str | list | dict):
        return f"{type(value).__name__} of length {len(value)}"
    return "missing"


def _refuse_depth(value: object) -> None:
    level: list[object] = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise RecursionError(f"more than {MAX_DEPTH} levels")


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []
