"""Lines of a log -> metrics: embedded metric format, and the metric filters of the group.

Both happen when the line arrives, whoever wrote it: PutLogEvents, a function, a job.
"""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs

from localaws.services import filter_patterns, log_times

Function = Callable[..., Any]
Event = dict[str, Any]


def counted(original: Function) -> Function:
    """Return ours for `_append_log_events`: the lines are kept, then counted."""

    def append_log_events(stream: dict[str, Any], arrived: list[Event]) -> None:
        events = log_times.moved(arrived)
        original(stream, events)
        for event in events:
            _embedded(event)
        filters = _filters_of(stream)
        for one in filters:
            _filtered(one, events)
        if filters or any('"_aws"' in event["message"] for event in events):
            cloudwatch._evaluate_all_alarms()

    return append_log_events


def _embedded(event: Event) -> None:
    if '"_aws"' not in event["message"]:
        return
    try:
        document = json.loads(event["message"])
    except ValueError:
        return
    about = document.get("_aws") if isinstance(document, dict) else None
    if not isinstance(about, dict):
        return
    for directive in about.get("CloudWatchMetrics", []):
        for names in directive.get("Dimensions") or [[]]:
            dimensions = {name: str(document[name]) for name in names if name in document}
            for metric in directive.get("Metrics", []):
                at = float(about.get("Timestamp") or event["timestamp"]) / 1000
                _store(directive["Namespace"], metric, dimensions, at, document.get(metric["Name"]))


def _store(
    namespace: str, metric: dict[str, Any], dimensions: dict[str, str], at: float, value: Any
) -> None:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in values):
        return
    unit = metric.get("Unit", "None")
    cloudwatch._store_datum(
        namespace, metric["Name"], dimensions, at, unit, None, values, None, None
    )


def _filters_of(stream: dict[str, Any]) -> list[dict[str, Any]]:
    group = next(
        (
            name
            for name, one in cloudwatch_logs._log_groups.items()
            if any(known is stream for known in one["streams"].values())
        ),
        None,
    )
    return [f for (name, _), f in cloudwatch_logs._metric_filters.items() if name == group]


def _filtered(one: dict[str, Any], events: list[Event]) -> None:
    fits = filter_patterns.compiled(one["filterPattern"])
    found = [event for event in events if fits(event["message"])]
    for transformation in one["metricTransformations"]:
        for event in found:
            _transformed(transformation, event)
        if not found and events and transformation.get("defaultValue") is not None:
            at = events[-1]["timestamp"] / 1000
            _store_filtered(transformation, {}, at, float(transformation["defaultValue"]))


def _transformed(transformation: dict[str, Any], event: Event) -> None:
    value = _number(transformation["metricValue"], event["message"])
    named = (transformation.get("dimensions") or {}).items()
    dimensions = {name: _text(path, event["message"]) for name, path in named}
    if value is not None and None not in dimensions.values():
        known = {name: str(text) for name, text in dimensions.items()}
        _store_filtered(transformation, known, event["timestamp"] / 1000, value)


def _store_filtered(
    transformation: dict[str, Any], dimensions: dict[str, str], at: float, value: float
) -> None:
    metric = {"Name": transformation["metricName"], "Unit": transformation.get("unit", "None")}
    _store(transformation["metricNamespace"], metric, dimensions, at, value)


def _number(wanted: str, message: str) -> float | None:
    text = _text(wanted, message) if wanted.startswith("$") else wanted
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def _text(path: str, message: str) -> str | None:
    try:
        found = filter_patterns.value_at(json.loads(message), path)
    except ValueError:
        return None
    return None if filter_patterns.is_absent(found) else str(found)
