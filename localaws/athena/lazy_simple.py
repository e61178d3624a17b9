"""A line of delimited text -> values, as Hive's LazySimpleSerDe cuts it.

No quoting; one separator per depth (fields, items, map keys, then control characters); what is
missing or unreadable is NULL.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.athena.failures import not_supported
from localaws.athena.tables import Columns
from localaws.athena.text_values import value_of
from localaws.athena.trino_types import Type

LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_DEEPER = tuple(chr(n) for n in range(4, 9))


@dataclass(frozen=True, slots=True)
class Delimiters:
    """What cuts a line: `separators` by depth, the escape or "", and the word for NULL."""

    separators: tuple[str, ...]
    escape: str
    null: str
    rest_in_last: bool


def delimiters(options: Mapping[str, str]) -> Delimiters:
    """Return what a table's serde properties say, Hive's defaults elsewhere."""
    if options.get("line.delim", "\n") != "\n":
        raise not_supported("LINES TERMINATED BY anything but a newline")
    items = options.get("collection.delim", options.get("colelction.delim", "\x02"))
    first = options.get("field.delim", options.get("serialization.format", "\x01"))
    named = (_character(first), _character(items), _character(options.get("mapkey.delim", "\x03")))
    return Delimiters(
        separators=(*named, *_DEEPER),
        escape=_character(options["escape.delim"]) if options.get("escape.delim") else "",
        null=options.get("serialization.null.format", "\\N"),
        rest_in_last=options.get("serialization.last.column.takes.rest") == "true",
    )


def parser(options: Mapping[str, str], data: Columns) -> Callable[[str], list[Any]]:
    """Return what turns a line into the values of the data columns."""
    rules = delimiters(options)
    kinds = [kind for _, kind in data]

    def parse(line: str) -> list[Any]:
        most = len(kinds) - 1 if rules.rest_in_last else -1
        found = [_value(part, kind, 1, rules) for part, kind in _paired(line, kinds, rules, most)]
        return found + [None] * (len(kinds) - len(found))

    return parse


def _paired(
    line: str, kinds: list[Type], rules: Delimiters, most: int
) -> Iterator[tuple[str, Type]]:
    return zip(_cut(line, rules.separators[0], rules.escape, most), kinds, strict=False)


def _value(text: str, kind: Type, depth: int, rules: Delimiters) -> Any:
    if text == rules.null:
        return None
    if not kind.parts:
        # Only text may be escaped: a number with an escape in it is none.
        textual = kind.name in ("varchar", "char")
        return value_of(_unescaped(text, rules.escape) if textual else text, kind)
    if depth + 1 >= len(rules.separators):
        raise not_supported("a collection nested so deep in a text file")
    items = _cut(text, rules.separators[depth], rules.escape)
    if kind.name == "row":
        pairs = zip(items, kind.parts, strict=False)
        found = [_value(item, part, depth + 1, rules) for item, part in pairs]
        return dict(zip(kind.names, [*found, *[None] * len(kind.names)], strict=False))
    if text == "":
        return []
    if kind.name == "array":
        return [_value(item, kind.parts[0], depth + 1, rules) for item in items]
    return _map(items, kind, depth, rules)


def _map(items: list[str], kind: Type, depth: int, rules: Delimiters) -> list[tuple[Any, Any]]:
    found: dict[Any, Any] = {}
    for item in items:
        key_text, *rest = _cut(item, rules.separators[depth + 1], rules.escape, 1)
        key = _value(key_text, kind.parts[0], depth + 2, rules)
        if key is not None and key not in found:
            found[key] = _value(rest[0], kind.parts[1], depth + 2, rules) if rest else None
    return list(found.items())


def _cut(text: str, separator: str, escape: str, most: int = -1) -> list[str]:
    if not escape or escape not in text:
        return text.split(separator, most)
    found: list[str] = []
    start, at = 0, 0
    while at < len(text) and (most < 0 or len(found) < most):
        if text[at] == escape:
            at += 1
        elif text[at] == separator:
            found.append(text[start:at])
            start = at + 1
        at += 1
    return [*found, text[start:]]


def _unescaped(text: str, escape: str) -> str:
    if not escape or escape not in text:
        return text
    found, at = "", 0
    while at < len(text):
        at += text[at] == escape and at + 1 < len(text)
        found += text[at]
        at += 1
    return found


def _character(text: str) -> str:
    # As Hive: a number is a byte's value, of anything else the first character counts.
    return chr(int(text) % 256) if text.lstrip("-").isdigit() else text[:1] or "\x00"
