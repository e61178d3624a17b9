"""Trino's regular expression functions, in Python: its greed, groups and places, not DuckDB's.

The pattern must stand in the query, so that one this engine reads otherwise is refused before.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from localaws.athena import casts
from localaws.athena import trino_types as t
from localaws.athena.failures import invalid_argument, not_supported
from localaws.athena.java_patterns import compiled
from localaws.athena.python_functions import PythonFunction
from localaws.athena.scopes import Scope, Typed
from localaws.athena.special_functions import Special, mismatch
from localaws.athena.trino_types import Type

Body = Callable[..., Any]
Gives = Callable[[list[Typed]], Type]


def _special(name: str, body: Body, gives: Gives, rest: tuple[str, ...] = ()) -> Special:
    def special(values: list[Typed], scope: Scope, where: str) -> Typed:
        kinds = ("varchar", "varchar", *rest)
        if not 2 <= len(values) <= len(kinds) or not all(map(_fits, values, kinds)):
            raise mismatch(name, values, where)
        kind = gives(values)
        if any(value.type == t.UNKNOWN for value in values):
            return Typed(f"CAST(NULL AS {t.duck(kind)})", kind)
        if values[1].literal is None:
            raise not_supported(f"{where}{name} with a computed pattern")
        others = [values[0], *(_ready(value) for value in values[2:])]
        call = partial(body, compiled(values[1].literal))
        identifier = scope.session.unique(name)
        takes = [t.duck(value.type) for value in others]
        scope.session.functions[identifier] = PythonFunction(call, takes, t.duck(kind))
        return Typed(f"{identifier}({', '.join(value.sql for value in others)})", kind)

    return special


def _fits(value: Typed, kind: str) -> bool:
    kinds = t.INTEGERS if kind == "bigint" else (kind,)
    return value.type.name in (*kinds, "unknown")


def _ready(value: Typed) -> Typed:
    return value if value.type.name == "varchar" else casts.carried(value, t.BIGINT)


def _like(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.search(text) is not None


def _extract(pattern: re.Pattern[str], text: str, group: int = 0) -> str | None:
    _check_group(pattern, group)
    found = pattern.search(text)
    return found[group] if found else None


def _extract_all(pattern: re.Pattern[str], text: str, group: int = 0) -> list[str | None]:
    _check_group(pattern, group)
    return [found[group] for found in pattern.finditer(text)]


def _check_group(pattern: re.Pattern[str], group: int) -> None:
    if group < 0:
        raise invalid_argument("Group cannot be negative")
    if group > pattern.groups:
        text = f"Pattern has {pattern.groups} groups. Cannot access group {group}"
        raise invalid_argument(text)


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))


def _position(pattern: re.Pattern[str], text: str, start: int = 1, occurrence: int = 1) -> int:
    if start < 1:
        raise invalid_argument("start position cannot be smaller than 1")
    if occurrence < 1:
        raise invalid_argument("occurrence cannot be smaller than 1")
    if start > len(text):
        return -1
    for number, found in enumerate(pattern.finditer(text, start - 1), 1):
        if number == occurrence:
            return found.start() + 1
    return -1


def _split(pattern: re.Pattern[str], text: str) -> list[str]:
    found, last = [], 0
    for match in pattern.finditer(text):
        found.append(text[last : match.start()])
        last = match.end()
    return [*found, text[last:]]


def _replace(pattern: re.Pattern[str], text: str, replacement: str = "") -> str:
    if pattern.search(text) is None:
        return text
    parts = _parts(pattern, replacement)
    return pattern.sub(lambda found: "".join(_filled(found, part) for part in parts), text)


def _filled(found: re.Match[str], part: str | int) -> str:
    return part if isinstance(part, str) else found[part] or ""


def _parts(pattern: re.Pattern[str], replacement: str) -> list[str | int]:
    found: list[str | int] = []
    at = 0
    while at < len(replacement):
        sign, at = replacement[at], at + 1
        if sign == "\\":
            if at == len(replacement):
                raise invalid_argument(f"Illegal replacement sequence: {replacement}")
            found.append(replacement[at])
            at += 1
        elif sign == "$":
            group, at = _group(pattern, replacement, at)
            found.append(group)
        else:
            found.append(sign)
    return found


def _group(pattern: re.Pattern[str], replacement: str, at: int) -> tuple[int, int]:
    named = re.compile(r"\{([A-Za-z]\w*)\}").match(replacement, at)
    if named:
        if named[1] not in pattern.groupindex:
            raise invalid_argument(f"Illegal replacement sequence: unknown group {{{named[1]}}}")
        return pattern.groupindex[named[1]], named.end()
    digits = re.compile("[0-9]+").match(replacement, at)
    if not digits:
        raise invalid_argument(f"Illegal replacement sequence: {replacement}")
    number, end = int(digits[0][0]), at + 1
    if number > pattern.groups:
        raise invalid_argument(f"Illegal replacement sequence: unknown group {number}")
    while end < digits.end() and number * 10 + int(replacement[end]) <= pattern.groups:
        number, end = number * 10 + int(replacement[end]), end + 1
    return number, end


def _text(values: list[Typed]) -> Type:
    return values[0].type if values[0].type.name == "varchar" else t.varchar(0)


def _replaced(values: list[Typed]) -> Type:
    text = _text(values)
    if len(values) == 2:
        return text
    added = _text(values[2:])
    if not text.numbers or not added.numbers:
        return t.VARCHAR
    length, more = text.numbers[0], added.numbers[0]
    grown = length + max(length * more // 2, more) * (length + 1)
    return t.varchar(grown) if grown < t.UNBOUNDED else t.VARCHAR


SPECIAL_PATTERNS: dict[str, Special] = {
    "regexp_count": _special("regexp_count", _count, lambda _: t.BIGINT),
    "regexp_extract": _special("regexp_extract", _extract, _text, ("bigint",)),
    "regexp_extract_all": _special(
        "regexp_extract_all", _extract_all, lambda values: t.array(_text(values)), ("bigint",)
    ),
    "regexp_like": _special("regexp_like", _like, lambda _: t.BOOLEAN),
    "regexp_position": _special(
        "regexp_position", _position, lambda _: t.INTEGER, ("bigint", "bigint")
    ),
    "regexp_replace": _special("regexp_replace", _replace, _replaced, ("varchar",)),
    "regexp_split": _special("regexp_split", _split, lambda values: t.array(_text(values))),
}
