"""Events on ministack's bus -> delivered once and at once, or lost, late or twice by a fault."""

import contextvars
import json
from collections.abc import Callable
from typing import Any

from ministack import app

from localaws.services import faults

Dispatch = Callable[..., None]


def in_front_of(original: Dispatch) -> Dispatch:
    """Return ministack's delivery of one event to its rules, struck by faults.

    A fault's operation is `source:detail type` (`aws.s3:Object Created`), its resource the
    object's `bucket/key`, the job's name, or else the event's own resources.
    """

    def dispatch_event(event: dict[str, Any], view: Any = None) -> None:
        operation = f"{event.get('Source')}:{event.get('DetailType')}"
        fault = faults.struck(faults.EVENTS, operation, resource_of(event))
        match fault.kind if fault else "":
            case "event_lost":
                return
            case "event_late":
                _later(fault.seconds if fault else 0, lambda: original(event, view))
            case "event_doubled":
                original(event, view)
                original(event, view)
            case _:
                original(event, view)

    return dispatch_event


def resource_of(event: dict[str, Any]) -> str:
    """Return what an event is about: `bucket/key`, a job's name, or its resources."""
    detail = json.loads(event.get("Detail") or "{}")
    if "object" in detail and "bucket" in detail:
        return f"{detail['bucket']['name']}/{detail['object']['key']}"
    names = [str(value) for name, value in detail.items() if name.lower().endswith("jobname")]
    return names[0] if names else ",".join(event.get("Resources") or [])


def _later(seconds: float, work: Callable[[], None]) -> None:
    context = contextvars.copy_context()
    loop = app._MAIN_LOOP
    loop.call_soon_threadsafe(lambda: loop.call_later(seconds, context.run, work))
