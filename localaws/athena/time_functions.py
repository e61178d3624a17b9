"""Trino's functions of dates and timestamps -> DuckDB's text; a date stays a date."""

from collections.abc import Callable

from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.scopes import Scope, Typed
from localaws.athena.trino_types import Type

Special = Callable[[list[Typed], Scope, str], Typed]

_UNITS = {
    "millisecond": "to_milliseconds",
    "second": "to_seconds",
    "minute": "to_minutes",
    "hour": "to_hours",
    "day": "to_days",
    "week": "to_weeks",
    "month": "to_months",
    "quarter": "to_quarters",
    "year": "to_years",
}
_TIME_ONLY = ("millisecond", "second", "minute", "hour")
# MySQL's letters, which Trino uses, to DuckDB's.
_LETTERS = {
    "Y": "%Y", "y": "%y", "m": "%m", "c": "%-m", "d": "%d", "e": "%-d", "H": "%H", "k": "%-H",
    "h": "%I", "I": "%I", "l": "%-I", "i": "%M", "s": "%S", "S": "%S", "f": "%f", "p": "%p",
    "M": "%B", "b": "%b", "W": "%A", "a": "%a", "j": "%j", "T": "%H:%M:%S", "%": "%%",
}  # fmt: skip


def _refused(name: str, values: list[Typed], where: str) -> QueryFailed:
    kinds = ", ".join(t.trino(value.type) for value in values)
    text = f"{where}Unexpected parameters ({kinds}) for function {name}"
    return QueryFailed("FUNCTION_NOT_FOUND", text)


def _unit(name: str, values: list[Typed], where: str, moment: Type) -> str:
    unit = (values[0].literal or "").lower()
    if not values[0].literal:
        raise not_supported(f"{where}{name} with a computed unit")
    if unit not in _UNITS or (moment.name == "date" and unit in _TIME_ONLY):
        text = f"{where}'{unit}' is not a valid {moment.name.upper()} field"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", text)
    return unit


def _date_trunc(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if len(values) != 2 or values[1].type.name not in ("date", "timestamp"):
        raise _refused("date_trunc", values, where)
    kind = values[1].type
    unit = _unit("date_trunc", values, where, kind)
    return Typed(f"CAST(date_trunc('{unit}', {values[1].sql}) AS {t.duck(kind)})", kind)


def _date_add(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if (
        len(values) != 3
        or values[1].type.name not in t.INTEGERS
        or values[2].type.name not in ("date", "timestamp")
    ):
        raise _refused("date_add", values, where)
    kind = values[2].type
    step = _UNITS[_unit("date_add", values, where, kind)]
    amount = f"{step}(CAST({values[1].sql} AS {_step_type(step)}))"
    return Typed(f"CAST({values[2].sql} + {amount} AS {t.duck(kind)})", kind)


def _step_type(step: str) -> str:
    if step in ("to_milliseconds", "to_seconds"):
        return "DOUBLE"
    return "BIGINT" if step in ("to_minutes", "to_hours") else "INTEGER"


def _date_diff(values: list[Typed], _scope: Scope, where: str) -> Typed:
    kind = t.unify([value.type for value in values[1:]]) if len(values) == 3 else None
    if kind is None or kind.name not in ("date", "timestamp"):
        raise _refused("date_diff", values, where)
    unit = _unit("date_diff", values, where, kind)
    one, two = (f"CAST({value.sql} AS TIMESTAMP)" for value in values[1:])
    return Typed(f"date_sub('{unit}', {one}, {two})", t.BIGINT)


def _part(name: str, template: str, takes: tuple[str, ...]) -> Special:
    def special(values: list[Typed], _scope: Scope, where: str) -> Typed:
        if len(values) != 1 or values[0].type.name not in takes:
            raise _refused(name, values, where)
        return Typed(f"CAST({template.format(values[0].sql)} AS BIGINT)", t.BIGINT)

    return special


def _pattern(values: list[Typed], name: str, where: str) -> str:
    pattern = values[1].literal if len(values) == 2 else None
    if pattern is None:
        raise not_supported(f"{where}{name} with a computed format")
    found, letters = [], iter(pattern)
    for letter in letters:
        follows = next(letters, "") if letter == "%" else ""
        if letter == "%" and follows not in _LETTERS:
            raise not_supported(f"{where}%{follows} in {name}")
        found.append(_LETTERS[follows] if letter == "%" else letter)
    return t.text("".join(found))


def _date_format(values: list[Typed], _scope: Scope, where: str) -> Typed:
    pattern = _pattern(values, "date_format", where)
    if values[0].type.name not in ("date", "timestamp"):
        raise _refused("date_format", values, where)
    return Typed(f"strftime(CAST({values[0].sql} AS TIMESTAMP), {pattern})", t.VARCHAR)


def _date_parse(values: list[Typed], _scope: Scope, where: str) -> Typed:
    pattern = _pattern(values, "date_parse", where)
    if values[0].type.name not in ("varchar", "unknown"):
        raise _refused("date_parse", values, where)
    return Typed(f"strict_parse(CAST({values[0].sql} AS VARCHAR), {pattern})", t.TIMESTAMP)


def _date(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if len(values) != 1 or values[0].type.name not in ("varchar", "timestamp", "date"):
        raise _refused("date", values, where)
    text = values[0].sql
    text = f"text_to_date({text}, 'date')" if values[0].type.name == "varchar" else text
    return Typed(f"CAST({text} AS DATE)", t.DATE)


def _sequence_of_dates(values: list[Typed]) -> Typed:
    start, end = values[0].sql, values[1].sql
    step = values[2].sql if len(values) == 3 else "INTERVAL 1 DAY"
    kind = t.array(t.DATE)
    series = f"generate_series(CAST({start} AS TIMESTAMP), CAST({end} AS TIMESTAMP), {step})"
    return Typed(f"checked_sequence(CAST({series} AS DATE[]))", kind)


def _sequence(values: list[Typed], _scope: Scope, where: str) -> Typed:
    kinds = [value.type.name for value in values]
    if kinds[:2] == ["date", "date"] and all("interval" in kind for kind in kinds[2:]):
        return _sequence_of_dates(values)
    if len(kinds) in (2, 3) and all(kind in t.INTEGERS for kind in kinds):
        series = ", ".join(f"CAST({value.sql} AS BIGINT)" for value in values)
        return Typed(f"checked_sequence(generate_series({series}))", t.array(t.BIGINT))
    raise not_supported(f"{where}sequence of ({', '.join(kinds)})")


def _to_unixtime(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if len(values) != 1 or values[0].type.name not in ("timestamp", "timestamp with time zone"):
        raise _refused("to_unixtime", values, where)
    return Typed(f"epoch({values[0].sql})", t.DOUBLE)


def _now(values: list[Typed], _scope: Scope, where: str) -> Typed:
    if values:
        raise _refused("now", values, where)
    return Typed("date_trunc('millisecond', now())", t.ZONED)


_DAYS, _TIMES = ("date", "timestamp"), ("timestamp",)
SPECIAL_TIME: dict[str, Special] = {
    "date": _date,
    "date_add": _date_add,
    "date_diff": _date_diff,
    "date_format": _date_format,
    "date_parse": _date_parse,
    "date_trunc": _date_trunc,
    "from_iso8601_date": _date,
    "now": _now,
    "sequence": _sequence,
    "to_unixtime": _to_unixtime,
    "year": _part("year", "year({0})", _DAYS),
    "quarter": _part("quarter", "quarter({0})", _DAYS),
    "month": _part("month", "month({0})", _DAYS),
    "week": _part("week", "week({0})", _DAYS),
    "day": _part("day", "day({0})", _DAYS),
    "day_of_week": _part("day_of_week", "isodow({0})", _DAYS),
    "day_of_year": _part("day_of_year", "dayofyear({0})", _DAYS),
    "year_of_week": _part("year_of_week", "isoyear({0})", _DAYS),
    "hour": _part("hour", "hour({0})", _TIMES),
    "minute": _part("minute", "minute({0})", _TIMES),
    "second": _part("second", "second({0})", _TIMES),
    "millisecond": _part("millisecond", "millisecond({0}) % 1000", _TIMES),
}
for _name, _same in {
    "day_of_month": "day",
    "dow": "day_of_week",
    "doy": "day_of_year",
    "week_of_year": "week",
    "yow": "year_of_week",
}.items():
    SPECIAL_TIME[_name] = SPECIAL_TIME[_same]
