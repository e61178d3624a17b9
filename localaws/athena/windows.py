"""OVER (…) -> DuckDB's text: named windows, keys, frames, and the frames Trino refuses."""

from typing import Any

from sqlglot import exp

from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.intervals import span
from localaws.athena.orderings import ordering
from localaws.athena.scopes import Scope, Typed, plain_column

_STARTS = ("UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING")


def over(node: Any, scope: Scope) -> str:
    """Return ` OVER (…)` of a window; raise QueryFailed for a window or frame Trino refuses."""
    parts, order, spec = _resolved(node, scope)
    if any(part.find(exp.Window) for part in (*parts, order) if part is not None):
        text = "line 1:1: Cannot nest window functions inside window specification"
        raise QueryFailed("NESTED_WINDOW", text)
    keys = [scope.session.rewrite(part, scope).sql for part in parts]
    scope.partitions.append({name for part in parts if (name := plain_column(part, scope))})
    partition = f"PARTITION BY {', '.join(keys)}" if keys else ""
    frame = _frame(spec, order, scope)
    return f" OVER ({partition}{ordering(order, scope)}{frame})"


def _resolved(node: Any, scope: Scope) -> tuple[list[Any], Any, Any]:
    """Return the keys, order and frame of a window, those of the one it continues among them."""
    parts, order, spec = (node.args.get(key) for key in ("partition_by", "order", "spec"))
    name = node.args.get("alias")
    if name is None:
        return parts or [], order, spec
    named = scope.windows.get(name.name.lower())
    if named is None:
        text = f"line 1:1: Cannot resolve WINDOW name {name.name}"
        raise QueryFailed("INVALID_WINDOW_REFERENCE", text)
    keys, base_order, base_spec = _resolved(named, scope)
    if parts or (base_spec is not None and (order is not None or spec is not None)):
        raise not_supported("a window that changes the one it continues")
    if order is not None and base_order is not None:
        text = "line 1:1: WINDOW specification with ORDER BY cannot extend one with ORDER BY"
        raise QueryFailed("INVALID_ORDER_BY", text)
    return keys, order or base_order, spec or base_spec


def _frame(spec: Any, order: Any, scope: Scope) -> str:
    if spec is None:
        return ""
    kind = str(spec.args["kind"]).upper()
    if kind not in ("ROWS", "RANGE", "GROUPS") or spec.args.get("exclude"):
        raise not_supported(f"a {kind} frame")
    start = _bound(spec.args["start"], spec.args.get("start_side"), kind, order, scope)
    end = ("CURRENT ROW", "CURRENT ROW")
    if spec.args.get("end"):
        end = _bound(spec.args["end"], spec.args.get("end_side"), kind, order, scope)
    _refuse_backwards(start[0], end[0])
    return f" {kind} BETWEEN {start[1]} AND {end[1]}"


def _bound(bound: Any, side: Any, kind: str, order: Any, scope: Scope) -> tuple[str, str]:
    """Return which kind of bound it is, and its text."""
    if isinstance(bound, str):
        text = f"{bound} {side or ''}".upper().strip()
        return text, text
    word = str(side).upper()
    offset = scope.session.rewrite(bound, scope)
    checked = (
        _range_offset(offset, order, scope) if kind == "RANGE" else _count(offset, kind, order)
    )
    return word, f"{checked} {word}"


def _count(offset: Typed, kind: str, order: Any) -> str:
    if offset.type.name not in t.INTEGERS:
        text = f"Window frame {kind} value type must be exact numeric type with scale 0"
        raise QueryFailed("TYPE_MISMATCH", f"line 1:1: {text} (actual {t.trino(offset.type)})")
    if kind == "GROUPS" and order is None:
        text = "Window frame of type GROUPS PRECEDING or FOLLOWING requires ORDER BY"
        raise QueryFailed("MISSING_ORDER_BY", f"line 1:1: {text}")
    return f"frame_offset({offset.sql})"


def _range_offset(offset: Typed, order: Any, scope: Scope) -> str:
    if order is None:
        text = "Window frame of type RANGE PRECEDING or FOLLOWING requires ORDER BY"
        raise QueryFailed("MISSING_ORDER_BY", f"line 1:1: {text}")
    if len(order.expressions) != 1:
        text = "Window frame of type RANGE PRECEDING or FOLLOWING requires a single sort item"
        raise QueryFailed("INVALID_ORDER_BY", f"line 1:1: {text}")
    key = scope.session.rewrite(order.expressions[0].this, scope)
    moment, step = key.type.name in ("date", "timestamp"), offset.type.name.startswith("interval")
    if key.type.name in t.INTEGERS and offset.type.name in t.INTEGERS:
        return f"frame_offset({offset.sql})"
    if moment and step:
        if "-" in offset.sql:
            raise not_supported("a RANGE frame with a negative interval")
        return span(offset)
    if key.type.name in t.NUMBERS and offset.type.name in t.NUMBERS:
        raise not_supported(f"a RANGE frame of {t.trino(key.type)} and {t.trino(offset.type)}")
    kinds = f"({t.trino(key.type)}, {t.trino(offset.type)})"
    text = f"Window frame of type RANGE does not match the type of the sort item {kinds}"
    raise QueryFailed("TYPE_MISMATCH", f"line 1:1: {text}")


def _refuse_backwards(start: str, end: str) -> None:
    if start == "UNBOUNDED FOLLOWING" or end == "UNBOUNDED PRECEDING":
        text = f"Window frame cannot start with {start} and end with {end}"
    elif _STARTS.index(end) < _STARTS.index(start):
        text = f"Window frame starting from {start} cannot end with {end}"
    else:
        return
    raise QueryFailed("INVALID_WINDOW_FRAME", f"line 1:1: {text}")
