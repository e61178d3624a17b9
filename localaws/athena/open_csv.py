"""A line of quoted CSV -> values, as Hive's OpenCSVSerde cuts it.

Its parser is opencsv 2.3, odd corners included: a quote inside an unquoted field opens a quotation
and stays, an escape before anything else vanishes, an open quotation swallows the rest of the line.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.tables import Columns
from localaws.athena.text_values import double_of, in_range, shortened
from localaws.athena.trino_types import DIGITS, Type

OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"


def parser(options: Mapping[str, str], data: Columns) -> Callable[[str], list[Any]]:
    """Return what turns a line into the values of the data columns; missing ones are NULL."""
    separator = (options.get("separatorChar") or ",")[0]
    quote = (options.get("quoteChar") or '"')[0]
    escape = (options.get("escapeChar") or '"')[0]
    # The serde takes this escape as "not given", and then opencsv's own is a backslash.
    escape = "\\" if escape == '"' else escape

    def parse(line: str) -> list[Any]:
        found = _Line(separator, quote, escape).cut(line) if line else []
        padded = [*found, *[None] * len(data)]
        return [_typed(text, kind) for text, (_, kind) in zip(padded, data, strict=False)]

    return parse


class _Line:
    """The state of opencsv while it reads one line."""

    def __init__(self, separator: str, quote: str, escape: str) -> None:
        self.separator, self.quote, self.escape = separator, quote, escape
        self.quoted = False
        self.in_field = False
        self.text = ""

    def cut(self, line: str) -> list[str]:
        found: list[str] = []
        at = 0
        while at < len(line):
            letter = line[at]
            if letter == self.escape:
                at += self._escaped(line, at, (self.quote, self.escape))
            elif letter == self.quote:
                at += self._quote(line, at)
            elif letter == self.separator and not self.quoted:
                found.append(self.text)
                self.text, self.in_field = "", False
            else:
                self.text += letter
                self.in_field = True
            at += 1
        return found if self.quoted else [*found, self.text]

    def _escaped(self, line: str, at: int, letters: tuple[str, ...]) -> int:
        after = line[at + 1 : at + 2]
        if not (self.quoted or self.in_field) or after not in letters or not after:
            return 0
        self.text += after
        return 1

    def _quote(self, line: str, at: int) -> int:
        skipped = self._escaped(line, at, (self.quote,))
        if not skipped:
            around = line[at - 1 : at] + line[at + 1 : at + 2]
            if at > 2 and len(around) == 2 and self.separator not in around:
                blank = self.text != "" and self.text.isspace()
                self.text = "" if blank else self.text + self.quote
            self.quoted = not self.quoted
        self.in_field = not self.in_field
        return skipped


def _typed(text: str | None, kind: Type) -> Any:
    if text is None:
        return None
    if kind.name in ("varchar", "char"):
        return shortened(text, kind)
    try:
        return _number(text, kind)
    except (ValueError, OverflowError) as error:
        raise QueryFailed("HIVE_BAD_DATA", f"Error parsing field value '{text}'") from error


def _number(text: str, kind: Type) -> Any:
    if kind.name == "boolean":
        return text.lower() == "true" if text.lower() in ("true", "false") else _bad(text)
    if kind.name in DIGITS:
        return in_range(int(text), kind) if text.lstrip("+-").isdigit() else _bad(text)
    if kind.name == "double":
        found = double_of(text, kind)
        return _bad(text) if found is None else found
    if kind.name == "date":
        return date(1970, 1, 1) + timedelta(days=int(text))
    if kind.name == "timestamp":
        return datetime(1970, 1, 1) + timedelta(milliseconds=int(text))  # noqa: DTZ001 -- Athena's have no zone
    raise not_supported(f"a column of type {kind.name} in an OpenCSV table")


def _bad(text: str) -> Any:
    raise ValueError(text)
