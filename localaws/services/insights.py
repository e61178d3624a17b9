"""A Logs Insights query over stored lines -> its rows: `fields | filter | stats | sort | limit`.

A line that is JSON has its members as fields (`a.b` for nested ones). Any other stage, function or
condition is refused by name: answering without it would be another question's answer.
"""

import json
import operator
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from localaws.errors import ApiError, not_implemented

Row = dict[str, Any]

_STAGE = re.compile(r"(?is)\s*(\w+)\b\s*(.*?)\s*")
_FIELD = r"(@?[A-Za-z_][\w.@]*|`[^`]+`)"
_CONDITION = re.compile(
    rf"(?is){_FIELD}\s*(=|!=|<=|>=|<|>|like|not\s+like|in)\s*"
    r"(\"[^\"]*\"|'[^']*'|/(?:\\.|[^/])*/i?|\[[^\]]*\]|-?\d+(?:\.\d+)?)"
)
_PRESENT = re.compile(rf"(?i)(not\s+)?ispresent\(\s*{_FIELD}\s*\)")
_CALL = re.compile(rf"(?is)(\w+)\(\s*(\*|{_FIELD})?\s*(?:,\s*([\d.]+)\s*)?\)(?:\s+as\s+{_FIELD})?")
_BIN = re.compile(r"(?i)bin\(\s*(\d+)\s*([smhd])\w*\s*\)(?:\s+as\s+(\w+))?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_ORDERS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SHOWN = ("@timestamp", "@message")
_MOST = 10_000


def answer(query: str, lines: Iterable[Row], most: int | None) -> list[Row]:
    """Return the rows of a query; lines have `@timestamp`, `@message`, `@logStream`, `@log`.

    Raise ApiError for what is not understood.
    """
    rows = [_with_members(line) for line in lines]
    rows.sort(key=lambda row: str(row["@timestamp"]), reverse=True)
    shown: list[str] = list(_SHOWN)
    limit = most or _MOST
    for stage in _split(query, "|"):
        word, rest = _stage(stage)
        if word in ("fields", "display"):
            shown = [_named(one) for one in _split(rest, ",")]
        elif word == "filter":
            tests = [_condition(part) for part in re.split(r"(?i)\s+and\s+", rest)]
            rows = [row for row in rows if all(test(row) for test in tests)]
        elif word == "stats":
            rows, shown = _stats(rest, rows)
        elif word == "sort":
            _sort(rest, rows)
        elif word == "limit":
            limit = min(limit, int(rest))
        else:
            raise _unread(stage)
    keep = [*shown, *([] if "@ptr" not in (rows[0] if rows else {}) else ["@ptr"])]
    return [{name: row[name] for name in keep if row.get(name) is not None} for row in rows[:limit]]


def _with_members(line: Row) -> Row:
    try:
        document = json.loads(line["@message"])
    except ValueError:
        return dict(line)
    return {**(_flat(document) if isinstance(document, dict) else {}), **line}


def _flat(document: Row, before: str = "") -> Row:
    found: Row = {}
    for name, value in document.items():
        nested = isinstance(value, dict)
        found.update(_flat(value, f"{before}{name}.") if nested else {f"{before}{name}": value})
    return found


def _stage(stage: str) -> tuple[str, str]:
    found = _STAGE.fullmatch(stage)
    if found is None:
        raise _unread(stage)
    return found.group(1).lower(), found.group(2)


def _named(text: str) -> str:
    if not re.fullmatch(_FIELD, text.strip()):
        raise _unread(text)
    return text.strip().strip("`")


def _condition(text: str) -> Callable[[Row], bool]:
    present = _PRESENT.fullmatch(text.strip())
    if present:
        wanted, field = present.group(1) is None, present.group(2).strip("`")
        return lambda row: (row.get(field) is not None) is wanted
    found = _CONDITION.fullmatch(text.strip())
    if found is None:
        raise _unread(text)
    field, order, value = found.group(1).strip("`"), found.group(2).lower(), found.group(3)
    if "like" in order:
        pattern, negated = _pattern(value), order.startswith("not")
        return lambda row: (pattern.search(str(row.get(field, ""))) is not None) is not negated
    if order == "in":
        options = [_literal(one) for one in _split(value[1:-1], ",")]
        return lambda row: any(_compared(row.get(field), "=", one) for one in options)
    literal = _literal(value)
    return lambda row: _compared(row.get(field), order, literal)


def _pattern(value: str) -> re.Pattern[str]:
    if not value.startswith("/"):
        return re.compile(re.escape(value[1:-1]))
    ignoring = value.endswith("i")
    return re.compile(value[1 : -2 if ignoring else -1], re.IGNORECASE if ignoring else 0)


def _literal(text: str) -> str | float:
    text = text.strip()
    return text[1:-1] if text[:1] in "\"'" else float(text)


def _compared(value: Any, order: str, wanted: str | float) -> bool:
    if value is None:
        return order == "!="
    left: Any = value
    if isinstance(wanted, float):
        left = _number(value)
        if left is None:
            return order == "!="
    elif not isinstance(value, str):
        left = json.dumps(value)
    return bool(_ORDERS[order](left, wanted))


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _stats(text: str, rows: list[Row]) -> tuple[list[Row], list[str]]:
    what, _, by = re.sub(r"(?i)\s+by\s+", "\0", text, count=1).partition("\0")
    calls = [_call(one) for one in _split(what, ",")]
    keys = [_key(one) for one in _split(by, ",")] if by else []
    groups: dict[tuple[Any, ...], list[Row]] = {} if keys else {(): rows}
    for row in rows if keys else ():
        groups.setdefault(tuple(key(row) for _, key in keys), []).append(row)
    names = [*(name for name, _ in keys), *(name for name, _ in calls)]
    return [
        dict(zip(names, [*group, *(call(inside) for _, call in calls)], strict=True))
        for group, inside in groups.items()
    ], names


def _key(text: str) -> tuple[str, Callable[[Row], Any]]:
    found = _BIN.fullmatch(text.strip())
    if found is None:
        name = _named(text)
        return name, lambda row: row.get(name)
    seconds = int(found.group(1)) * _SECONDS[found.group(2).lower()]
    return found.group(3) or text.strip(), lambda row: _bin(str(row["@timestamp"]), seconds)


def _bin(timestamp: str, seconds: int) -> str:
    at = datetime.fromisoformat(timestamp).replace(tzinfo=UTC).timestamp() // seconds * seconds
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.000")


def _call(text: str) -> tuple[str, Callable[[list[Row]], Any]]:
    found = _CALL.fullmatch(text.strip())
    function = _FUNCTIONS.get(found.group(1).lower()) if found else None
    if found is None or function is None or found.group(4):
        raise _unread(text)
    field = (found.group(2) or "*").strip("`")
    name = found.group(5) or text.strip()
    return name.strip("`"), lambda rows: function(
        [row.get(field) for row in rows if field == "*" or row.get(field) is not None]
    )


def _numbers(values: list[Any]) -> list[float]:
    return [number for number in map(_number, values) if number is not None]


_FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "count": len,
    "count_distinct": lambda values: len({json.dumps(value) for value in values}),
    "sum": lambda values: sum(_numbers(values)),
    "avg": lambda values: _mean(_numbers(values)),
    "min": lambda values: min(_numbers(values), default=None),
    "max": lambda values: max(_numbers(values), default=None),
}


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _sort(text: str, rows: list[Row]) -> None:
    for part in reversed(_split(text, ",")):
        words = part.split()
        descending = words[-1].lower() == "desc"
        name = _named(" ".join(words[:-1] if words[-1].lower() in ("asc", "desc") else words))

        def order(row: Row, name: str = name) -> tuple[bool, float, str]:
            number = _number(row.get(name))
            return number is None, number or 0.0, str(row.get(name, ""))

        rows.sort(key=order, reverse=descending)


def _split(text: str, separator: str) -> list[str]:
    """Split at separators outside quotes, slashes of a pattern, brackets."""
    parts = re.findall(
        rf"(?:\"[^\"]*\"|'[^']*'|(?<=like )/(?:\\.|[^/])*/|\([^()]*\)|\[[^\]]*\]|[^{separator}])+",
        text,
    )
    return [part.strip() for part in parts if part.strip()]


def _unread(text: str) -> ApiError:
    return not_implemented("logs", "StartQuery", f"a reading of `{text.strip()}`")
