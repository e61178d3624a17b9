"""localaws's own pages, below /_localaws/: health, ready, reset, calls.

Another module adds one with `add`; a page is given the query and the body and returns a document.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from localaws.answers import Answer, error_answer, json_answer
from localaws.errors import ApiError

PREFIX = "/_localaws/"
Document = dict[str, Any]
Page = Callable[[dict[str, str], bytes], Awaitable[Document]]


def add(method: str, name: str, page: Page) -> None:
    """Have `page` answer `method /_localaws/name`; an ApiError it raises is the answer."""
    _pages[method, name] = page


async def answer(method: str, path: str, query: bytes, body: bytes) -> Answer:
    """Return the page asked for; 404 or 405 name those there are."""
    name = path.removeprefix(PREFIX).rstrip("/")
    page = _pages.get((method, name))
    try:
        if page is None:
            raise _no_such_page(method, name)
        document = await page(
            {k: v[-1] for k, v in parse_qs(query.decode("latin-1")).items()}, body
        )
    except ApiError as error:
        return error_answer(error)
    return json_answer(document, 503 if name == "ready" and not document["ready"] else 200)


def whole_number(query: dict[str, str], name: str) -> int:
    """Return the number `name` of a query, 0 when absent; raise ApiError 400 for anything else."""
    text = query.get(name, "0")
    if not text.isdecimal():
        raise ApiError("ValidationException", f"{name}={text}: give a whole number, such as 0")
    return int(text)


def document_of(body: bytes, example: str) -> Document:
    """Return the JSON object a page was sent; raise ApiError 400 showing `example`."""
    try:
        document = json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError("ValidationException", f"{error}: send JSON such as {example}") from error
    if not isinstance(document, dict):
        raise ApiError("ValidationException", f"not an object: send JSON such as {example}")
    return document


def _no_such_page(method: str, name: str) -> ApiError:
    methods = sorted(m for m, known in _pages if known == name)
    if methods:
        text = f"{PREFIX}{name} answers {', '.join(methods)}, not {method}"
        return ApiError("MethodNotAllowedException", text, 405)
    listed = ", ".join(sorted(f"{m} {PREFIX}{known}" for m, known in _pages))
    return ApiError("NotFoundException", f"no page {PREFIX}{name}; there are: {listed}", 404)


_pages: dict[tuple[str, str], Page] = {}
