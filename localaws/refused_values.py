"""What is asked of an operation that is answered otherwise -> why it is refused, if it is.

Each is something ministack keeps, and reports as done, without ever doing it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any


def _delivery(parameters: Mapping[str, Any]) -> str | None:
    protocol = str(parameters.get("Protocol", ""))
    return f"delivery by {protocol}" if protocol in ("application", "firehose", "sms") else None


def _target(parameters: Mapping[str, Any]) -> str | None:
    targets = parameters.get("Targets")
    for target in targets if isinstance(targets, list) else ():
        arn = str(target.get("Arn", "")) if isinstance(target, dict) else ""
        kind = (arn.split(":") + [""] * 3)[2]
        if arn.startswith("arn:") and kind not in ("events", "lambda", "sns", "sqs"):
            return f"a rule that reaches {kind}; its events would be lost"
    return None


def _alarm(parameters: Mapping[str, Any]) -> str | None:
    named = {name.partition(".")[0] for name in parameters}
    if named & {"Metrics", "ThresholdMetricId"}:
        return "metric math; an alarm here watches one metric, name it by MetricName"
    if parameters.get("ComparisonOperator") in _BANDS:
        return f"anomaly detection ({parameters['ComparisonOperator']}); give a Threshold"
    if parameters.get("EvaluateLowSampleCountPercentile") == "ignore":
        return "percentiles that wait for more samples"
    return _statistic(parameters.get("ExtendedStatistic"))


def _metric_data(parameters: Mapping[str, Any]) -> str | None:
    form = [{name.rpartition(".")[2]: value} for name, value in parameters.items() if "." in name]
    for query in [*(parameters.get("MetricDataQueries") or []), *form]:
        if query.get("Expression"):
            return "metric math; ask for each metric and count yourself"
        needs = _statistic((query.get("MetricStat") or query).get("Stat"))
        if needs:
            return needs
    return None


def _statistics(parameters: Mapping[str, Any]) -> str | None:
    named = parameters.get("ExtendedStatistics") or [
        value for name, value in parameters.items() if name.startswith("ExtendedStatistics.")
    ]
    return next((needs for needs in map(_statistic, named) if needs), None)


def _statistic(name: str | None) -> str | None:
    known = name is None or name in _STATISTICS or re.fullmatch(r"p\d{1,2}(\.\d+)?|p100", name)
    return None if known else f"the statistic {name}; percentiles (p95) are counted"


def _trail(parameters: Mapping[str, Any]) -> str | None:
    if parameters.get("EnableLogFileValidation"):
        return "digest files that CloudTrail signs; leave EnableLogFileValidation out"
    return None


_BANDS = (
    "GreaterThanUpperThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
)
_STATISTICS = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")
VALUES: Mapping[tuple[str, str], Callable[[Mapping[str, Any]], str | None]] = {
    ("cloudtrail", "CreateTrail"): _trail,
    ("cloudtrail", "UpdateTrail"): _trail,
    ("events", "PutTargets"): _target,
    ("monitoring", "GetMetricData"): _metric_data,
    ("monitoring", "GetMetricStatistics"): _statistics,
    ("monitoring", "PutMetricAlarm"): _alarm,
    ("sns", "Subscribe"): _delivery,
}
