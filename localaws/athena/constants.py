"""Literals and other expressions without parts -> DuckDB's text and Trino's type."""

from typing import Any

from sqlglot import exp

from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.intervals import interval
from localaws.athena.literal_texts import unicode_text
from localaws.athena.predicates import Handler, where
from localaws.athena.scopes import Scope, Typed
from localaws.athena.trino_types import Type

_NOW = "date_trunc('millisecond', now())"


def _literal(node: Any, _scope: Scope) -> Typed:
    text = str(node.this)
    if node.is_string:
        return Typed(t.text(text), t.varchar(len(text)), text)
    if "e" in text.lower():
        return Typed(f"CAST({text} AS DOUBLE)", t.DOUBLE, text)
    if "." in text:
        whole, _, part = text.partition(".")
        digits = max(1, len(whole.lstrip("0")) + len(part))
        if digits > 38:
            wrong = f"'{text}' is not a valid DECIMAL literal"
            raise QueryFailed("INVALID_LITERAL", where(node) + wrong)
        kind = t.decimal(digits, len(part))
        return Typed(f"CAST('{text}' AS {t.duck(kind)})", kind, text)
    return Typed(text, t.INTEGER if int(text) < 2**31 else t.BIGINT, text)


def _unicode(node: Any, _scope: Scope) -> Typed:
    escape = node.args.get("escape")
    value = unicode_text(str(node.this), escape.name if escape else "\\") or ""
    return Typed(t.text(value), t.varchar(len(value)), value)


def _null(_node: Any, _scope: Scope) -> Typed:
    return Typed("NULL", t.UNKNOWN)


def _boolean(node: Any, _scope: Scope) -> Typed:
    return Typed("TRUE" if node.this else "FALSE", t.BOOLEAN)


def _interval(node: Any, _scope: Scope) -> Typed:
    unit, text = node.args.get("unit"), node.this
    sign = "-" if isinstance(text, exp.Neg) else ""
    written = text.this.name if sign else text.name if text is not None else ""
    if unit is None:
        raise not_supported(f"{where(node)}this INTERVAL")
    span = isinstance(unit, exp.IntervalSpan)
    first, last = (unit.this, unit.expression) if span else (unit, unit)
    words = [part.name.upper().removesuffix("S") for part in (first, last)]
    return interval(sign + written, words[0], words[1], where(node))


def _hex(node: Any, _scope: Scope) -> Typed:
    return Typed(f"unhex('{node.this}')" if node.this else "''::BLOB", t.VARBINARY)


def _constant(sql: str, kind: Type) -> Handler:
    return lambda _node, _scope: Typed(sql, kind)


HANDLERS: dict[Any, Handler] = {
    exp.Literal: _literal,
    exp.UnicodeString: _unicode,
    exp.Null: _null,
    exp.Boolean: _boolean,
    exp.Interval: _interval,
    exp.HexString: _hex,
    exp.CurrentTimestamp: _constant(_NOW, t.ZONED),
    exp.CurrentDate: _constant("current_date", t.DATE),
    exp.Localtimestamp: _constant(f"CAST({_NOW} AS TIMESTAMP)", t.TIMESTAMP),
}
