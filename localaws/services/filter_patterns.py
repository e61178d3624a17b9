"""A CloudWatch Logs filter pattern -> does a message fit: terms, phrases, JSON comparisons.

`ERROR "not found" -retry ?a ?b` and `{ $.level = "ERROR" && $.count >= 3 }`. What is not read here
(regular expressions, blank-separated columns, `||`) is refused: matching everything is no answer.
"""

import json
import operator
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from localaws.errors import ApiError, not_implemented

Matcher = Callable[[str], bool]

_TERM = re.compile(r'([-?]?)("(?:[^"\\]|\\.)*"|[^\s"]+)')
_COMPARISON = re.compile(
    r'\(?\s*\$((?:\.\w+)+)\s*(=|!=|>=|<=|>|<)\s*("(?:[^"\\]|\\.)*"|-?[\d.]+|\w+)\s*\)?'
)
_PRESENCE = re.compile(r"\(?\s*\$((?:\.\w+)+)\s+(IS TRUE|IS FALSE|IS NULL|NOT EXISTS)\s*\)?")
_ORDERS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
_ABSENT = object()


def compiled(pattern: str) -> Matcher:
    """Return what tells whether a message fits; raise ApiError for a pattern not read here."""
    text = pattern.strip()
    if not text:
        return lambda _message: True
    if text.startswith("{") and text.endswith("}"):
        return _of_json([_comparison(part, pattern) for part in text[1:-1].split("&&")])
    if text[0] in "[{%" or "%" in text:
        raise _unread(pattern)
    return _of_terms(text)


def value_at(document: Any, path: str) -> Any:
    """Return what `$.a.b` names in a document, a private marker when it is not there."""
    for name in path.removeprefix("$").strip(".").split("."):
        if not isinstance(document, dict) or name not in document:
            return _ABSENT
        document = document[name]
    return document


def is_absent(value: Any) -> bool:
    """Tell whether `value_at` found nothing."""
    return value is _ABSENT


def _of_terms(text: str) -> Matcher:
    wanted: dict[str, list[str]] = {"": [], "-": [], "?": []}
    for sign, term in _TERM.findall(text):
        wanted[sign].append(term.strip('"').replace('\\"', '"'))

    def fits(message: str) -> bool:
        return (
            all(term in message for term in wanted[""])
            and not any(term in message for term in wanted["-"])
            and (not wanted["?"] or any(term in message for term in wanted["?"]))
        )

    return fits


def _of_json(tests: list[Callable[[Any], bool]]) -> Matcher:
    def fits(message: str) -> bool:
        try:
            document = json.loads(message)
        except ValueError:
            return False
        return isinstance(document, dict) and all(test(document) for test in tests)

    return fits


def _comparison(part: str, pattern: str) -> Callable[[Any], bool]:
    presence = _PRESENCE.fullmatch(part.strip())
    if presence:
        return _presence(*presence.groups())
    found = _COMPARISON.fullmatch(part.strip())
    if found is None:
        raise _unread(pattern)
    path, order, wanted = found.groups()
    if order in _ORDERS:
        return lambda document: _ordered(value_at(document, path), order, float(wanted))
    negated = order == "!="
    return lambda document: _equal(value_at(document, path), wanted) != negated


def _presence(path: str, word: str) -> Callable[[Any], bool]:
    wanted = {"IS TRUE": True, "IS FALSE": False, "IS NULL": None, "NOT EXISTS": _ABSENT}[word]
    return lambda document: value_at(document, path) is wanted


def _ordered(value: Any, order: str, wanted: float) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and bool(_ORDERS[order](value, wanted))


def _equal(value: Any, wanted: str) -> bool:
    if is_absent(value):
        return False
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return bool(value == float(wanted.strip('"')))
        except ValueError:
            return False
    return isinstance(value, str) and fnmatchcase(value, wanted.strip('"'))


def _unread(pattern: str) -> ApiError:
    return not_implemented("logs", "FilterPattern", f"a reading of the pattern {pattern}")
