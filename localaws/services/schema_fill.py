"""A JSON schema and what is known -> a document the schema accepts, always the same.

Known values go by property name and only where the schema takes them; the rest is the smallest
value of its type. What the conversation says can fill a value, never change the shape.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from localaws.errors import ApiError

Known = Mapping[str, tuple[Any, ...]]
Schema = Mapping[str, Any]

DEEPEST: Final = 12


def fill_schema(schema: Schema, known: Known, rows: Sequence[Known] = ()) -> Any:
    """Return a document valid against `schema`.

    `rows` fill the arrays whose items have a `criterion_id`, one item each. Raise
    ModelErrorException when the schema asks for something this stand-in cannot make.
    """
    document = _Filler(schema, rows).fill(schema, known, (), DEEPEST)
    fault = next(Draft202012Validator(schema).iter_errors(document), None)
    if fault is not None:
        message = f"localaws's stand-in cannot answer this schema: {fault.message[:200]}"
        raise ApiError("ModelErrorException", message, 424)
    return document


def check_schema(schema: Any, where: str) -> None:
    """Raise ValidationException when what stands at `where` is no JSON schema of an object."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        text = f"The JSON schema of {where} is invalid: {error.message[:200]}"
        raise ApiError("ValidationException", text) from error
    if not isinstance(schema, dict) or schema.get("type") != "object":
        text = f"The JSON schema of {where} must have type object"
        raise ApiError("ValidationException", text)


class _Filler:
    def __init__(self, root: Schema, rows: Sequence[Known]) -> None:
        self._root = root
        self._rows = rows

    def fill(self, schema: Schema, known: Known, candidates: tuple[Any, ...], depth: int) -> Any:
        schema = self._resolved(schema)
        if depth == 0:
            return None
        taken = [value for value in candidates if self._takes(schema, value)]
        if taken:
            return taken[0]
        kind = _kind(schema)
        if kind == "object":
            return self._object(schema, known, depth - 1)
        if kind == "array":
            return self._array(schema, known, depth - 1)
        return _smallest(schema, kind)

    def _resolved(self, schema: Schema) -> Schema:
        for word in ("anyOf", "oneOf", "allOf"):
            if schema.get(word):
                return self._resolved({**schema[word][0], **_without(schema, word)})
        if "$ref" not in schema:
            return schema
        found: Any = self._root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return self._resolved({**found, **_without(schema, "$ref")})

    def _takes(self, schema: Schema, value: Any) -> bool:
        whole = {**schema, "$defs": self._root.get("$defs", {})}
        return Draft202012Validator(whole).is_valid(value)

    def _object(self, schema: Schema, known: Known, depth: int) -> dict[str, Any]:
        return {
            name: self.fill(part, known, known.get(name, ()), depth)
            for name, part in schema.get("properties", {}).items()
        }

    def _array(self, schema: Schema, known: Known, depth: int) -> list[Any]:
        item = self._resolved(schema.get("items", {}))
        if "criterion_id" in item.get("properties", {}):
            return [self.fill(item, row, (), depth) for row in self._rows]
        return [self.fill(item, known, (), depth) for _ in range(schema.get("minItems", 0))]


def _without(schema: Schema, word: str) -> Schema:
    return {name: value for name, value in schema.items() if name != word}


def _kind(schema: Schema) -> str:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        return "null" if "null" in kind else str(kind[0])
    return str(kind)


def _smallest(schema: Schema, kind: str) -> Any:
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return None if None in schema["enum"] else schema["enum"][0]
    if kind == "null":
        return None
    if kind == "boolean":
        return False
    if kind in ("integer", "number"):
        return schema.get("minimum", 0)
    text = f"stand-in: {schema.get('description', 'no model is asked here')}"
    return text[: schema.get("maxLength", len(text))]
