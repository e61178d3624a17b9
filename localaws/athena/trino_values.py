"""A column and a value of Trino's protocol -> our Type, and a value to print as Athena does.

Moments, decimals and texts stay the text Trino sent: it has the digits and the zone already.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from localaws.athena.trino_types import UNBOUNDED, Type


def type_of(signature: Mapping[str, Any]) -> Type:
    """Return the type a column's signature describes."""
    name = signature["rawType"]
    arguments = [argument["value"] for argument in signature["arguments"]]
    if name == "row":
        fields = [(_field_name(field), field["typeSignature"]) for field in arguments]
        parts = tuple(type_of(part) for _, part in fields)
        return Type("row", parts=parts, names=tuple(field for field, _ in fields))
    if name in ("array", "map"):
        return Type(name, parts=tuple(type_of(part) for part in arguments))
    if name == "varchar" and arguments == [UNBOUNDED]:
        return Type(name)
    return Type(name, tuple(argument for argument in arguments if isinstance(argument, int)))


def value_of(raw: Any, kind: Type) -> Any:
    """Return the value a JSON value of the protocol means, None for NULL."""
    if raw is None:
        return None
    match kind.name:
        case "array":
            return [value_of(item, kind.parts[0]) for item in raw]
        case "map":
            key, value = kind.parts
            return {_key(k, key): value_of(v, value) for k, v in raw.items()}
        case "row":
            return [value_of(item, part) for item, part in zip(raw, kind.parts, strict=True)]
    return _READERS.get(kind.name, str)(raw)


def _field_name(field: Mapping[str, Any]) -> str:
    return str(field.get("fieldName", {}).get("name", ""))


def _key(text: str, kind: Type) -> Any:
    # JSON keys are texts: Trino prints other keys, nested ones in a way that cannot be read back.
    if kind.name == "boolean":
        return text == "true"
    return _READERS.get(kind.name, str)(text)


_READERS: dict[str, Callable[[Any], Any]] = {
    "boolean": bool,
    "tinyint": int,
    "smallint": int,
    "integer": int,
    "bigint": int,
    "real": float,
    "double": float,
    "varbinary": base64.b64decode,
}
