"""A format text of java.util.Formatter and the types it is given -> a Python function.

The common conversions (`%s %d %f %e %x %b %%`, flags, width, digits) are here; the rest is refused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.trino_types import Type
from localaws.athena.values import value_text

_SPECIFIER = re.compile(r"%(?:(\d+)\$)?([-#+ 0,(<]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")
_WIDE = Context(prec=700)
_FITS = {
    "s": ("varchar", "boolean", "date", "decimal", "double", "unknown", *t.INTEGERS),
    "d": t.INTEGERS,
    "x": t.INTEGERS,
    "f": ("double", "decimal"),
    "e": ("double",),
}


@dataclass(frozen=True, slots=True)
class _Specifier:
    """One `%…`: which argument, how, and its type."""

    place: int
    flags: str
    width: int
    digits: int | None
    word: str
    kind: Type


def formatter(text: str, kinds: list[Type], where: str) -> Callable[..., str]:
    """Return the function; raise QueryFailed for a text that Java refuses or we do not know."""
    parts: list[str | _Specifier] = []
    at = 0
    number = 0
    for found in _SPECIFIER.finditer(text):
        parts.append(text[at : found.start()])
        at = found.end()
        if found[0] in ("%%", "%n"):
            parts.append({"%%": "%", "%n": "\n"}[found[0]])
            continue
        number += not found[1]
        parts.append(_specifier(found, int(found[1] or number) - 1, kinds, where))
    parts.append(text[at:])
    if any(isinstance(part, str) and "%" in part for part in parts if part != "%"):
        raise not_supported(f"{where}the format {text}")

    def call(*values: Any) -> str:
        return "".join(part if isinstance(part, str) else _shown(part, values) for part in parts)

    return call


def _specifier(found: re.Match[str], place: int, kinds: list[Type], where: str) -> _Specifier:
    if place >= len(kinds):
        text = f"MissingFormatArgument: Format specifier '{found[0]}'"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"Invalid format string: {text}")
    kind, word = kinds[place], found[5]
    flags = set(found[2])
    if word not in _FITS or kind.name not in (*_FITS["s"], "real") or kind.name == "real":
        raise not_supported(f"{where}{found[0]} of a {t.trino(kind)} in format")
    if kind.name not in _FITS[word]:
        if kind.name == "unknown":
            raise not_supported(f"{where}{found[0]} of NULL in format")
        text = f"Invalid format string: {found[0]} (IllegalFormatConversion)"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", text)
    allowed = {"s": "-", "d": "-+ 0,(", "x": "-0", "f": "-+ 0,(", "e": "-+ 0("}[word]
    strange = flags - set(allowed) or (flags & {"-", "0"} and not found[3]) or {"-", "0"} <= flags
    if strange or (found[4] and word in "dx"):
        raise not_supported(f"{where}{found[0]} in format")
    digits = int(found[4]) if found[4] else None
    return _Specifier(place, found[2], int(found[3] or 0), digits, word, kind)


def _shown(part: _Specifier, values: tuple[Any, ...]) -> str:
    value = values[part.place]
    if value is None or part.word == "s":
        text = "null" if value is None else _text(value, part.kind)
        text = text if part.digits is None else text[: part.digits]
        return _justified(text, part)
    if part.word == "x":
        bits = {"tinyint": 8, "smallint": 16}.get(part.kind.name, 64)
        found = f"{value & ((1 << max(bits, 64)) - 1):x}"
        return found.rjust(part.width, "0") if "0" in part.flags else _justified(found, part)
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return _justified("NaN" if value != value else _signed("Infinity", value < 0, part), part)
    return _number(value, part)


def _text(value: Any, kind: Type) -> str:
    return value_text(value, kind) or ""


def _number(value: Any, part: _Specifier) -> str:
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    digits = 6 if part.digits is None else part.digits
    negative = exact.is_signed()
    if part.word == "d":
        body = f"{abs(exact):{',' if ',' in part.flags else ''}f}"
    elif part.word == "e":
        body = _scientific(abs(exact), digits)
    else:
        rounded = abs(exact).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, _WIDE)
        body = f"{rounded:{',' if ',' in part.flags else ''}f}"
    if "0" in part.flags:
        room = part.width - len(_signed("", negative, part))
        body = body.rjust(room, "0")
    return _justified(_signed(body, negative, part), part)


def _scientific(value: Decimal, digits: int) -> str:
    power = value.adjusted() if value else 0
    rounded = value.scaleb(-power).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    if rounded >= 10:
        power, rounded = power + 1, rounded / 10
        rounded = rounded.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{rounded:f}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _signed(body: str, negative: bool, part: _Specifier) -> str:  # noqa: FBT001 -- a sign is a bool
    if negative:
        return f"({body})" if "(" in part.flags else f"-{body}"
    return ("+" if "+" in part.flags else " " if " " in part.flags else "") + body


def _justified(text: str, part: _Specifier) -> str:
    return text.ljust(part.width) if "-" in part.flags else text.rjust(part.width)
