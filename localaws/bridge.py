"""ministack's calls -> our services' answers, and our services' events -> ministack's bus.

ministack names the account and region of a request in context variables; ours get a Caller.
Services run in threads of their own, never on the event loop: they call back to this port, and a
pool shared with ministack's own work would wait for itself.
"""

import asyncio
import contextvars
import importlib
import json
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore import xform_name
from ministack import app
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.core.router import extract_access_key_id
from ministack.services import eventbridge, sts

from localaws import settings
from localaws.answers import Answer, error_answer, json_answer
from localaws.caller import Caller
from localaws.clients import client
from localaws.errors import ApiError
from localaws.iam.forwarded import forwarded

Headers = dict[str, str]
Query = dict[str, list[str]]
Handler = Callable[[str, str, Headers, bytes, Query], Awaitable[Answer]]
JsonService = Callable[[str, dict[str, Any], Caller], dict[str, Any]]
PathService = Callable[[str, bytes, dict[str, str], Caller], tuple[int, dict[str, str], bytes]]


class Late:
    """The `answer` of a module of ours, imported when first asked: engines load slowly."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __call__(self, *request: Any) -> Any:
        """Have the module answer."""
        return importlib.import_module(self._module).answer(*request)


def through_the_door(service: str) -> JsonService:
    """Return the service as its own client reaches it, for operations ministack answers well."""

    def answer(operation: str, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        found: dict[str, Any] = getattr(client(service, caller), xform_name(operation))(**request)
        return found

    return answer


_THREADS = ThreadPoolExecutor(max_workers=64, thread_name_prefix="localaws-service")


def json_service(answer: JsonService, called_via: str = "") -> Handler:
    """Return a ministack handler that has `answer` serve a service of the JSON protocol.

    What it calls on as `called_via`, it calls for the caller: policies see the service's name.
    """

    async def handle_request(
        _method: str, _path: str, headers: Headers, body: bytes, _query: Query
    ) -> Answer:
        caller = caller_of(headers)
        if called_via:
            caller = forwarded(caller, called_via)
        operation = operation_of(headers)
        return await _in_thread(lambda: json_reply(answer, operation, body, caller))

    return handle_request


def path_service(answer: PathService) -> Handler:
    """Return a ministack handler that has `answer` serve a service known by its paths."""

    async def handle_request(
        _method: str, path: str, headers: Headers, body: bytes, _query: Query
    ) -> Answer:
        caller = caller_of(headers)

        def reply() -> Answer:
            try:
                return answer(path, body, headers, caller)
            except ApiError as error:
                return error_answer(error)

        return await _in_thread(reply)

    return handle_request


def json_reply(answer: JsonService, operation: str, body: bytes, caller: Caller) -> Answer:
    """Have `answer` serve one JSON request; an ApiError becomes the service's error form."""
    try:
        request = json.loads(body or b"{}")
        return json_answer(answer(operation, request, caller))
    except json.JSONDecodeError as error:
        return error_answer(ApiError("SerializationException", str(error)))
    except ApiError as error:
        return error_answer(error)


def operation_of(headers: Headers) -> str:
    """Return the operation a JSON request names in X-Amz-Target."""
    return headers.get("x-amz-target", "").rpartition(".")[2]


def caller_of(headers: Headers) -> Caller:
    """Return who signed the request that ministack is serving in this context."""
    access_key = extract_access_key_id(headers) or "test"
    return Caller(
        endpoint=settings.endpoint(),
        region=get_region(),
        account=get_account_id(),
        access_key=access_key,
        secret_key=_secret_of(access_key),
        session_token=headers.get("x-amz-security-token"),
    )


def own_caller() -> Caller:
    """Return localaws itself as a caller, for work that no request asked for."""
    account = get_account_id()
    return Caller(settings.endpoint(), get_region(), account, account, "test")


def scope_of(caller: Caller) -> Any:
    """Return a context manager in which ministack's stores are the caller's."""
    return request_scope(caller.account, caller.region)


def publish(
    source: str,
    detail_type: str,
    detail: dict[str, Any],
    caller: Caller,
    resources: Sequence[str],
) -> None:
    """Put an event on ministack's default bus, on its own loop whatever thread this is."""
    entry = {
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
        "Resources": list(resources),
    }
    on_loop(lambda: _put_event(entry, caller))


def on_loop(work: Callable[[], None]) -> None:
    """Run `work` on the server's event loop and wait for it; directly if this is the loop."""
    loop = app._MAIN_LOOP

    async def run() -> None:
        work()

    try:
        running = asyncio.get_running_loop()
    except RuntimeError:
        running = None
    if running is loop:
        work()
    else:
        asyncio.run_coroutine_threadsafe(run(), loop).result(timeout=60)


def _put_event(entry: dict[str, Any], caller: Caller) -> None:
    with scope_of(caller):
        _, _, body = eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    if json.loads(body).get("FailedEntryCount"):
        raise RuntimeError(f"event {entry['Source']} {entry['DetailType']} was refused: {body!r}")


async def _in_thread(work: Callable[[], Answer]) -> Answer:
    context = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(_THREADS, context.run, work)


def _secret_of(access_key: str) -> str:
    session = sts._sessions.get(access_key)
    if session:
        return str(session["SecretAccessKey"])
    if not app.AUTH or iam_evaluator.is_root_access_key(access_key):
        return "test"
    return str(iam_evaluator.resolve_credential(access_key).secret_access_key)
