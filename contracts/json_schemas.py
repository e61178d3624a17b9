"""The contract -> JSON Schema, for people, goldens and other writers.

A document may carry keys the schema does not know (versions are additive); a lake row may not.
"""

from typing import Any, Final

from contracts.column_types import json_type
from contracts.columns import Column, Table
from contracts.fields import Anything, Field, Many, Node, Record
from contracts.final_call import DOCUMENT

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_TYPES: Final[dict[str, dict[str, Any]]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "decimal": {"type": "string", "pattern": r"^\d{1,5}(?:\.\d{1,4})?$"},
    "boolean": {"type": "boolean"},
    "time": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$"},
    "date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
}


def final_call_schema() -> dict[str, Any]:
    """Return the schema of a final call v1.3."""
    schema = _record(DOCUMENT)
    items = schema["properties"]["summary"]["properties"]["action_items"]
    items["items"] = {"anyOf": [{"type": "string"}, items["items"]]}
    return {"$schema": DIALECT, "title": "Final call, cci-lite-v1.3", **schema}


def table_schema(table: Table) -> dict[str, Any]:
    """Return the schema of one row of a table as people see it, partition columns first."""
    partitions = {name: {"type": "string"} for name in table.partitions}
    columns = {column.name: _column(column) for column in table.columns}
    return {
        "$schema": DIALECT,
        "title": table.name,
        "description": table.grain,
        "type": "object",
        "properties": {**partitions, **columns},
        "required": [*partitions, *columns],
        "additionalProperties": False,
    }


def _node(node: Node) -> dict[str, Any]:
    if isinstance(node, Record):
        return _record(node)
    if isinstance(node, Many):
        return {"type": "array", "items": _node(node.item)}
    return {} if isinstance(node, Anything) else _field(node)


def _record(record: Record) -> dict[str, Any]:
    schema = {
        "type": ["object", "null"] if record.is_nullable else "object",
        "properties": {name: _node(node) for name, node in record.fields.items()},
    }
    required = [name for name, node in record.fields.items() if node.is_required]
    return {**schema, "required": required} if required else schema


def _field(field: Field) -> dict[str, Any]:
    schema = {**_TYPES[field.kind], **_limits(field)}
    return schema if field.is_required or field.default is not None else _or_null(schema)


def _column(column: Column) -> dict[str, Any]:
    schema = {**json_type(column.type), **_limits(column)}
    return {
        "description": column.description,
        **(_or_null(schema) if column.nullable else schema),
    }


def _limits(of: Field | Column) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if of.words:
        limits["enum"] = list(of.words)
    if of.pattern:
        limits["pattern"] = f"^{of.pattern.removeprefix(_BEGIN).removesuffix(_END)}$"
    if of.minimum is not None:
        limits["minimum"] = of.minimum
    if of.maximum is not None:
        limits["maximum"] = of.maximum
    return limits


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    nullable = {**schema, "type": [schema["type"], "null"]}
    return {**nullable, "enum": [*schema["enum"], None]} if "enum" in schema else nullable


_BEGIN: Final = r"\A"
_END: Final = r"\Z"
