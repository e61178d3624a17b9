"""Casts from and to dates and timestamps, and their literals: digits and zones by Trino's rules."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.moment_texts import Moment, cast_to_timestamp, instant_of, moment
from localaws.athena.python_functions import PythonFunction
from localaws.athena.scopes import Session, Typed
from localaws.athena.trino_types import Type
from localaws.athena.zones import instant, local, zone_of, zoned


def cast(value: Typed, target: Type, session: Session, where: str) -> Typed:
    """Return a cast among moments, or of a text to one."""
    if target.numbers and target.numbers[0] > 6:
        raise not_supported(f"{where}{t.trino(target)}")
    if value.type.name == "varchar":
        return _from_text(value, target, session, where)
    if target.name == "date":
        return Typed(f"CAST({local(value, where)} AS DATE)", target)
    if target.name == "timestamp":
        return Typed(_rounded(local(value, where), value.type, target), target)
    if value.type.name == "timestamp with time zone":
        kind = zoned(target.numbers[0], zone_of(value.type, where))
        clock = _rounded(f"timezone('UTC', {value.sql})", value.type, target)
        return Typed(f"timezone('UTC', {clock})", kind)
    return Typed(instant(_rounded(value.sql, value.type, target), "UTC", session), target)


def in_milliseconds(value: Typed, session: Session, where: str) -> Typed:
    """Return a moment rounded to the milliseconds in which many of Trino's functions count."""
    if value.type.numbers <= (3,):
        return value
    return cast(value, replace(value.type, numbers=(3,)), session, where)


def text(value: Typed, where: str) -> str:
    """Return the text of a timestamp, with its zone if it has one."""
    digits = value.type.numbers[0]
    clock = local(value, where)
    shown = f"strftime({clock}, '%Y-%m-%d %H:%M:%S.%f')"
    shown = f"left({shown}, {20 + digits if digits else 19})"
    if value.type.name == "timestamp":
        return shown
    return f"({shown} || {t.text(' ' + zone_of(value.type, where))})"


def literal(written: str, where: str) -> Typed:
    """Return `timestamp 'written'`, of as many digits as it shows; raise INVALID_LITERAL."""
    found = moment(written)
    stamp = found and (instant_of(found) if found.zone else found.clock)
    if found is None or stamp is None:
        text = f"{where}'{written}' is not a valid TIMESTAMP literal"
        raise QueryFailed("INVALID_LITERAL", text)
    if found.digits > 6:
        raise not_supported(f"{where}a timestamp of {found.digits} digits")
    return _constant(found, stamp, found.digits)


def _constant(found: Moment, stamp: datetime, digits: int) -> Typed:
    clock = f"TIMESTAMP '{stamp.isoformat(sep=' ')}'"
    if not found.zone:
        return Typed(clock, Type("timestamp", (digits,)))
    return Typed(f"timezone('UTC', {clock})", zoned(digits, found.zone))


def _from_text(value: Typed, target: Type, session: Session, where: str) -> Typed:
    if target.name == "date":
        return Typed(f"CAST(text_to_date({value.sql}, 'date') AS DATE)", target)
    if target.name == "timestamp":
        digits = target.numbers[0]
        name = f"text_to_timestamp_{digits}"
        call = partial(cast_to_timestamp, digits)
        session.functions[name] = PythonFunction(call, ["VARCHAR"], "TIMESTAMP")
        return Typed(f"{name}({value.sql})", target)
    if value.literal is None:
        raise not_supported(f"{where}a cast of text to {t.trino(target)}, its zone in the text")
    found = moment(value.literal.strip(" "))
    if found is not None and found.digits > target.numbers[0]:
        raise not_supported(f"{where}a cast that rounds a moment with a zone")
    if found is not None:
        found = Moment(found.clock, found.digits, found.zone or "UTC")
    stamp = found and instant_of(found)
    if found is None or stamp is None:
        text = f"{where}Value cannot be cast to timestamp: {value.literal}"
        raise QueryFailed("INVALID_CAST_ARGUMENT", text)
    return _constant(found, stamp, target.numbers[0])


def _rounded(sql: str, source: Type, target: Type) -> str:
    digits = target.numbers[0]
    if source.name == "date" or source.numbers[0] <= digits:
        return f"CAST({sql} AS TIMESTAMP)"
    return f"moment_rounded({sql}, {10 ** (6 - digits)})"
