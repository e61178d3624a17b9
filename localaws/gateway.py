"""The ASGI application: our own pages, the refusals, and ministack for everything else."""

import asyncio
import functools
import json
import logging
import re
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from ministack import app
from ministack.core.router import detect_service

from localaws import ministack, state
from localaws.answers import Answer, error_answer, json_answer
from localaws.errors import not_implemented
from localaws.settings import Settings
from localaws.snapshots import Snapshots

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

SLOW_MILLISECONDS = 1000
_SCOPE = re.compile(r"Credential=([^/]*)/[^/]+/[^/]+/([^/]+)/")
_UNKNOWN = re.compile(
    rb"(?:InvalidAction|UnknownOperation|[Uu]nknown (?:\w+ )?(?:action|operation))"
    rb"(?:.*?(?:action|operation):? (\w+))?",
    re.DOTALL,
)
_LOG = logging.getLogger("localaws")


class Gateway:
    """What hypercorn calls; `started` is set once ministack is up, `ready` once all of ours is."""

    def __init__(self, settings: Settings, snapshots: Snapshots, address: str) -> None:
        self.started = asyncio.Event()
        self.ready = False
        self._settings = settings
        self._snapshots = snapshots
        self._address = address
        self._calls: deque[dict[str, Any]] = deque(maxlen=10_000)
        self._count = 0
        self._refused: Counter[str] = Counter()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        if scope["type"] == "lifespan":
            await app.app(scope, receive, self._hearing_the_start(send))
        elif scope["type"] != "http":
            await app.app(scope, receive, send)
        elif scope["path"].startswith("/_localaws/"):
            await _send_answer(send, await self._own_page(scope))
        else:
            await self._aws_request(scope, receive, send)

    async def _aws_request(self, scope: Message, receive: Receive, send: Send) -> None:
        call = _Call(scope)
        if call.service and not is_answered(call.service):
            needs = "the service; nothing here answers it"
            refusal = not_implemented(call.service, call.operation, needs)
            answer = error_answer(refusal, xml=call.xml)
            await _send_answer(send, answer)
            call.status = answer[0]
        else:
            await app.app(scope, receive, call.watching(send))
        self._note(call)

    def _note(self, call: "_Call") -> None:
        self._count += 1
        entry = {"number": self._count, **call.entry()}
        self._calls.append(entry)
        if call.status == 501:
            self._refused[f"{call.service}:{call.operation}"] += 1
        waits = call.operation == "ReceiveMessage"
        if call.status >= 500 or (entry["milliseconds"] > SLOW_MILLISECONDS and not waits):
            _LOG.warning("%s", json.dumps(entry))

    async def _own_page(self, scope: Message) -> Answer:
        page = (scope["method"], scope["path"].removeprefix("/_localaws/"))
        if page == ("GET", "health"):
            return json_answer(self._health())
        if page == ("GET", "ready"):
            return json_answer({"ready": self.ready}, 200 if self.ready else 503)
        if page == ("POST", "reset"):
            await self._reset()
            return json_answer({"reset": True})
        if page == ("GET", "calls"):
            since = int(parse_qs(scope["query_string"].decode()).get("since", ["0"])[0])
            return json_answer({"calls": [c for c in self._calls if c["number"] > since]})
        return error_answer(not_implemented("localaws", " ".join(page), "such a page"))

    def _health(self) -> dict[str, Any]:
        return {
            "address": self._address,
            "ready": self.ready,
            "engine": self._settings.engine,
            "auth": self._settings.auth,
            "state": str(self._settings.state) if self._settings.persist else None,
            "snapshot": self._snapshots.last,
            "requests": self._count,
            "refused": dict(self._refused),
        }

    async def _reset(self) -> None:
        async with app._get_reset_lock():
            await asyncio.to_thread(ministack.end_children)
            await asyncio.to_thread(app._reset_all_state)
            state.clear()
        await self._snapshots.take()

    def _hearing_the_start(self, send: Send) -> Send:
        async def heard(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self.started.set()

        return heard


@functools.cache
def is_answered(service: str) -> bool:
    """Tell whether ministack or one of ours answers the credential scope `service`.

    ministack takes a scope no AWS service has for S3.
    """
    probe = {"authorization": f"AWS4-HMAC-SHA256 Credential=x/20260101/x/{service}/aws4_request"}
    routed = detect_service("GET", "/", probe, {})
    return routed in app.SERVICE_HANDLERS and (routed != "s3" or service.startswith("s3"))


class _Call:
    """One request as the log and the refusals see it: no body, no secret."""

    def __init__(self, scope: Message) -> None:
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        signed = headers.get("authorization", "") or "Credential=" + _presigned(scope)
        found = _SCOPE.search(signed)
        self.access_key, self.service = found.groups() if found else ("", "")
        target = headers.get("x-amz-target", "").rpartition(".")[2]
        self.operation = target or f"{scope['method']} {scope['path']}"
        self.xml = "x-www-form-urlencoded" in headers.get("content-type", "")
        self.status = 0
        self._begun = time.monotonic()
        self._held: Message | None = None

    def entry(self) -> dict[str, Any]:
        """Return the line of the request log."""
        return {
            "service": self.service,
            "operation": self.operation,
            "access_key": self.access_key,
            "status": self.status,
            "milliseconds": round((time.monotonic() - self._begun) * 1000),
        }

    def watching(self, send: Send) -> Send:
        """Return a `send` that turns ministack's "unknown action" into our refusal."""

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                if self.status == 400 and not self.service.startswith("s3"):
                    self._held = message
                    return
            if self._held is not None:
                message = await self._release(message, send)
            if message:
                await send(message)

        return watched

    async def _release(self, message: Message, send: Send) -> Message:
        start, self._held = self._held, None
        unknown = _UNKNOWN.search(message.get("body", b""))
        if unknown is None:
            await send(start or {})
            return message
        if self.xml and unknown.group(1):
            self.operation = unknown.group(1).decode()
        error = not_implemented(self.service, self.operation, "that operation")
        self.status = error.status
        await _send_answer(send, error_answer(error, xml=self.xml))
        return {}


def _presigned(scope: Message) -> str:
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return str(query.get("X-Amz-Credential", [""])[0])


async def _send_answer(send: Send, answer: Answer) -> None:
    status, headers, body = answer
    listed = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    listed.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": body})
