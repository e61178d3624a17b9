"""A line's text -> the JSON document in it, its numbers as they are written.

Both serdes read the first document of a line and ignore what follows it. OpenX's parser forgives
quotes, comments and commas that JSON does not know; such a line is refused, not guessed.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from localaws.athena.failures import QueryFailed, not_supported


class Number(str):
    """A number as the document writes it."""

    __slots__ = ()


class Pairs(tuple[tuple[str, Any], ...]):
    """The members of an object in their order, repeated keys included."""

    __slots__ = ()

    def folded(self, fold: Callable[[str], str]) -> dict[str, Any]:
        """Return the members by folded key, the last of equal ones."""
        return {fold(key): value for key, value in self}


class Malformed(Exception):
    """A line without a document."""


def document(line: str, *, forgiving: bool) -> Any:
    """Return the first document of a line; raise Malformed.

    `forgiving` parsers accept raw control characters, and more that is refused by name here.
    """
    decoder = _FORGIVING if forgiving else _STRICT
    start = len(line) - len(line.lstrip())
    try:
        return decoder.raw_decode(line, start)[0]
    except ValueError as error:
        if forgiving and line.lstrip()[:1] in ("{", "[") and line.rstrip()[-1:] in ("}", "]"):
            raise not_supported("a line that is almost JSON") from error
        raise Malformed(line) from error


def normal_number(number: str) -> str:
    """Return a number's text as Java's BigDecimal prints it."""
    found = Decimal(number)
    return str(abs(found)) if found == 0 else str(found)


def text_of(value: Any) -> str:
    """Return a document as OpenX writes it: no blanks, numbers in their normal form."""
    if isinstance(value, Pairs):
        members = (f"{_quoted(key)}:{text_of(item)}" for key, item in _unique(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(text_of, value)) + "]"
    if isinstance(value, Number):
        return normal_number(value)
    if isinstance(value, str):
        return _quoted(value)
    return "null" if value is None else str(value).lower()


def cursor_error(path: str = "") -> QueryFailed:
    """Return how a query fails on a line its serde cannot read."""
    return QueryFailed("HIVE_CURSOR_ERROR", f"Failed to read file at {path}".rstrip())


def _unique(value: Pairs) -> list[tuple[str, Any]]:
    return list(dict(value).items())


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("</", "<\\/")


def _no_constant(word: str) -> Any:
    raise ValueError(word)


def _decoder(*, strict: bool) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=Pairs,
        parse_float=Number,
        parse_int=Number,
        parse_constant=_no_constant,
        strict=strict,
    )


_STRICT, _FORGIVING = _decoder(strict=True), _decoder(strict=False)
