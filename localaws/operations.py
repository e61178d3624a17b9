"""A request's method, path, query and headers -> the operation it asks for, as AWS names it.

JSON and query requests say it themselves. REST requests are compared with the routes of botocore's
own models, so the request log and the refusals name what the client called.
"""

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import botocore.session

Query = Mapping[str, list[str]]

# The credential scope of these services is not the name of botocore's model, or several share it.
_MODELS = {
    "airflow": ("mwaa",),
    "aoss": ("opensearchserverless",),
    "apigateway": ("apigateway", "apigatewayv2"),
    "bedrock": ("bedrock-runtime", "bedrock", "bedrock-agent", "bedrock-agent-runtime"),
    "bedrock-agentcore": ("bedrock-agentcore", "bedrock-agentcore-control"),
    "elasticfilesystem": ("efs",),
    "es": ("opensearch", "es"),
    "execute-api": ("apigatewaymanagementapi", "connectparticipant"),
    "geo": ("location",),
    "iotdata": ("iot-data",),
    "lambda": ("lambda", "lambda-core", "lambda-microvms"),
    "s3": ("s3control", "s3"),
    "ses": ("sesv2", "pinpoint-email", "ses"),
}
_CBOR = re.compile(r"^/service/[^/]+/operation/(\w+)$")


@dataclass(frozen=True, slots=True)
class _Route:
    operation: str
    model: str
    path: re.Pattern[str]
    query: Mapping[str, str]
    headers: frozenset[str]
    weight: tuple[int, int, int]


def named(
    service: str, method: str, path: str, query: Query, headers: Mapping[str, str], body: bytes
) -> tuple[str, str | None]:
    """Return the operation and, of a REST request, which botocore model knows its route.

    The operation is `METHOD /path` when no model of the service knows it.
    """
    target = headers.get("x-amz-target", "").rpartition(".")[2]
    if target:
        return target, None
    form = parse_qs(body.decode("latin-1")) if _is_form(headers) else {}
    action = query.get("Action") or form.get("Action")
    if action:
        return action[0], None
    cbor = _CBOR.match(path)
    if cbor:
        return cbor.group(1), None
    route = _route(service, method, path, query, headers)
    return (route.operation, route.model) if route else (f"{method} {path}", None)


def warm(services: Iterable[str]) -> None:
    """Load the routes of services, so that no request waits half a second for them."""
    for service in services:
        _routes(service)


def _is_form(headers: Mapping[str, str]) -> bool:
    return "x-www-form-urlencoded" in headers.get("content-type", "")


def _route(
    service: str, method: str, path: str, query: Query, headers: Mapping[str, str]
) -> _Route | None:
    for route in _routes(service).get(method, ()):
        if (
            route.path.fullmatch(path)
            and all(_asked(query, name, value) for name, value in route.query.items())
            and route.headers <= headers.keys()
        ):
            return route
    return None


def _asked(query: Query, name: str, value: str) -> bool:
    return name in query and (not value or query[name] == [value])


@functools.cache
def _routes(service: str) -> dict[str, list[_Route]]:
    """Return the REST routes of a scope by method, those that ask for most first."""
    session = botocore.session.get_session()
    known = set(session.get_available_services())
    found: dict[str, list[_Route]] = {}
    for name in _MODELS.get(service, (service,)):
        model = session.get_service_model(name) if name in known else None
        if model is None or not model.metadata["protocol"].startswith("rest"):
            continue
        for operation in map(model.operation_model, model.operation_names):
            if not operation.deprecated:
                found.setdefault(operation.http["method"], []).append(_as_route(name, operation))
    for routes in found.values():
        routes.sort(key=lambda route: route.weight, reverse=True)
    return found


def _as_route(name: str, operation: Any) -> _Route:
    path, _, fixed = operation.http["requestUri"].partition("?")
    query = {key: values[0] for key, values in parse_qs(fixed, keep_blank_values=True).items()}
    headers = set()
    shape = operation.input_shape
    for member in shape.required_members if shape else ():
        place = shape.members[member].serialization
        if place.get("location") == "querystring":
            query.setdefault(place["name"], "")
        elif place.get("location") == "header":
            headers.add(place["name"].lower())
    literal = len(re.sub(r"\{[^}]*\}", "", path))
    weight = (len(query) + len(headers), literal, -path.count("{"))
    return _Route(operation.name, name, _pattern(path), query, frozenset(headers), weight)


def _pattern(path: str) -> re.Pattern[str]:
    pieces = re.split(r"(\{[^}]*\})", path.rstrip("/") or "/")
    text = "".join(
        (".+" if piece.endswith("+}") else "[^/]+") if piece.startswith("{") else re.escape(piece)
        for piece in pieces
    )
    return re.compile(text + "/?", re.DOTALL)
