"""Texts of moments: date_format, date_parse, format_datetime, to_iso8601 and their kin."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from localaws.athena import moment_casts
from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, invalid_argument, marked, not_supported
from localaws.athena.moment_formats import printer, reader
from localaws.athena.moment_patterns import Field, Part, joda_parts, mysql_parts
from localaws.athena.moment_texts import iso_date, iso_moment
from localaws.athena.python_functions import PythonFunction
from localaws.athena.scopes import Scope, Session, Typed
from localaws.athena.special_functions import Special, mismatch
from localaws.athena.zones import local, zone_info, zone_of, zoned

_PIVOT = 2020
_UNITS = {
    "ns": Decimal("1e-6"), "us": Decimal("1e-3"), "ms": Decimal(1), "s": Decimal(1000),
    "m": Decimal(60_000), "h": Decimal(3_600_000), "d": Decimal(86_400_000),
}  # fmt: skip


def _literal_pattern(name: str, values: list[Typed], where: str) -> str:
    if len(values) != 2 or values[1].type.name not in ("varchar", "unknown"):
        raise mismatch(name, values, where)
    if values[1].literal is None:
        raise not_supported(f"{where}{name} with a computed format")
    return values[1].literal


def _used(session: Session, name: str, function: PythonFunction, sql: str) -> str:
    identifier = session.unique(name)
    session.functions[identifier] = function
    return f"{identifier}({sql})"


def _date_format(values: list[Typed], scope: Scope, where: str) -> Typed:
    parts = mysql_parts(_literal_pattern("date_format", values, where))
    return _printed("date_format", values, parts, scope, where)


def _format_datetime(values: list[Typed], scope: Scope, where: str) -> Typed:
    parts = joda_parts(_literal_pattern("format_datetime", values, where), where)
    zones = [part for part in parts if isinstance(part, Field) and _is_zone(part)]
    if zones and values[0].type.name in ("date", "timestamp"):
        text = "cannot use 'Z' nor 'z' in format, as this type does not contain TZ information"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"{where}{text}")
    return _printed("format_datetime", values, parts, scope, where)


def _is_zone(part: Field) -> bool:
    return part.name == "zone" or part.name.startswith("offset")


def _printed(name: str, values: list[Typed], parts: list[Part], scope: Scope, where: str) -> Typed:
    value = values[0]
    if value.type.name not in (*t.MOMENTS, "unknown"):
        raise mismatch(name, values, where)
    zone = "UTC"
    value = moment_casts.in_milliseconds(value, scope.session, where)
    if value.type.name == "timestamp with time zone":
        zone = zone_of(value.type, where)
        clock = f"timezone('UTC', {value.sql})"
    else:
        clock = f"CAST({value.sql} AS TIMESTAMP)"
    call = printer(parts, zone_info(zone), zone)
    function = PythonFunction(call, ["TIMESTAMP"], "VARCHAR")
    return Typed(_used(scope.session, name, function, clock), t.VARCHAR)


def _date_parse(values: list[Typed], scope: Scope, where: str) -> Typed:
    parts = mysql_parts(_literal_pattern("date_parse", values, where))
    if values[0].type.name not in ("varchar", "unknown"):
        raise mismatch("date_parse", values, where)
    read = reader(parts, _PIVOT)
    function = PythonFunction(lambda text: read(text)[0], ["VARCHAR"], "TIMESTAMP")
    text = f"CAST({values[0].sql} AS VARCHAR)"
    return Typed(_used(scope.session, "date_parse", function, text), t.TIMESTAMP)


def _parse_datetime(values: list[Typed], scope: Scope, where: str) -> Typed:
    parts = joda_parts(_literal_pattern("parse_datetime", values, where), where)
    if values[0].type.name not in ("varchar", "unknown"):
        raise mismatch("parse_datetime", values, where)
    names = [part.name for part in parts if isinstance(part, Field)]
    if set(names) & {"zone", "weekyear2", "of_week"} or len(set(names)) < len(names):
        raise not_supported(f"{where}this pattern in parse_datetime")
    read = reader(parts, datetime.now(UTC).year - 30)
    if any(name.startswith("offset") for name in names):
        return _zoned_text("parse_datetime", values[0], read, where)
    function = PythonFunction(lambda text: read(text)[0], ["VARCHAR"], "TIMESTAMP")
    text = f"CAST({values[0].sql} AS VARCHAR)"
    clock = _used(scope.session, "parse_datetime", function, text)
    return Typed(f"timezone('UTC', {clock})", zoned(3, "UTC"))


def _zoned_text(
    name: str, value: Typed, read: Callable[[str], tuple[datetime, str]], where: str
) -> Typed:
    if value.literal is None:
        raise not_supported(f"{where}{name} of a computed text with a zone in it")
    try:
        clock, zone = read(value.literal)
    except ValueError as error:
        text = f"{where}Invalid format: {value.literal}"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", text) from error
    instant = clock - (zone_info(zone).utcoffset(clock) or clock - clock)
    return Typed(f"timezone('UTC', TIMESTAMP '{instant.isoformat(sep=' ')}')", zoned(3, zone))


def _from_iso8601_timestamp(values: list[Typed], scope: Scope, where: str) -> Typed:
    if len(values) != 1 or values[0].type.name not in ("varchar", "unknown"):
        raise mismatch("from_iso8601_timestamp", values, where)
    if values[0].literal is not None:
        return _zoned_text("from_iso8601_timestamp", values[0], _read_iso, where)
    function = PythonFunction(_iso_in_utc, ["VARCHAR"], "TIMESTAMP", refuses=True)
    text = f"CAST({values[0].sql} AS VARCHAR)"
    clock = _used(scope.session, "from_iso8601_timestamp", function, text)
    return Typed(f"timezone('UTC', {clock})", zoned(3, "UTC"))


def _read_iso(text: str) -> tuple[datetime, str]:
    found = iso_moment(text)
    if found is None:
        raise invalid_argument(f'Invalid format: "{text}"')
    return found.clock, found.zone or "UTC"


def _iso_in_utc(text: str) -> datetime:
    clock, zone = _read_iso(text)
    if zone != "UTC":
        refusal = not_supported(f"from_iso8601_timestamp of a computed text in the zone {zone}")
        raise ValueError(marked(refusal.name, refusal.text))
    return clock


def _from_iso8601_date(values: list[Typed], scope: Scope, where: str) -> Typed:
    if len(values) != 1 or values[0].type.name not in ("varchar", "unknown"):
        raise mismatch("from_iso8601_date", values, where)
    scope.session.functions["iso_date"] = PythonFunction(iso_date, ["VARCHAR"], "DATE")
    return Typed(f"iso_date(CAST({values[0].sql} AS VARCHAR))", t.DATE)


def _to_iso8601(values: list[Typed], scope: Scope, where: str) -> Typed:
    if len(values) != 1 or values[0].type.name not in t.MOMENTS:
        raise mismatch("to_iso8601", values, where)
    value, kind = values[0], values[0].type
    if kind.name == "date":
        return Typed(f"CAST({value.sql} AS VARCHAR)", t.varchar(16))
    digits = kind.numbers[0]
    length = 22 + digits + bool(digits)
    naive = Typed(local(value, where), t.Type("timestamp", kind.numbers))
    shown = f"replace({moment_casts.text(naive, where)}, ' ', 'T')"
    if kind.name == "timestamp":
        return Typed(shown, t.varchar(length))
    zone = zone_of(kind, where)
    if zone == "UTC":
        return Typed(f"({shown} || 'Z')", t.varchar(length + 6))
    show = printer([Field("offset_colon", 0, 0)], zone_info(zone), zone)
    function = PythonFunction(show, ["TIMESTAMP"], "VARCHAR")
    offset = _used(scope.session, "offset", function, f"timezone('UTC', {value.sql})")
    return Typed(f"({shown} || {offset})", t.varchar(length + 6))


def _parse_duration(values: list[Typed], scope: Scope, where: str) -> Typed:
    if len(values) != 1 or values[0].type.name not in ("varchar", "unknown"):
        raise mismatch("parse_duration", values, where)
    scope.session.functions["parse_duration"] = PythonFunction(_duration, ["VARCHAR"], "BIGINT")
    return Typed(f"parse_duration(CAST({values[0].sql} AS VARCHAR))", t.INTERVAL_DAY)


def _duration(text: str) -> int:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ns|us|ms|s|m|h|d)\s*", text)
    if found is None:
        detail = f"duration is not a valid data duration string: {text}"
        raise invalid_argument(detail)
    return int((Decimal(found[1]) * _UNITS[found[2]]).quantize(Decimal(1), ROUND_HALF_UP))


SPECIAL_TEXTS: dict[str, Special] = {
    "date_format": _date_format,
    "date_parse": _date_parse,
    "format_datetime": _format_datetime,
    "from_iso8601_date": _from_iso8601_date,
    "from_iso8601_timestamp": _from_iso8601_timestamp,
    "parse_datetime": _parse_datetime,
    "parse_duration": _parse_duration,
    "to_iso8601": _to_iso8601,
}
