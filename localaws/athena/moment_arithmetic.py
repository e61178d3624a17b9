"""Dates, timestamps and intervals added and subtracted -> DuckDB's text.

An interval is a number of milliseconds or of months, so its own arithmetic is a number's.
"""

from dataclasses import replace

from localaws.athena import casts
from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed
from localaws.athena.raising import fail
from localaws.athena.scopes import Session, Typed
from localaws.athena.trino_types import Type
from localaws.athena.zones import instant, local, zone_of

INTERVALS = (t.INTERVAL_DAY, t.INTERVAL_YEAR)


def concerns(left: Type, right: Type) -> bool:
    """Tell whether an operation has an interval or a moment on a side."""
    return any(kind in INTERVALS or kind.name in t.MOMENTS for kind in (left, right))


def calculate(word: str, left: Typed, right: Typed, session: Session, where: str) -> Typed:
    """Return `left word right`; raise QueryFailed TYPE_MISMATCH where Trino has no operator."""
    kinds = (left.type, right.type)
    if kinds[0] in INTERVALS and kinds[0] == kinds[1] and word in "+-":
        return Typed(f"({left.sql} {word} {right.sql})", kinds[0])
    if word == "*" and kinds[0].name in t.NUMBERS and kinds[1] in INTERVALS:
        return _scaled(word, right, left)
    if word in "*/" and kinds[0] in INTERVALS and kinds[1].name in t.NUMBERS:
        return _scaled(word, left, right)
    if word in "+-" and kinds[0].name in t.MOMENTS and kinds[1] in INTERVALS:
        return shifted(left, right, word, session, where)
    if word == "+" and kinds[0] in INTERVALS and kinds[1].name in t.MOMENTS:
        return shifted(right, left, word, session, where)
    if word == "-" and kinds[0].name in t.MOMENTS and kinds[1].name in t.MOMENTS:
        return _difference(left, right)
    text = f"{where}Cannot apply operator: {t.trino(kinds[0])} {word} {t.trino(kinds[1])}"
    raise QueryFailed("TYPE_MISMATCH", text)


def shifted(moment: Typed, step: Typed, word: str, session: Session, where: str) -> Typed:
    """Return a moment and an interval added or subtracted."""
    kind, amount = moment.type, f"({'-' if word == '-' else ''}{step.sql})"
    if step.type == t.INTERVAL_YEAR:
        months = f"to_months(CAST({amount} AS INTEGER))"
        if kind.name == "timestamp with time zone":
            clock = f"({local(moment, where)} + {months})"
            return Typed(instant(clock, zone_of(kind, where), session), kind)
        return Typed(f"CAST({moment.sql} + {months} AS {t.duck(kind)})", kind)
    if kind.name == "date":
        return Typed(f"date_plus({moment.sql}, {amount})", kind)
    kind = replace(kind, numbers=(max(3, kind.numbers[0]),))
    clock = moment.sql if kind.name == "timestamp" else f"timezone('UTC', {moment.sql})"
    moved = f"make_timestamp(epoch_us({clock}) + {amount} * 1000)"
    return Typed(moved if kind.name == "timestamp" else f"timezone('UTC', {moved})", kind)


def _scaled(word: str, step: Typed, number: Typed) -> Typed:
    if word == "*" and number.type.name in t.INTEGERS:
        return Typed(f"({step.sql} * {casts.carried(number, t.BIGINT).sql})", step.type)
    factor = casts.carried(number, t.DOUBLE).sql
    scaled = f"CAST(trunc({step.sql} {word} {factor}) AS BIGINT)"
    if word == "*":
        return Typed(scaled, step.type)
    error = fail("INVALID_FUNCTION_ARGUMENT", "Cannot divide by double 0.0")
    return Typed(f"(CASE WHEN {factor} = 0 THEN {error} ELSE {scaled} END)", step.type)


def _difference(left: Typed, right: Typed) -> Typed:
    one, two = (f"epoch_us({_in_utc(side)})" for side in (left, right))
    if "timestamp with time zone" in (left.type.name, right.type.name):
        # Trino counts and rounds apart what is below a millisecond where there are zones.
        return Typed(f"zoned_between({one}, {two})", t.INTERVAL_DAY)
    between = f"moment_rounded(make_timestamp({one} - {two}), 1000)"
    return Typed(f"(epoch_us({between}) // 1000)", t.INTERVAL_DAY)


def _in_utc(value: Typed) -> str:
    if value.type.name == "timestamp with time zone":
        return f"timezone('UTC', {value.sql})"
    return f"CAST({value.sql} AS TIMESTAMP)"
