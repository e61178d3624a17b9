"""A template's values -> a request as botocore's model of the operation has it.

CloudFormation carries numbers and booleans as text where a parameter filled them in, and tags as
a list where the API wants a map.
"""

import functools
from typing import Any

import botocore.session


def shaped(service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return `request` with every value in the type the operation takes.

    Raise ValueError on a field the operation does not have: it would be lost.
    """
    found: dict[str, Any] = _shaped(_model(service).operation_model(operation).input_shape, request)
    return found


@functools.cache
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def _shaped(shape: Any, value: Any) -> Any:
    if shape.type_name == "structure":
        return _structure(shape, value)
    if shape.type_name == "list":
        return [_shaped(shape.member, item) for item in value]
    if shape.type_name == "map":
        pairs = (
            value.items() if isinstance(value, dict) else [(t["Key"], t["Value"]) for t in value]
        )
        return {str(name): _shaped(shape.value, item) for name, item in pairs}
    return _scalar(shape.type_name, value)


def _structure(shape: Any, value: dict[str, Any]) -> dict[str, Any]:
    lost = set(value) - set(shape.members)
    if lost:
        raise ValueError(f"localaws applies no {', '.join(sorted(lost))} to {shape.name}")
    return {name: _shaped(shape.members[name], item) for name, item in value.items()}


def _scalar(kind: str, value: Any) -> Any:
    if kind in ("integer", "long"):
        return int(value)
    if kind in ("double", "float"):
        return float(value)
    if kind == "boolean":
        return str(value).lower() == "true"
    return str(value)
