"""A Python value and its Trino type -> DuckDB's text of it."""

from typing import Any

from localaws.athena.trino_types import Type, duck, text


def literal(value: Any, kind: Type) -> str:
    """Return the text of a value: lists, dicts and tuples for arrays, maps and rows."""
    return f"CAST({_inner(value, kind)} AS {duck(kind)})"


def _inner(value: Any, kind: Type) -> str:
    if value is None:
        return f"CAST(NULL AS {duck(kind)})"
    if kind.name == "array":
        return "[" + ", ".join(literal(item, kind.parts[0]) for item in value) + "]"
    if kind.name == "map":
        keys = ", ".join(literal(key, kind.parts[0]) for key in value)
        values = ", ".join(literal(item, kind.parts[1]) for item in value.values())
        return f"MAP([{keys}], [{values}])"
    if kind.name == "row":
        fields = zip(kind.names, kind.parts, value, strict=True)
        return "{" + ", ".join(f"{text(n)}: {literal(v, p)}" for n, p, v in fields) + "}"
    if isinstance(value, bytes):
        return f"unhex('{value.hex()}')"
    return str(value) if isinstance(value, bool | int) else text(str(value))
