"""The request being authorised, where ministack's evaluation can find all of it.

ministack hands its evaluator a few values; condition keys need the rest: the parameters, the
headers, the body. The request is kept in a context variable from the moment its action is known.
"""

import contextvars
import functools
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One request: `action` is what IAM calls it, `query` also holds a form's fields."""

    service: str
    action: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, Any]

    @functools.cached_property
    def parameters(self) -> dict[str, Any]:
        """Return the JSON body; empty when it is none."""
        try:
            found = json.loads(self.body) if self.body[:1] == b"{" else {}
        except (json.JSONDecodeError, UnicodeDecodeError):
            found = {}
        return found if isinstance(found, dict) else {}

    def parameter(self, name: str) -> str | None:
        """Return a query or form parameter, None when the request has none of that name."""
        found = self.query.get(name)
        if isinstance(found, list):
            found = found[0] if found else None
        return None if found is None else str(found)

    def text(self, name: str) -> str | None:
        """Return a text of the JSON body, else of the form; None when there is none."""
        found = self.parameters.get(name)
        return found if isinstance(found, str) and found else self.parameter(name)

    def header(self, name: str) -> str | None:
        """Return a header; a presigned request may carry it as a parameter."""
        return self.headers.get(name) or self.parameter(name)


def remember(asked: Asked) -> None:
    """Make `asked` the request of this context."""
    _CURRENT.set(asked)


def current() -> Asked:
    """Return the request of this context; one without anything where there is none."""
    return _CURRENT.get() or _NOTHING


_NOTHING = Asked("", "", "", "", {}, b"", {})
_CURRENT: contextvars.ContextVar[Asked | None]
_CURRENT = contextvars.ContextVar("localaws_asked", default=None)
