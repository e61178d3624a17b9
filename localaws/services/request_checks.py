"""A request -> nothing, or the refusal AWS gives for a value its API model does not allow.

botocore sends any pattern, enum and maximum unchecked, so a client learns of a bad job name from
the service alone: the same model is applied here, on the side that must not forget it.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import Shape

from localaws.errors import ApiError

_TYPES: dict[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
}


def check_request(service: str, operation: str, request: dict[str, Any], code: str) -> None:
    """Raise ApiError `code` that lists every value botocore's model of the operation refuses."""
    shape = _input_shape(service, operation)
    faults = list(_faults(shape, request, "")) if shape is not None else []
    if faults:
        plural = "errors" if len(faults) > 1 else "error"
        text = "; ".join(faults)
        raise ApiError(code, f"{len(faults)} validation {plural} detected: {text}")


def operations(service: str) -> frozenset[str]:
    """Return the names of all operations AWS documents for `service`."""
    return frozenset(_model(service).operation_names)


@cache
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def _input_shape(service: str, operation: str) -> Shape | None:
    found: Shape | None = _model(service).operation_model(operation).input_shape
    return found


def _faults(shape: Any, value: Any, path: str) -> Iterator[str]:
    if getattr(shape, "is_document_type", False):
        return
    expected = _TYPES.get(shape.type_name)
    if expected is not None and not _is_a(value, expected):
        yield f"Value at '{path}' must be a {shape.type_name}"
        return
    yield from _limit_faults(shape, value, path)
    if shape.type_name == "structure":
        yield from _structure_faults(shape, value, path)
    elif shape.type_name == "list":
        for number, item in enumerate(value, 1):
            yield from _faults(shape.member, item, f"{path}.{number}.member")
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from _faults(shape.value, item, f"{path}.{key}")


def _is_a(value: Any, expected: type | tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return expected is bool
    return isinstance(value, expected)


def _structure_faults(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _fault(None, _below(path, name), "Member must not be null")
    for name, item in value.items():
        if name not in shape.members:
            yield f"Unknown parameter '{_below(path, name)}'"
        elif item is not None:
            yield from _faults(shape.members[name], item, _below(path, name))


def _below(path: str, name: str) -> str:
    lower = name[:1].lower() + name[1:]
    return f"{path}.{lower}" if path else lower


def _limit_faults(shape: Any, value: Any, path: str) -> Iterator[str]:
    limits = shape.metadata
    shown = None if limits.get("sensitive") else value
    size, word = _size(value)
    if size is not None and "min" in limits and size < limits["min"]:
        yield _fault(shown, path, f"{word} greater than or equal to {limits['min']}")
    if size is not None and "max" in limits and size > limits["max"]:
        yield _fault(shown, path, f"{word} less than or equal to {limits['max']}")
    if "enum" in limits and value not in limits["enum"]:
        yield _fault(shown, path, f"Member must satisfy enum value set: {limits['enum']}")
    if "pattern" in limits and not re.fullmatch(limits["pattern"].rstrip("$"), value):
        rule = f"Member must satisfy regular expression pattern: {limits['pattern']}"
        yield _fault(shown, path, rule)


def _size(value: Any) -> tuple[float | None, str]:
    if isinstance(value, bool):
        return None, ""
    if isinstance(value, int | float):
        return value, "Member must have value"
    return len(value), "Member must have length"


def _fault(value: Any, path: str, rule: str) -> str:
    shown = f"Value '{str(value)[:80]}'" if value is not None else "Value"
    return f"{shown} at '{path}' failed to satisfy constraint: {rule}"
