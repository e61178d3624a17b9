"""Glue's front: our operations, our refusals, and ministack's answers, tidied, for the rest."""

import json
import threading
from collections.abc import Callable
from typing import Any

from ministack.services import glue as ministack_glue

from localaws.answers import Answer, error_answer
from localaws.bridge import Headers, Query, caller_of, json_reply, operation_of
from localaws.caller import Caller
from localaws.errors import not_implemented
from localaws.services import glue_catalog, glue_jobs, glue_tables, glue_triggers, glue_workflows
from localaws.services.glue_store import Operation

Original = Callable[[str, str, Headers, bytes, Query], Answer]

_CATALOG: dict[str, Operation] = {**glue_catalog.OPERATIONS, **glue_tables.OPERATIONS}
OPERATIONS: dict[str, Operation] = {
    **_CATALOG,
    **glue_jobs.OPERATIONS,
    **glue_triggers.OPERATIONS,
    **glue_workflows.OPERATIONS,
}
_TAGGED = {"CreateJob": "job", "CreateTrigger": "trigger", "CreateWorkflow": "workflow"}
# Each request has a thread; a catalog operation reads, compares and replaces, so one at a time:
# two updates that expect the same version must not both succeed.
_CHANGING = threading.RLock()
_REFUSED = {
    "Crawler": "crawlers; declare the table instead",
    "Classifier": "crawlers; declare the table instead",
    "DevEndpoint": "development endpoints",
    "MLTransform": "machine learning transforms",
    "DataQuality": "data quality rules",
}


def answer(operation: str, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer one of our Glue operations; raise ApiError as AWS would."""
    lowered = glue_tables.lower_case(operation, request)
    if operation in _CATALOG:
        with _CHANGING:
            tidied: dict[str, Any] = glue_catalog.tidy(_CATALOG[operation](lowered, caller))
            return tidied
    found = OPERATIONS[operation](lowered, caller)
    if operation in _TAGGED and request.get("Tags"):
        keep_tags(operation, request["Name"], request["Tags"], caller)
    return found


def keep_tags(created_by: str, name: str, tags: dict[str, str], caller: Caller) -> None:
    """Keep the tags of what an operation such as CreateJob made, where GetTags finds them."""
    kind = _TAGGED[created_by]
    arn = f"arn:aws:glue:{caller.region}:{caller.account}:{kind}/{name}"
    ministack_glue._tags[arn] = dict(tags)


def in_front_of(original: Original) -> Original:
    """Return ministack's Glue handler with ours in front of it."""

    def handle_request_sync(
        method: str, path: str, headers: Headers, body: bytes, query: Query
    ) -> Answer:
        operation = operation_of(headers)
        if operation in OPERATIONS:
            return json_reply(_tidied, operation, body, caller_of(headers))
        needs = next((text for word, text in _REFUSED.items() if word in operation), "")
        if needs:
            return error_answer(not_implemented("glue", operation, needs))
        return original(method, path, headers, _lowered(operation, body), query)

    return handle_request_sync


def _lowered(operation: str, body: bytes) -> bytes:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return body  # ministack names what is wrong with it
    return json.dumps(glue_tables.lower_case(operation, request)).encode()


def _tidied(operation: str, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    found: dict[str, Any] = glue_catalog.tidy(answer(operation, request, caller))
    return found
