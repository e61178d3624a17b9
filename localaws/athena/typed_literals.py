"""Literals that name their type (`date '…'`), and casts that give NULL instead of failing."""

import re

from localaws.athena import casts, moment_casts
from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.moment_texts import date_of
from localaws.athena.scopes import Scope, Typed
from localaws.athena.trino_types import Type

EXTRACTED = (
    *("year", "quarter", "month", "week", "day", "day_of_month", "day_of_week", "dow"),
    *("day_of_year", "doy", "year_of_week", "yow", "hour", "minute", "second"),
    *("timezone_minute", "timezone_hour"),
)
_CHECKED = {
    "boolean": "(?i:true|false|t|f|1|0)",
    "real": r"\s*(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NaN|[+-]?Infinity)[dDfF]?\s*",
}
_CHECKED["double"] = _CHECKED["real"]


def typed_literal(written: str, kind: str, scope: Scope, where: str) -> Typed:
    """Return `kind 'written'`; raise QueryFailed INVALID_LITERAL for a text that says none."""
    if kind.upper().startswith("TIMESTAMP"):
        return moment_casts.literal(written, where)
    target = t.parse("time" if kind.upper().startswith("TIME") else kind)
    if target.name == "time":
        raise not_supported(f"{where}a literal of time")
    if target.name == "decimal" and "(" not in kind:
        return _decimal(written, where)
    text = Typed(t.text(written), t.varchar(len(written)), written)
    if not _is_valid(written, target):
        wrong = f"'{written}' is not a valid {kind.upper()} literal"
        raise QueryFailed("INVALID_LITERAL", where + wrong)
    found = casts.cast(text, target, scope.session, where)
    return Typed(found.sql, found.type, written)


def tried_cast(value: Typed, target: Type, scope: Scope, where: str) -> Typed:
    """Return TRY_CAST: NULL where the cast fails, though not where what it casts does."""
    if value.literal is not None or value.sql.startswith('"'):
        found = casts.cast(value, target, scope.session, where)
        return Typed(f"TRY({found.sql})", found.type)
    # The value is computed outside TRY, as the one item of a list.
    item = scope.session.unique("tried")
    inner = casts.cast(Typed(item, value.type), target, scope.session, where)
    items = f"list_transform([{value.sql}], LAMBDA {item} : TRY({inner.sql}))"
    return Typed(f"list_extract({items}, 1)", inner.type)


def _decimal(written: str, where: str) -> Typed:
    found = re.fullmatch(r"[+-]?(?:(\d+)(?:\.(\d*))?|\.(\d+))", written)
    if found is None:
        text = f"{where}'{written}' is not a valid DECIMAL literal"
        raise QueryFailed("INVALID_LITERAL", text)
    whole, part = (found[1] or "").lstrip("0"), found[2] or found[3] or ""
    if len(whole) + len(part) > 38:
        raise not_supported(f"{where}a decimal of more than 38 digits")
    kind = t.decimal(max(1, len(whole) + len(part)), len(part))
    return Typed(f"CAST('{written}' AS {t.duck(kind)})", kind, written)


def _is_valid(written: str, target: Type) -> bool:
    if target.name == "date":
        return date_of(written) is not None
    if target.name in t.INTEGERS:
        size = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}[target.name]
        shaped = re.fullmatch(r"\s*[+-]?\d+\s*", written)
        return bool(shaped) and -(2**size) <= int(written) < 2**size
    pattern = _CHECKED.get(target.name)
    return pattern is None or re.fullmatch(pattern, written) is not None
