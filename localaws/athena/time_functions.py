"""Trino's functions of dates and timestamps -> DuckDB's text; a date stays one, a zone its zone."""

from dataclasses import replace

from localaws.athena import casts, moment_casts
from localaws.athena import trino_types as t
from localaws.athena.common_types import unify
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.scopes import Scope, Typed
from localaws.athena.special_functions import Special, mismatch
from localaws.athena.trino_types import Type
from localaws.athena.zones import instant, literal_zone, local, zone_of, zoned

_STEPS: dict[str, str | int] = {
    "millisecond": 1000,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": "to_days",
    "week": "to_weeks",
    "month": "to_months",
    "quarter": "to_quarters",
    "year": "to_years",
}
_TIME_ONLY = ("millisecond", "second", "minute", "hour")


def _unit(name: str, values: list[Typed], where: str, moment: Type) -> str:
    unit = (values[0].literal or "").lower()
    if values[0].literal is None:
        raise not_supported(f"{where}{name} with a computed unit")
    if unit not in _STEPS or (moment.name == "date" and unit in _TIME_ONLY):
        text = f"{where}'{unit}' is not a valid {moment.name.upper()} field"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", text)
    return unit


def _is_unit(values: list[Typed]) -> bool:
    return values[0].type.name == "varchar"


def _date_trunc(values: list[Typed], scope: Scope, where: str) -> Typed:
    if len(values) != 2 or not _is_unit(values) or values[1].type.name not in t.MOMENTS:
        raise mismatch("date_trunc", values, where)
    value, kind = values[1], values[1].type
    unit = _unit("date_trunc", values, where, kind)
    clock = local(value, where)
    start = f"date_trunc('{unit}', {clock})"
    if kind.name != "timestamp with time zone":
        return Typed(f"CAST({start} AS {t.duck(kind)})", kind)
    if unit in _TIME_ONLY:
        # The hour that comes twice stays the one it is.
        return Typed(f"({value.sql} - ({clock} - {start}))", kind)
    return Typed(instant(start, zone_of(kind, where), scope.session), kind)


def _date_add(values: list[Typed], scope: Scope, where: str) -> Typed:
    kinds = [value.type.name for value in values]
    if len(kinds) != 3 or not _is_unit(values) or kinds[1] not in (*t.INTEGERS, "unknown"):
        raise mismatch("date_add", values, where)
    if kinds[2] not in t.MOMENTS:
        raise mismatch("date_add", values, where)
    value, kind = values[2], values[2].type
    unit = _unit("date_add", values, where, kind)
    amount, step = casts.carried(values[1], t.BIGINT).sql, _STEPS[unit]
    if kind.name == "timestamp with time zone":
        clock = f"timezone('UTC', {value.sql})" if unit in _TIME_ONLY else local(value, where)
        moved = _moved(clock, amount, step)
        zone = "UTC" if unit in _TIME_ONLY else zone_of(kind, where)
        return Typed(instant(moved, zone, scope.session), kind)
    if unit == "millisecond" and kind.numbers < (3,):
        raise not_supported(f"{where}date_add of milliseconds to {t.trino(kind)}")
    return Typed(f"CAST({_moved(value.sql, amount, step)} AS {t.duck(kind)})", kind)


def _moved(clock: str, amount: str, step: str | int) -> str:
    if isinstance(step, int):
        return f"make_timestamp(epoch_us({clock}) + {amount} * {step})"
    return f"({clock} + {step}(CAST({amount} AS INTEGER)))"


def _date_diff(values: list[Typed], _scope: Scope, where: str) -> Typed:
    kind = unify([value.type for value in values[1:]]) if len(values) == 3 else None
    if kind is None or not _is_unit(values) or kind.name not in (*t.MOMENTS, "unknown"):
        raise mismatch("date_diff", values, where)
    unit = _unit("date_diff", values, where, kind)
    if kind.name == "timestamp with time zone":
        zone = values[1].type if values[1].type.name == kind.name else zoned(3, "UTC")
        pair = [_on_clock(value, unit, replace(kind, names=zone.names)) for value in values[1:]]
        one, two = (local(value, where) for value in pair)
    else:
        one, two = (f"CAST({value.sql} AS TIMESTAMP)" for value in values[1:])
    starts = (f"date_trunc('millisecond', {clock})" for clock in (one, two))
    return Typed(f"date_sub('{unit}', {', '.join(starts)})", t.BIGINT)


def _on_clock(value: Typed, unit: str, kind: Type) -> Typed:
    # Hours are counted as they pass, days on the first value's clock.
    kind = replace(kind, names=()) if unit in _TIME_ONLY else kind
    if value.type.name == "timestamp with time zone":
        return Typed(value.sql, kind)
    return Typed(f"timezone('UTC', CAST({value.sql} AS TIMESTAMP))", kind)


def _part(name: str, template: str) -> Special:
    def special(values: list[Typed], _scope: Scope, where: str) -> Typed:
        if len(values) != 1 or values[0].type.name not in (*t.MOMENTS, "unknown"):
            raise _part_refused(name, values, where)
        clock = f"CAST({local(values[0], where)} AS TIMESTAMP)"
        return Typed(f"CAST({template.format(clock)} AS BIGINT)", t.BIGINT)

    return special


def _part_refused(name: str, values: list[Typed], where: str) -> QueryFailed:
    if [value.type.name for value in values] == ["time"]:
        return not_supported(f"{where}{name} of a time")
    return mismatch(name, values, where)


def _of_interval(kind: Type, template: str, special: Special) -> Special:
    def either(values: list[Typed], scope: Scope, where: str) -> Typed:
        if [value.type for value in values] == [kind]:
            return Typed(template.format(values[0].sql), t.BIGINT)
        return special(values, scope, where)

    return either


def _zone_part(name: str, template: str) -> Special:
    def special(values: list[Typed], _scope: Scope, where: str) -> Typed:
        if len(values) != 1 or values[0].type.name not in t.MOMENTS[1:]:
            raise mismatch(name, values, where)
        clock, utc = local(values[0], where), f"timezone('UTC', {values[0].sql})"
        if values[0].type.name == "timestamp":
            return Typed(f"CASE WHEN {clock} IS NOT NULL THEN CAST(0 AS BIGINT) END", t.BIGINT)
        minutes = f"((epoch_us({clock}) - epoch_us({utc})) // 60000000)"
        return Typed(template.format(minutes), t.BIGINT)

    return special


def _at_timezone(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if len(values) != 2 or values[0].type.name != "timestamp with time zone":
        raise mismatch("at_timezone", values, where)
    if values[1].type.name not in ("varchar", t.INTERVAL_DAY.name):
        raise mismatch("at_timezone", values, where)
    zone = literal_zone(values[1], where)
    return Typed(values[0].sql, zoned(values[0].type.numbers[0], zone))


def at_time_zone(value: Typed, zone: Typed, where: str) -> Typed:
    """Return `value AT TIME ZONE zone`; a value without a zone is one in UTC."""
    if value.type.name == "timestamp":
        moment = f"timezone('UTC', {value.sql})"
        return Typed(moment, zoned(value.type.numbers[0], literal_zone(zone, where)))
    if value.type.name != "timestamp with time zone":
        text = f"{where}Type of value must be a time or timestamp (actual {t.trino(value.type)})"
        raise QueryFailed("TYPE_MISMATCH", text)
    return Typed(value.sql, zoned(value.type.numbers[0], literal_zone(zone, where)))


def _with_timezone(values: list[Typed], scope: Scope, where: str) -> Typed:
    kinds = [value.type.name for value in values]
    if kinds not in (["timestamp", "varchar"], ["date", "varchar"]):
        raise mismatch("with_timezone", values, where)
    zone = literal_zone(values[1], where)
    digits = values[0].type.numbers[0] if values[0].type.numbers else 0
    clock = f"CAST({values[0].sql} AS TIMESTAMP)"
    return Typed(instant(clock, zone, scope.session), zoned(digits, zone))


def _last_day(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if len(values) != 1 or values[0].type.name not in t.MOMENTS:
        raise mismatch("last_day_of_month", values, where)
    return Typed(f"last_day({local(values[0], where)})", t.DATE)


def _date(values: list[Typed], scope: Scope, where: str) -> Typed:
    if len(values) != 1 or values[0].type.name not in ("varchar", *t.MOMENTS):
        raise mismatch("date", values, where)
    return moment_casts.cast(values[0], t.DATE, scope.session, where)


def _to_unixtime(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if len(values) != 1 or values[0].type.name not in t.MOMENTS:
        raise mismatch("to_unixtime", values, where)
    return Typed(f"epoch({values[0].sql})", t.DOUBLE)


def _from_unixtime(values: list[Typed], _scope: Scope, where: str) -> Typed:
    kinds = [value.type.name for value in values]
    if not kinds or kinds[0] not in (*t.NUMBERS, "unknown") or len(kinds) > 3:
        raise mismatch("from_unixtime", values, where)
    zone = "UTC"
    if len(kinds) == 2:
        if kinds[1] != "varchar":
            raise mismatch("from_unixtime", values, where)
        zone = literal_zone(values[1], where)
    if len(kinds) == 3:
        raise not_supported(f"{where}from_unixtime with hours and minutes")
    seconds = casts.carried(values[0], t.DOUBLE).sql
    clock = f"make_timestamp(CAST(floor({seconds} * 1000 + 0.5) AS BIGINT) * 1000)"
    return Typed(f"timezone('UTC', {clock})", zoned(3, zone))


def _now(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if values:
        raise mismatch("now", values, where)
    return Typed("date_trunc('millisecond', now())", t.ZONED)


def _current(name: str, clock: str) -> Special:
    def special(values: list[Typed], _scope: Scope, where: str) -> Typed:
        digits = values[0].literal if len(values) == 1 else None
        if digits is None or not digits.isdigit() or int(digits) > 6:
            raise not_supported(f"{where}{name} of these digits")
        start = f"(epoch_us(now()) // {10 ** (6 - int(digits))} * {10 ** (6 - int(digits))})"
        kind = t.ZONED if name == "current_timestamp" else t.TIMESTAMP
        return Typed(
            clock.format(f"make_timestamp({start})"), replace(kind, numbers=(int(digits),))
        )

    return special


def _current_timezone(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if values:
        raise mismatch("current_timezone", values, where)
    return Typed("'UTC'", t.VARCHAR)


def _to_milliseconds(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if [value.type for value in values] != [t.INTERVAL_DAY]:
        raise mismatch("to_milliseconds", values, where)
    return Typed(values[0].sql, t.BIGINT)


_DAY, _YEAR = t.INTERVAL_DAY, t.INTERVAL_YEAR
SPECIAL_TIME: dict[str, Special] = {
    "at_timezone": _at_timezone,
    "current_timestamp": _current("current_timestamp", "timezone('UTC', {})"),
    "current_timezone": _current_timezone,
    "date": _date,
    "date_add": _date_add,
    "date_diff": _date_diff,
    "date_trunc": _date_trunc,
    "from_unixtime": _from_unixtime,
    "last_day_of_month": _last_day,
    "localtimestamp": _current("localtimestamp", "{}"),
    "now": _now,
    "timezone_hour": _zone_part("timezone_hour", "({} // 60)"),
    "timezone_minute": _zone_part("timezone_minute", "({} % 60)"),
    "to_milliseconds": _to_milliseconds,
    "to_unixtime": _to_unixtime,
    "with_timezone": _with_timezone,
    "year": _of_interval(_YEAR, "({} // 12)", _part("year", "year({0})")),
    "quarter": _part("quarter", "quarter({0})"),
    "month": _of_interval(_YEAR, "({} % 12)", _part("month", "month({0})")),
    "week": _part("week", "week({0})"),
    "day": _of_interval(_DAY, "({} // 86400000)", _part("day", "day({0})")),
    "day_of_week": _part("day_of_week", "isodow({0})"),
    "day_of_year": _part("day_of_year", "dayofyear({0})"),
    "year_of_week": _part("year_of_week", "isoyear({0})"),
    "hour": _of_interval(_DAY, "({} // 3600000 % 24)", _part("hour", "hour({0})")),
    "minute": _of_interval(_DAY, "({} // 60000 % 60)", _part("minute", "minute({0})")),
    "second": _of_interval(_DAY, "({} // 1000 % 60)", _part("second", "second({0})")),
    "millisecond": _of_interval(
        _DAY, "({} % 1000)", _part("millisecond", "millisecond({0}) % 1000")
    ),
}
for _name, _same in {
    "day_of_month": "day",
    "dow": "day_of_week",
    "doy": "day_of_year",
    "week_of_year": "week",
    "yow": "year_of_week",
}.items():
    SPECIAL_TIME[_name] = SPECIAL_TIME[_same]
