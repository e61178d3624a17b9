"""An alarm and the metric it watches -> its state, by period, dimension and what missing means.

ministack looked at one number over all dimensions and never when nothing came. Looked at again with
every line and datum, and by the clock, so that silence raises an alarm too.
"""

from collections.abc import Callable
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from localaws import clock

Alarm = dict[str, Any]
Function = Callable[..., Any]

_COMPARED: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}


def by_period(_original: Function) -> Function:
    """Return ours for `_evaluate_alarm`."""

    def evaluate_alarm(alarm: Alarm) -> None:
        if not alarm.get("MetricName") or alarm.get("ComparisonOperator") not in _COMPARED:
            return
        values = _values(alarm, clock.now())
        state = _state(alarm, values)
        if state != alarm["StateValue"]:
            _change(alarm, state, values)

    return evaluate_alarm


class _Exactly(dict[str, str]):
    """Dimensions that count as given also when there are none."""

    def __bool__(self) -> bool:
        return True


def exact_dimensions(original: Function) -> Function:
    """Return ours for `_dims_from_list`: no dimensions means the metric without any, not all."""

    def dims_from_list(dimensions: list[dict[str, str]]) -> dict[str, str]:
        return _Exactly(original(dimensions))

    return dims_from_list


def look_again() -> None:
    """Evaluate every alarm of every account and region; call it on the event loop."""
    for account, region in {key[:2] for key in cloudwatch._alarms.to_dict()}:
        with request_scope(account, region):
            cloudwatch._evaluate_all_alarms()


def _values(alarm: Alarm, now: float) -> list[float | None]:
    """Return the statistic of each evaluated period, oldest first; None where no data came.

    The period that is running counts once it has data.
    """
    period, wanted = int(alarm.get("Period", 60)), int(alarm.get("EvaluationPeriods", 1))
    points = _points(alarm)
    running = int(now // period)
    last = running if any(p["Timestamp"] // period == running for p in points) else running - 1
    return [
        _of_period(alarm, points, number, period) for number in range(last - wanted + 1, last + 1)
    ]


def _points(alarm: Alarm) -> list[dict[str, Any]]:
    dimensions = {one["Name"]: one["Value"] for one in alarm.get("Dimensions") or []}
    unit = alarm.get("Unit")
    return [
        point
        for (namespace, name, _), points in cloudwatch._metrics.items()
        if (namespace, name) == (alarm["Namespace"], alarm["MetricName"])
        for point in points
        if point["Dimensions"] == dimensions and (not unit or point["Unit"] == unit)
    ]


def _of_period(
    alarm: Alarm, points: list[dict[str, Any]], number: int, period: int
) -> float | None:
    inside = [point for point in points if point["Timestamp"] // period == number]
    if not inside:
        return None
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    found = cloudwatch._stat_value(cloudwatch._calc_stats(inside), statistic, inside)
    return None if found is None else float(found)


def _state(alarm: Alarm, values: list[float | None]) -> str:
    treat = alarm.get("TreatMissingData") or "missing"
    compare, threshold = _COMPARED[alarm["ComparisonOperator"]], float(alarm["Threshold"])
    known = [compare(value, threshold) for value in values if value is not None]
    missing = len(values) - len(known)
    if treat == "breaching":
        known += [True] * missing
    elif treat == "notBreaching":
        known += [False] * missing
    if not known:
        return str(alarm["StateValue"]) if treat == "ignore" else "INSUFFICIENT_DATA"
    needed = int(alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods", 1))
    return "ALARM" if sum(known) >= needed else "OK"


def _change(alarm: Alarm, state: str, values: list[float | None]) -> None:
    before = alarm["StateValue"]
    order, threshold = alarm["ComparisonOperator"], alarm["Threshold"]
    reason = f"Threshold Crossed: datapoints {values}, {order} {threshold}"
    if state == "INSUFFICIENT_DATA":
        reason = f"Insufficient Data: {len(values)} datapoints were unknown"
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(clock.now()))
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)
