"""A request -> its line in the log of calls: operation, resource, role, status.

No body and no secret is kept.
"""

import json
import logging
import re
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, unquote

from ministack.core import iam_actions
from ministack.core.router import detect_service
from ministack.services import sts

from localaws.operations import named
from localaws.services import trails
from localaws.settings import ACCOUNT

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]

SLOW_MILLISECONDS = 1000
KEPT = 10_000
_READ = 1 << 20
_XML = ("cloudfront", "route53", "s3")
_SCOPE = re.compile(r"Credential=([^/]*)/[^/]+/([^/]+)/([^/]+)/")
_LOG = logging.getLogger("localaws")


class Call:
    """One request: `service` is its credential scope, "" for one that nobody signed.

    `model` names the botocore model of a REST request: several may share a scope.
    """

    def __init__(self, scope: Message, body: bytes) -> None:
        self.headers = _headers(scope)
        self.method, self.path = scope["method"], unquote(scope["path"])
        self.query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        self.access_key, self.region, self.service = _signed(self.headers, self.query)
        self.operation, self.model = named(
            self.service, self.method, self.path, self.query, self.headers, body
        )
        self.status = 0
        self._body = body
        self._begun = time.monotonic()

    @property
    def _is_form(self) -> bool:
        return "x-www-form-urlencoded" in self.headers.get("content-type", "")

    @property
    def is_xml(self) -> bool:
        """Tell whether the client reads errors as XML."""
        return self.service in _XML or self._is_form

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Return what a JSON or query request gives, and nothing for any other."""
        if self._is_form:
            return {name: values[-1] for name, values in {**self.query, **self._form()}.items()}
        with suppress(ValueError):
            document = json.loads(self._body) if "x-amz-target" in self.headers else {}
            return document if isinstance(document, dict) else {}
        return {}

    def entry(self) -> dict[str, Any]:
        """Return the line of the request log."""
        return {
            "service": self.service,
            "operation": self.operation,
            "resource": self._resource(),
            "access_key": self.access_key,
            "role": _role(self.access_key),
            "status": self.status,
            "milliseconds": round((time.monotonic() - self._begun) * 1000),
            **({"prefix": self.query["prefix"][-1]} if "prefix" in self.query else {}),
        }

    def answered(self) -> trails.Answered:
        """Return what a trail may tell of the call."""
        session = sts._sessions.get(self.access_key, {})
        principal = str(session.get("Arn") or f"arn:aws:iam::{ACCOUNT}:root")
        return trails.Answered(
            self.service,
            self.operation,
            self.region,
            self.access_key,
            principal,
            self._resource(),
            self.status,
            self.parameters,
        )

    def _resource(self) -> str:
        query = {**self.query, **self._form()}
        routed = detect_service(self.method, self.path, self.headers, query)
        # A malformed request has no resource, and is answered all the same.
        with suppress(ValueError, TypeError, KeyError, AttributeError, IndexError):
            asked = (routed, self.method, self.path, self.headers, self._body, query)
            return str(iam_actions.extract_resource_arn(*asked, self.region, ACCOUNT))
        return "*"

    def _form(self) -> dict[str, list[str]]:
        return parse_qs(self._body.decode("latin-1")) if self._is_form else {}


class Calls:
    """The last requests, and what was refused how often."""

    def __init__(self) -> None:
        self.count = 0
        self.refused: Counter[str] = Counter()
        self._kept: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def note(self, call: Call) -> None:
        """Keep the line of an answered call; log it when it failed or was slow."""
        self.count += 1
        entry = {"number": self.count, **call.entry()}
        self._kept.append(entry)
        if call.service and trails.listening():
            trails.keep(call.answered(), ACCOUNT)
        if call.status == 501:
            self.refused[f"{call.service}:{call.operation}"] += 1
        waits = call.operation == "ReceiveMessage"
        if call.status >= 500 or (entry["milliseconds"] > SLOW_MILLISECONDS and not waits):
            _LOG.warning("%s", json.dumps(entry))

    def since(self, number: int) -> list[dict[str, Any]]:
        """Return the kept lines after `number`, oldest first."""
        return [entry for entry in self._kept if entry["number"] > number]


async def read_body(scope: Message, receive: Receive) -> tuple[bytes, Receive]:
    """Return the body of a request, and a `receive` that gives it again; of S3's, nothing.

    Objects are large and say in path and headers what they are; the rest is small and must be read
    before anybody knows what it asks for.
    """
    signed = _signed(_headers(scope), {})[2]
    if signed == "s3" or scope["method"] in ("GET", "HEAD"):
        return b"", receive
    messages = [await receive()]
    while messages[-1].get("more_body") and sum(len(m.get("body", b"")) for m in messages) < _READ:
        messages.append(await receive())
    waiting = iter(tuple(messages))

    async def again() -> Message:
        message = next(waiting, None)
        return await receive() if message is None else message

    return b"".join(m.get("body", b"") for m in messages), again


def _headers(scope: Message) -> dict[str, str]:
    return {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}


def _signed(headers: Mapping[str, str], query: Mapping[str, list[str]]) -> tuple[str, str, str]:
    presigned = query.get("X-Amz-Credential", [""])[0]
    found = _SCOPE.search(headers.get("authorization") or f"Credential={presigned}")
    return (found.group(1), found.group(2), found.group(3)) if found else ("", "", "")


def _role(access_key: str) -> str | None:
    """Return the role a session's key belongs to, None for a key that is no session's."""
    arn = str(sts._sessions.get(access_key, {}).get("Arn", ""))
    return arn.split("/")[1] if ":assumed-role/" in arn else None
