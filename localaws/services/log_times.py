"""What ministack stamps with the machine's time -> the same by the clock that tests move.

Only where the service gives the time: a line or datum that brings its own keeps it.
"""

import contextvars
from collections.abc import Callable, Iterable
from typing import Any

from localaws import clock

Function = Callable[..., Any]
Event = dict[str, Any]

_STAMPED_HERE = contextvars.ContextVar("localaws_stamped_here", default=False)


def of_functions(original: Function) -> Function:
    """Return ours for `_emit_lambda_logs`: what a function printed, it printed now."""

    def emit_lambda_logs(*given: Any, **named: Any) -> None:
        before = _STAMPED_HERE.set(True)
        try:
            original(*given, **named)
        finally:
            _STAMPED_HERE.reset(before)

    return emit_lambda_logs


def moved(events: Iterable[Event]) -> list[Event]:
    """Return lines that arrive now, with their ingestion (and a function's lines whole) moved."""
    ahead = round(clock.ahead() * 1000)
    names = ("timestamp", "ingestionTime") if _STAMPED_HERE.get() else ("ingestionTime",)
    return [
        {**event, **{name: event[name] + ahead for name in names if name in event}}
        for event in events
    ]


def of_metrics(original: Function) -> Function:
    """Return ours for `_put_metric_data`: a datum without a timestamp is of now."""

    def put_metric_data(form: Event, data: Event, *protocol: bool) -> Any:
        if any(protocol):
            given = [{"Timestamp": clock.now(), **one} for one in data.get("MetricData", [])]
            return original(form, {**data, "MetricData": given}, *protocol)
        return original({**_stamps(form), **form}, data, *protocol)

    return put_metric_data


def _stamps(form: Event) -> Event:
    names = [name for name in form if name.endswith(".MetricName")]
    return {name.replace(".MetricName", ".Timestamp"): [str(clock.now())] for name in names}
