"""UNNEST of arrays, maps and arrays of rows -> a lateral query, one column per element or field."""

from typing import Any

from sqlglot import exp

from localaws.athena import trino_types as t
from localaws.athena.failures import QueryFailed
from localaws.athena.scopes import Column, Scope, Source, renamed
from localaws.athena.trino_types import quote


def unnest(node: Any, scope: Scope) -> str:
    """Return UNNEST as an item of FROM; add it to the scope's sources."""
    scope.clause = "unnest"
    texts: list[str] = []
    columns: list[Column] = []
    lengths: list[str] = []
    for part in node.expressions:
        value = scope.session.rewrite(part, scope)
        lengths.append(_exploded(value.sql, value.type, texts, columns))
    if node.args.get("offset"):
        longest = lengths[0] if len(lengths) == 1 else f"greatest({', '.join(lengths)})"
        texts.append(f"unnest(range(1, {longest} + 1))")
        columns.append(Column("", t.BIGINT, f"_col{len(columns)}"))
    names = node.args["alias"].columns if node.args.get("alias") is not None else []
    offset = node.args.get("offset")
    names = [*names, offset] if isinstance(offset, exp.Identifier) else names
    written = node.args["alias"].name if node.args.get("alias") is not None else ""
    alias = scope.session.unique(written or "unnested")
    scope.sources.append(Source(alias, (written,), renamed(tuple(columns), names)))
    slots = ", ".join(quote(column.slot) for column in columns)
    return f"LATERAL (SELECT {', '.join(texts)}) AS {quote(alias)}({slots})"


def _exploded(sql: str, kind: t.Type, texts: list[str], columns: list[Column]) -> str:
    if kind.name == "map":
        texts += [f"unnest(map_keys({sql}))", f"unnest(map_values({sql}))"]
        parts = [("", part) for part in kind.parts]
    elif kind.name == "array" and kind.parts[0].name == "row":
        texts.append(f"unnest({sql}, max_depth := 2)")
        parts = list(zip(kind.parts[0].names, kind.parts[0].parts, strict=True))
    elif kind.name == "array":
        texts.append(f"unnest({sql})")
        parts = [("", kind.parts[0])]
    else:
        text = f"Cannot unnest type: {t.trino(kind)}"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", text)
    for name, part in parts:
        columns.append(Column(name, part, f"_col{len(columns)}"))
    return f"coalesce(len({f'map_keys({sql})' if kind.name == 'map' else sql}), 0)"
