"""Requests struck by a fault -> the error AWS would answer, or none for as long as was asked.

A struck request never reaches its service: it has no effect. The pages by which tests set, list and
clear faults are here too.
"""

import asyncio
from typing import Final

from localaws import pages
from localaws.answers import Answer, error_answer
from localaws.calls import Call
from localaws.errors import ApiError
from localaws.services import faults

_EXAMPLE: Final = '{"kind": "throttle", "operation": "comprehend:Batch*", "first": 2}'
# What a service calls a throttled request, and its status; the rest say ThrottlingException, 400.
_THROTTLED: Final = {
    "athena": ("TooManyRequestsException", 400),
    "bedrock": ("ThrottlingException", 429),
    "dynamodb": ("ProvisionedThroughputExceededException", 400),
    "lambda": ("TooManyRequestsException", 429),
    "s3": ("SlowDown", 503),
    "sns": ("Throttling", 400),
    "sqs": ("RequestThrottled", 403),
}


def add_pages() -> None:
    """Make POST, GET and DELETE of /_localaws/faults set, list and clear faults."""
    pages.add("POST", "faults", _set)
    pages.add("GET", "faults", _list)
    pages.add("DELETE", "faults", _clear)


async def answer(call: Call) -> Answer | None:
    """Return the answer to a struck request, after the time it was to be held back; else None."""
    if not faults.listed():
        return None
    resource = str(call.entry()["resource"])
    fault = faults.struck(faults.ANSWERS, f"{call.service}:{call.operation}", resource)
    if fault is None:
        return None
    if fault.kind == "time_out":
        await asyncio.sleep(fault.seconds)
    return error_answer(_error(fault.kind, call.service, fault.reason), xml=call.is_xml)


def _error(kind: str, service: str, reason: str) -> ApiError:
    if kind == "throttle":
        code, status = _THROTTLED.get(service, ("ThrottlingException", 400))
        return ApiError(code, "Rate exceeded", status)
    if kind == "time_out":
        return ApiError("ServiceUnavailable", reason, 503)
    return ApiError("InternalError" if service == "s3" else "InternalServerError", reason, 500)


async def _set(_query: dict[str, str], body: bytes) -> pages.Document:
    return faults.add(pages.document_of(body, _EXAMPLE))


async def _list(_query: dict[str, str], _body: bytes) -> pages.Document:
    return {"faults": faults.listed()}


async def _clear(query: dict[str, str], _body: bytes) -> pages.Document:
    return {"cleared": faults.clear(query.get("id"))}
