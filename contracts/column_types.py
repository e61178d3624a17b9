"""A type word of the contract -> the word each target uses for it.

One small grammar, read here and repeated nowhere: scalars, `decimal(9,4)`, `array<T>`,
`struct<a:T,b:T>`. `timestamp` is milliseconds in UTC without a zone, because engines disagree
about zoned ones.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

_ATHENA: Final = {
    "string": "varchar",
    "boolean": "boolean",
    "int": "integer",
    "bigint": "bigint",
    "double": "double",
    "date": "date",
    "timestamp": "timestamp(3)",
}
_JSON: Final[dict[str, dict[str, Any]]] = {
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "int": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "bigint": {"type": "integer"},
    "double": {"type": "number"},
    "date": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    "timestamp": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}$"},
}
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Scalar:
    """string, boolean, int, bigint, double, date or timestamp."""

    name: str


@dataclass(frozen=True, slots=True)
class DecimalType:
    """An exact number of `precision` digits, `scale` of them after the point."""

    precision: int
    scale: int


@dataclass(frozen=True, slots=True)
class ArrayType:
    """A list of one type."""

    item: "ColumnType"


@dataclass(frozen=True, slots=True)
class StructType:
    """Named fields in order."""

    fields: tuple[tuple[str, "ColumnType"], ...]


ColumnType = Scalar | DecimalType | ArrayType | StructType


@lru_cache(maxsize=256)
def parse_type(text: str) -> ColumnType:
    """Return the type that `text` names; raise ValueError for a word outside the grammar."""
    if text in _ATHENA:
        return Scalar(text)
    if decimal := _DECIMAL.fullmatch(text):
        return DecimalType(int(decimal[1]), int(decimal[2]))
    if text.startswith("array<") and text.endswith(">"):
        return ArrayType(parse_type(text[6:-1]))
    if text.startswith("struct<") and text.endswith(">"):
        return StructType(tuple(_field(part) for part in _split(text[7:-1])))
    raise ValueError(
        f"{text!r} is no column type: use {', '.join(_ATHENA)}, decimal, array, struct"
    )


def glue_type(text: str) -> str:
    """Return the word of Glue and Hive for a type: the contract's own, once it is found legal."""
    parse_type(text)
    return text


def athena_type(text: str) -> str:
    """Return the type as Athena's SQL writes it, such as `row(a varchar)`."""
    return _athena(parse_type(text))


def json_type(text: str) -> dict[str, Any]:
    """Return the JSON Schema of a non-null value of a type."""
    return _json(parse_type(text))


def _athena(found: ColumnType) -> str:
    if isinstance(found, Scalar):
        return _ATHENA[found.name]
    if isinstance(found, DecimalType):
        return f"decimal({found.precision},{found.scale})"
    if isinstance(found, ArrayType):
        return f"array({_athena(found.item)})"
    return f"row({', '.join(f'{name} {_athena(kind)}' for name, kind in found.fields)})"


def _json(found: ColumnType) -> dict[str, Any]:
    if isinstance(found, Scalar):
        return dict(_JSON[found.name])
    if isinstance(found, DecimalType):
        return {"type": "string", "pattern": rf"^-?\d+\.\d{{{found.scale}}}$"}
    if isinstance(found, ArrayType):
        return {"type": "array", "items": _json(found.item)}
    fields = {name: _nullable(_json(kind)) for name, kind in found.fields}
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


def _field(text: str) -> tuple[str, ColumnType]:
    name, _, kind = text.partition(":")
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no field name: use a-z, 0-9 and _, a letter first")
    return name, parse_type(kind)


def _split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character in "<(") - (character in ">)")
        if character == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]
