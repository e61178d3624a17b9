"""The ASGI application: our own pages, the refusals, and ministack for everything else."""

import asyncio
import functools
import re
from collections.abc import Awaitable, Callable
from typing import Any

from ministack import app
from ministack.core.router import detect_service

from localaws import fault_answers, ministack, pages, state
from localaws.answers import Answer, error_answer
from localaws.athena import api as athena
from localaws.calls import Call, Calls, read_body
from localaws.errors import ApiError, not_implemented
from localaws.refusals import refusal
from localaws.settings import Settings
from localaws.snapshots import Snapshots

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Of ministack's own pages those its services point to; its reset, for one, would leave ours behind.
_ITS_PAGES = re.compile(r"/_ministack/(lambda-code|lambda-layers|cfn-response|cfn-signal)/")
_UNKNOWN = re.compile(
    rb"(?:InvalidAction|UnknownOperation|[Uu]nknown (?:\w+ )?(?:action|operation))", re.DOTALL
)


class Gateway:
    """What hypercorn calls; `started` is set once ministack is up, `ready` once all of ours is."""

    def __init__(self, settings: Settings, snapshots: Snapshots, address: str) -> None:
        self.started = asyncio.Event()
        self.waiting_for = ["ministack", "jobs of the last run", "workers"]
        self._settings = settings
        self._snapshots = snapshots
        self._address = address
        self._calls = Calls()
        pages.add("GET", "health", self._health)
        pages.add("GET", "ready", self._readiness)
        pages.add("POST", "reset", self._reset)
        pages.add("GET", "calls", self._calls_since)
        fault_answers.add_pages()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        if scope["type"] == "lifespan":
            await app.app(scope, receive, self._hearing_the_start(send))
        elif scope["type"] != "http":
            await app.app(scope, receive, send)
        elif scope["path"].startswith(pages.PREFIX):
            body = b"".join([part async for part in _parts(receive)])
            found = pages.answer(scope["method"], scope["path"], scope["query_string"], body)
            await _send_answer(send, await found)
        elif scope["path"].startswith("/_ministack/") and not _ITS_PAGES.match(scope["path"]):
            needs = f"ministack's own pages; localaws has those below {pages.PREFIX}"
            refused = not_implemented("ministack", scope["path"], needs)
            await _send_answer(send, error_answer(refused))
        else:
            await self._aws_request(scope, receive, send)

    async def _aws_request(self, scope: Message, receive: Receive, send: Send) -> None:
        body, receive = await read_body(scope, receive)
        call = Call(scope, body)
        refused = _refusal(call)
        if refused:
            found: Answer | None = error_answer(refused, xml=call.is_xml)
        else:
            found = await fault_answers.answer(call)
        if found:
            call.status = found[0]
            _ = [part async for part in _parts(receive)]  # unread, the connection would be cut
            await _send_answer(send, found)
        else:
            await app.app(scope, receive, _Watched(call, send))
        self._calls.note(call)

    @property
    def is_ready(self) -> bool:
        """Whether everything a request may need is up."""
        return not self.waiting_for

    async def _readiness(self, _query: dict[str, str], _body: bytes) -> pages.Document:
        return {"ready": True} if self.is_ready else {"ready": False, "for": self.waiting_for}

    async def _health(self, _query: dict[str, str], _body: bytes) -> pages.Document:
        return {
            "address": self._address,
            "ready": self.is_ready,
            "engine": self._settings.engine,
            "auth": self._settings.auth,
            "state": str(self._settings.state) if self._settings.persist else None,
            "snapshot": self._snapshots.last,
            "warnings": [*self._snapshots.warnings, *filter(None, [athena.fault()])],
            "requests": self._calls.count,
            "refused": dict(self._calls.refused),
        }

    async def _calls_since(self, query: dict[str, str], _body: bytes) -> pages.Document:
        return {"calls": self._calls.since(pages.whole_number(query, "since"))}

    async def _reset(self, _query: dict[str, str], _body: bytes) -> pages.Document:
        async with app._get_reset_lock():
            await asyncio.to_thread(ministack.end_children)
            await asyncio.to_thread(app._reset_all_state)
            state.clear()
            self._snapshots.forget()
        await self._snapshots.take()
        return {"reset": True}

    def _hearing_the_start(self, send: Send) -> Send:
        async def heard(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self.started.set()

        return heard


def _refusal(call: Call) -> ApiError | None:
    if not call.service:
        return None
    if not is_answered(call.service):
        needs = "the service; nothing here answers it"
        return not_implemented(call.service, call.operation, needs)
    return refusal(call.service, call.operation, call.model, call.parameters)


@functools.cache
def is_answered(service: str) -> bool:
    """Tell whether ministack or one of ours answers the credential scope `service`.

    ministack takes a scope no AWS service has for S3.
    """
    probe = {"authorization": f"AWS4-HMAC-SHA256 Credential=x/20260101/x/{service}/aws4_request"}
    routed = detect_service("GET", "/", probe, {})
    return routed in app.SERVICE_HANDLERS and (routed != "s3" or service.startswith("s3"))


class _Watched:
    """A `send` that turns ministack's "unknown action" into our refusal."""

    def __init__(self, call: Call, send: Send) -> None:
        self._call = call
        self._send = send
        self._held: Message | None = None

    async def __call__(self, message: Message) -> None:
        """Pass a message on; a 400 is held back until its text is known."""
        if message["type"] == "http.response.start":
            self._call.status = message["status"]
            if self._call.status == 400 and not self._call.service.startswith("s3"):
                self._held = message
                return
        if self._held is None:
            await self._send(message)
        else:
            await self._release(message)

    async def _release(self, message: Message) -> None:
        start, self._held = self._held, None
        if not _UNKNOWN.search(message.get("body", b"")):
            await self._send(start or {})
            await self._send(message)
            return
        error = not_implemented(self._call.service, self._call.operation, "that operation")
        self._call.status = error.status
        await _send_answer(self._send, error_answer(error, xml=self._call.is_xml))


async def _parts(receive: Receive) -> Any:
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        yield message.get("body", b"")


async def _send_answer(send: Send, answer: Answer) -> None:
    status, headers, body = answer
    listed = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    listed.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": body})
