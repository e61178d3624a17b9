"""Trino's functions of text that DuckDB lacks or answers otherwise.

Rows of functions.py's table.
"""

import re
from decimal import ROUND_FLOOR, Decimal
from typing import AnyStr

from localaws.athena.failures import invalid_argument
from localaws.athena.rows import Row

_UNITS = (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
_SIZES = {
    unit: Decimal(1024**power) for power, unit in enumerate(("B", "kB", "MB", "GB", "TB", "PB"))
}
_FILLERS: dict[type, str] = {str: "string", bytes: "bytes"}
_SOUNDS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "01230120022455012623010202", strict=True))


def _levenshtein(one: str, two: str) -> int:
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(two, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def _hamming(one: str, two: str) -> int:
    if len(one) != len(two):
        text = "The input strings to hamming_distance function must have the same length"
        raise invalid_argument(text)
    return sum(a != b for a, b in zip(one, two, strict=True))


def _translate(text: str, old: str, new: str) -> str:
    table: dict[int, str | None] = {}
    for i, sign in enumerate(old):
        table.setdefault(ord(sign), new[i] if i < len(new) else None)
    return text.translate(table)


def _soundex(text: str) -> str:
    letters = [letter for letter in text.upper() if letter.isalpha()]
    foreign = next((letter for letter in letters if letter not in _SOUNDS), None)
    if foreign:
        raise invalid_argument(
            f"The character is not mapped: {foreign} (index={ord(foreign) - 65})"
        )
    if not letters:
        return ""
    found, last = letters[0], _SOUNDS[letters[0]]
    for letter in letters[1:]:
        sound = _SOUNDS[letter]
        if letter in "HW":
            continue
        if sound not in ("0", last):
            found += sound
        last = sound
    return found[:4].ljust(4, "0")


def _luhn_check(text: str) -> bool:
    if re.search(r"[^0-9]", text):
        raise invalid_argument("Input contains non-digit character")
    digits = [int(digit) for digit in reversed(text)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return bool(text) and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _split(text: str, delimiter: str, limit: int | None = None) -> list[str]:
    if limit is not None and limit <= 0:
        raise invalid_argument("Limit must be positive")
    if not delimiter:
        raise invalid_argument("The delimiter may not be the empty string")
    return text.split(delimiter, -1 if limit is None else limit - 1)


def _pairs(text: str, entry: str, between: str) -> list[tuple[str, str]]:
    if not entry or not between:
        raise invalid_argument("entryDelimiter and keyValueDelimiter must not be empty")
    if entry == between:
        raise invalid_argument("entryDelimiter and keyValueDelimiter must not be the same")
    entries = text.split(entry)
    if not entries[-1]:
        entries.pop()
    found = []
    for part in entries:
        if part.count(between) != 1:
            detail = f"must appear exactly once in each entry. Bad input: '{part}'"
            raise invalid_argument(f"Key-value delimiter {detail}")
        key, _, value = part.partition(between)
        found.append((key, value))
    return found


def _split_to_map(text: str, entry: str, between: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in _pairs(text, entry, between):
        if key in found:
            raise invalid_argument(f"Duplicate keys ({key}) are not allowed")
        found[key] = value
    return found


def _split_to_multimap(text: str, entry: str, between: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in _pairs(text, entry, between):
        found.setdefault(key, []).append(value)
    return found


def _strpos(text: str, part: str, instance: int) -> int:
    if instance == 0:
        raise invalid_argument("'instance' must not be a positive or negative number.")
    if not part:
        return 1
    at = len(text) + 1 if instance < 0 else -1
    for _ in range(abs(instance)):
        end = at + len(part) - 1
        at = text.find(part, at + 1) if instance > 0 else text.rfind(part, 0, end)
        if at < 0:
            return 0
    return at + 1


def _replace(text: str, old: str, new: str = "") -> str:
    return text.replace(old, new) if old or new else text


def lpad(value: AnyStr, size: int, filler: AnyStr) -> AnyStr:
    """Return text or bytes of a size, filled or cut; what is filled in stands before."""
    return _padding(len(value), size, filler) + value[:size]


def rpad(value: AnyStr, size: int, filler: AnyStr) -> AnyStr:
    """Return text or bytes of a size, filled or cut; what is filled in stands behind."""
    return value[:size] + _padding(len(value), size, filler)


def _padding(length: int, size: int, filler: AnyStr) -> AnyStr:
    if not 0 <= size < 2**31:
        raise invalid_argument("Target length must be in the range [0..2147483647]")
    if not filler:
        raise invalid_argument(f"Padding {_FILLERS[type(filler)]} must not be empty")
    missing = max(0, size - length)
    return (filler * (missing // len(filler) + 1))[:missing]


def _reverse(value: str) -> str:
    # Sign by sign: DuckDB's keeps an accent behind its letter.
    return value[::-1]


def _chr(code: int) -> str:
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise invalid_argument(f"Not a valid Unicode code point: {code}")
    return chr(code)


def _codepoint(text: str) -> int:
    if len(text) != 1:
        raise invalid_argument("Input string must be a single character string")
    return ord(text)


def _human_readable_seconds(seconds: float) -> str:
    if seconds != seconds or seconds in (float("inf"), float("-inf")):
        raise invalid_argument(
            f"Invalid argument found: {'NaN' if seconds != seconds else 'Infinity'}"
        )
    whole = int((Decimal(seconds) + Decimal("0.5")).to_integral_value(ROUND_FLOOR))
    # Java's rounding stops at the greatest bigint.
    rest = min(abs(whole), 2**63 - 1)
    words = []
    for name, size in _UNITS:
        number, rest = divmod(rest, size)
        if number:
            words.append(f"{number} {name}{'s' if number != 1 else ''}")
    return ", ".join(words) or "0 seconds"


def _parse_data_size(text: str) -> Decimal:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([kMGTP]?B)", text)
    if found is None:
        raise invalid_argument(f"Invalid data size: '{text}'")
    return (Decimal(found[1]) * _SIZES[found[2]]).to_integral_value(ROUND_FLOOR)


ROWS: dict[str, list[Row]] = {
    "chr": [("whole", _chr, "varchar(1)")],
    "codepoint": [("letter", _codepoint, "integer")],
    "hamming_distance": [("text text", _hamming, "bigint")],
    "human_readable_seconds": [("double", _human_readable_seconds, "varchar")],
    "levenshtein_distance": [("text text", _levenshtein, "bigint")],
    "lpad": [("text whole text", lpad, "varchar")],
    "luhn_check": [("text", _luhn_check, "boolean")],
    "parse_data_size": [("text", _parse_data_size, "decimal(38,0)")],
    "replace": [
        ("text text", _replace, "same"),
        ("text text text", _replace, "replaced"),
    ],
    "reverse": [("text", _reverse, "same")],
    "rpad": [("text whole text", rpad, "varchar")],
    "soundex": [("text", _soundex, "varchar(4)")],
    "split": [("text text", _split, "texts"), ("text text whole", _split, "texts")],
    "split_to_map": [("text text text", _split_to_map, "map(varchar,varchar)")],
    "split_to_multimap": [("text text text", _split_to_multimap, "map(varchar,array(varchar))")],
    "strpos": [
        ("text text", "strpos({0}, {1})", "bigint"),
        ("text text whole", _strpos, "bigint"),
    ],
    "translate": [("text text text", _translate, "varchar")],
}
