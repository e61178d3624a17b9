"""JSON texts -> values and back, as Trino's readers and writers do it.

A json value is carried as the text json_format prints. Extraction reads no further than it must:
what is broken behind the place it looks for does not matter, and the first of two equal keys wins.
"""

import json
import re
from typing import Any

from localaws.athena.failures import ENGINE_HINT, invalid_argument, marked
from localaws.athena.values import number_text

_STEP = re.compile(r"""\.([\w:]+)|\[([\w:-]+)\]|\["((?:[^"\\]|\\["\\])*)"\]""")
_SCALAR = re.compile(r"(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?!\d)")
_BLANKS = re.compile(r"[ \t\r\n]*")
_CONTROL = re.compile(r"\\u00([01][0-9a-f])")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


class Pairs(list[Any]):
    """The members of an object as they stand, a repeated key among them."""


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


_SORTED = json.JSONDecoder(parse_constant=_refuse)
_AS_IT_STANDS = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=Pairs)


def parsed(text: str) -> Any:
    """Return the value of a whole text; raise ValueError if it is not JSON."""
    start = _blanks(text, 0)
    value, end = _SORTED.raw_decode(text, start)
    if _blanks(text, end) != len(text):
        raise ValueError("more than one value")
    return value


def formatted(value: Any) -> str:
    """Return the text of a value: keys of a dict sorted, of Pairs as they stand."""
    if isinstance(value, Pairs):
        return "{" + ",".join(f"{quoted(k)}:{formatted(v)}" for k, v in value) + "}"
    if isinstance(value, dict):
        return formatted(Pairs(sorted(value.items())))
    if isinstance(value, list):
        return "[" + ",".join(map(formatted, value)) + "]"
    if isinstance(value, float):
        return _number(value)
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def quoted(text: str) -> str:
    """Return a text in quotes."""
    found = json.dumps(text, ensure_ascii=False)
    found = _CONTROL.sub(lambda match: "\\u00" + match[1].upper(), found)
    return _ASTRAL.sub(lambda match: _surrogates(match[0]), found)


def _surrogates(sign: str) -> str:
    # Trino writes what lies beyond 16 bits, such as an emoji, as two escapes.
    high, low = divmod(ord(sign) - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04X}\\u{0xDC00 + low:04X}"


def steps_of(path: str) -> list[str]:
    """Return the keys and places a path goes through; raise ValueError, marked, as Trino does."""
    found, at = [], 1
    while path.startswith("$") and at < len(path):
        match = _STEP.match(path, at)
        if match is None or (match[2] or "").startswith("-"):
            break
        quoted_key = re.sub(r"\\(.)", r"\1", match[3] or "")
        found.append(match[1] or match[2] or quoted_key)
        at = match.end()
    if not path.startswith("$") or at != len(path):
        raise invalid_argument(f"Invalid JSON path: '{path}'")
    return found


def place_of(text: str, steps: list[str]) -> int | None:
    """Return where the value a path leads to begins, None if there is none."""
    try:
        at = _blanks(text, 0)
        for step in steps:
            at = _inside(text, at, step)
    except (ValueError, IndexError):
        return None
    return at


def value_at(text: str, at: int) -> Any:
    """Return the value that begins at a place; raise ValueError if it is broken."""
    if text[at : at + 1] in ("", *'{["'):
        return _AS_IT_STANDS.raw_decode(text, at)[0]
    return json.loads(raw_at(text, at))


def raw_at(text: str, at: int) -> str:
    """Return a number, true, false or null as it is written; raise ValueError if it is none."""
    match = _SCALAR.match(text, at)
    if match is None or (at == _blanks(text, 0) and text[match.end() : match.end() + 1].strip()):
        raise ValueError("broken")
    return match[0]


def _inside(text: str, at: int, step: str) -> int:
    if text[at] == "{":
        return _member(text, at + 1, step)
    if text[at] == "[" and step.isdecimal():
        return _item(text, at + 1, int(step))
    raise ValueError("neither an object nor an array")


def _member(text: str, at: int, wanted: str) -> int:
    while True:
        at = _blanks(text, at)
        if text[at] != '"':
            raise ValueError("no such key")
        key, at = _SORTED.raw_decode(text, at)
        at = _blanks(text, at)
        if text[at] != ":":
            raise ValueError("broken")
        at = _blanks(text, at + 1)
        if key == wanted:
            return at
        at = _next(text, at)


def _item(text: str, at: int, number: int) -> int:
    at = _blanks(text, at)
    for _ in range(number):
        at = _blanks(text, _next(text, at))
    if text[at] == "]":
        raise ValueError("no such place")
    return at


def _next(text: str, at: int) -> int:
    _, at = _SORTED.raw_decode(text, at)
    at = _blanks(text, at)
    if text[at] != ",":
        raise ValueError("the last one")
    return at + 1


def _blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _number(value: float) -> str:
    if value in (float("inf"), float("-inf")):
        raise ValueError(marked("NOT_SUPPORTED", f"so great a number in JSON: {ENGINE_HINT}"))
    return number_text(value)
