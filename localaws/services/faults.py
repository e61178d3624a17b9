"""Faults asked for by a test -> what goes wrong, where, and how often.

A fault names a kind, an operation and a resource by patterns, and which of the matching requests
it strikes: the first n, every n-th, or all. What is struck is counted, so that a test can tell that
its fault happened. Faults are kept like any other state and end when they are cleared.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from localaws import state
from localaws.errors import ApiError

ANSWERS: Final = ("throttle", "server_error", "time_out")
TEXTS: Final = ("broken_json", "cut_json")
JOBS: Final = ("failed_job",)
EVENTS: Final = ("event_lost", "event_late", "event_doubled")
KINDS: Final = (*ANSWERS, *TEXTS, *JOBS, *EVENTS)
_REACH: Final = {
    "broken_json": ("bedrock:*", "transcribe:*"),
    "cut_json": ("bedrock:*", "transcribe:*"),
    "failed_job": ("transcribe:*",),
    **dict.fromkeys(EVENTS, ("aws.*",)),
}
_FIELDS: Final = ("kind", "operation", "resource", "first", "every", "seconds", "reason")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; `operation` is `service:Operation`, or `source:detail type` of an event.

    `first` and `every` choose among the requests it matches (neither: all of them), `seconds` is
    how long an answer or an event is held back, `reason` what the failure says.
    """

    kind: str
    operation: str
    resource: str = "*"
    first: int | None = None
    every: int | None = None
    seconds: float = 5.0
    reason: str = "Internal Failure. Please try your request again. (a fault of the test)"

    def strikes(self, met: int) -> bool:
        """Tell whether the `met`-th matching request, counted from 1, goes wrong."""
        if self.first is not None:
            return met <= self.first
        return self.every is None or met % self.every == 0


def add(request: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a fault and return it with its `id`; raise ApiError that says what is not a fault."""
    fault = _read(request)
    with _LOCK:
        store = _store()
        number = 1 + max((int(name) for name in store), default=0)
        store[str(number)] = {**asdict(fault), "met": 0, "struck": 0}
        return {"id": str(number), **store[str(number)]}


def listed() -> list[dict[str, Any]]:
    """Return every fault with how many requests it met and how many it struck."""
    with _LOCK:
        return [{"id": name, **fault} for name, fault in _store().items()]


def clear(number: str | None = None) -> int:
    """Forget one fault, or all; return how many were forgotten. Raise ApiError on an unknown id."""
    with _LOCK:
        store = _store()
        if number is None:
            found = len(store)
            store.clear()
            return found
        if store.pop(number, None) is None:
            raise _wrong(f"there is no fault {number!r}; GET /_localaws/faults lists them")
        return 1


def struck(kinds: Sequence[str], operation: str, resource: str) -> Fault | None:
    """Count a request and return the fault that strikes it, the oldest first, or None."""
    with _LOCK:
        for kept in _store().values():
            fault = Fault(**{name: kept[name] for name in _FIELDS})
            if fault.kind not in kinds or not _meets(fault, operation, resource):
                continue
            kept["met"] += 1
            if fault.strikes(kept["met"]):
                kept["struck"] += 1
                return fault
    return None


def spoiled(operation: str, resource: str, text: str) -> str:
    """Return `text`, made no JSON by a fault: cut in the middle, or whole but not well formed."""
    fault = struck(TEXTS, operation, resource)
    if fault is None:
        return text
    return text[: len(text) // 2] if fault.kind == "cut_json" else text.replace(":", "=", 1) + "}"


def _meets(fault: Fault, operation: str, resource: str) -> bool:
    return fnmatchcase(operation, fault.operation) and fnmatchcase(resource, fault.resource)


def _store() -> dict[str, Any]:
    return state.register("faults")


def _read(request: Mapping[str, Any]) -> Fault:
    unknown = sorted(set(request) - set(_FIELDS))
    if unknown:
        raise _wrong(f"unknown field {', '.join(unknown)}; known are {', '.join(_FIELDS)}")
    if request.get("kind") not in KINDS:
        raise _wrong(f"kind must be one of {', '.join(KINDS)}")
    if not isinstance(request.get("operation"), str):
        raise _wrong("operation must name what is struck, as transcribe:StartTranscriptionJob")
    if "first" in request and "every" in request:
        raise _wrong("first and every exclude each other")
    for name in ("first", "every"):
        value = request.get(name)
        if value is not None and (type(value) is not int or value < 1):
            raise _wrong(f"{name} must be a whole number from 1")
    if not 0 <= _number(request.get("seconds", 0)) <= 600:
        raise _wrong("seconds must be a number from 0 to 600")
    _refuse_beyond_reach(request["kind"], request["operation"])
    return Fault(**request)


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else -1


def _refuse_beyond_reach(kind: str, operation: str) -> None:
    within = _REACH.get(kind, ("*:*",))
    if not any(fnmatchcase(operation, pattern) for pattern in within):
        raise _wrong(f"{kind} strikes {' and '.join(within)} only, {operation!r} would never fail")


def _wrong(text: str) -> ApiError:
    return ApiError("ValidationException", f"not a fault: {text}")


_LOCK = threading.Lock()
