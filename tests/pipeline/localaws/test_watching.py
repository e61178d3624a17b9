"""A line in a log -> a metric, by a clock the test moves; what would never count is refused."""

import time
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from tests.support.localaws_scenes import forward, function
from tests.support.localaws_server import wait_until
from tests.support.log_lines import EMBEDDED, GROUP, log_group, write

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def watched(aws):
    return log_group(aws)


def statistic(aws, namespace, name, kind, **dimensions):
    found = aws.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=datetime.fromtimestamp(time.time() - 3600, UTC),
        EndTime=datetime.fromtimestamp(time.time() + 3600, UTC),
        Period=7200,
        Statistics=[kind],
    )["Datapoints"]
    return sum(point[kind] for point in found)


def test_an_embedded_line_is_a_metric_with_and_without_its_dimension(watched):
    write(watched, EMBEDDED, "no metric here", {"_aws": {}})
    assert statistic(watched, "App", "Latency", "Maximum", Stage="judge") == 300
    assert statistic(watched, "App", "Latency", "SampleCount", Stage="judge") == 2
    assert statistic(watched, "App", "Latency", "Sum") == 400
    assert statistic(watched, "App", "Latency", "Sum", Stage="other") == 0


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("ERROR", 1),
        ("error", 0),
        ('"not found"', 1),
        ("ERROR -worker", 0),
        ("?ERROR ?found", 2),
        ('{ $.level = "WARN" }', 1),
        ('{ $.level = "WARN" && $.tries >= 3 }', 1),
        ('{ $.level = "WARN" && $.tries > 3 }', 0),
        ("{ $.nested.deep IS TRUE }", 1),
        ("", 4),
    ],
)
def test_a_metric_filter_counts_what_fits_and_nothing_else(watched, pattern, count):
    name = f"count-{pattern.encode().hex()[-60:]}"
    watched.client("logs").put_metric_filter(
        logGroupName=GROUP,
        filterName=name,
        filterPattern=pattern,
        metricTransformations=[
            {"metricName": name, "metricNamespace": "Counts", "metricValue": "1"}
        ],
    )
    lines = ("ERROR in worker", "page not found", {"level": "WARN", "tries": 3})
    write(watched, *lines, {"nested": {"deep": True}})
    assert statistic(watched, "Counts", name, "Sum") == count
    watched.client("logs").delete_metric_filter(logGroupName=GROUP, filterName=name)


@pytest.mark.parametrize(
    "pattern", ["[ip, user, code = 5*]", "%err.*%", '{ $.a = "1" || $.b = 2 }']
)
def test_a_pattern_nobody_reads_is_refused_by_name(watched, pattern):
    logs, named = watched.client("logs"), {"logGroupName": GROUP, "filterPattern": pattern}
    transformed = [{"metricName": "m", "metricNamespace": "N", "metricValue": "1"}]
    for call, more in (
        (logs.put_metric_filter, {"filterName": "x", "metricTransformations": transformed}),
        (logs.filter_log_events, {}),
    ):
        with pytest.raises(ClientError, match="localaws does not implement") as refused:
            call(**named, **more)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


ALARM = {
    "AlarmName": "never",
    "EvaluationPeriods": 1,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 1,
}
STAT = {"Metric": {"Namespace": "App", "MetricName": "Errors"}, "Period": 60, "Stat": "Sum"}
ONE = {"Namespace": "App", "MetricName": "Errors", "Period": 60}


@pytest.mark.parametrize(
    ("operation", "request_", "named"),
    [
        (
            "put_metric_alarm",
            {**ALARM, "Metrics": [{"Id": "e", "Expression": "SUM(METRICS())"}]},
            "metric math",
        ),
        (
            "put_metric_alarm",
            {**ALARM, **ONE, "Statistic": "Sum", "ComparisonOperator": "GreaterThanUpperThreshold"},
            "anomaly detection (GreaterThanUpperThreshold)",
        ),
        ("put_metric_alarm", {**ALARM, **ONE, "ExtendedStatistic": "tm90"}, "the statistic tm90"),
        (
            "get_metric_data",
            {
                "MetricDataQueries": [
                    {"Id": "m", "MetricStat": STAT, "ReturnData": False},
                    {"Id": "e", "Expression": "m * 2"},
                ],
                "StartTime": 0,
                "EndTime": 60,
            },
            "metric math",
        ),
        (
            "get_metric_data",
            {
                "MetricDataQueries": [{"Id": "m", "MetricStat": {**STAT, "Stat": "IQM"}}],
                "StartTime": 0,
                "EndTime": 60,
            },
            "the statistic IQM",
        ),
        (
            "get_metric_statistics",
            {**ONE, "ExtendedStatistics": ["wm98"], "StartTime": 0, "EndTime": 60},
            "the statistic wm98",
        ),
        ("put_anomaly_detector", {"SingleMetricAnomalyDetector": {"Stat": "Sum"}}, "Anomaly"),
    ],
)
def test_what_would_never_fire_or_count_is_refused_by_name(watched, operation, request_, named):
    with pytest.raises(ClientError) as caught:
        getattr(watched.client("cloudwatch"), operation)(**request_)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert named in caught.value.response["Error"]["Message"]
    alarms = watched.client("cloudwatch").describe_alarms(AlarmNames=["never"])
    assert alarms["MetricAlarms"] == []


def test_what_gets_its_time_here_has_the_moved_clock(aws_factory):
    aws = aws_factory()
    forward(aws, 10 * 86400)
    moved = time.time() + 10 * 86400
    watch = aws.client("cloudwatch")
    watch.put_metric_data(
        Namespace="App",
        MetricData=[
            {"MetricName": "Late", "Value": 1},
            {"MetricName": "Late", "Value": 5, "Timestamp": time.time()},
        ],
    )
    found = watch.get_metric_statistics(
        Namespace="App",
        MetricName="Late",
        StartTime=datetime.fromtimestamp(moved - 3600, UTC),
        EndTime=datetime.fromtimestamp(moved + 3600, UTC),
        Period=7200,
        Statistics=["Sum"],
    )["Datapoints"]
    assert sum(point["Sum"] for point in found) == 1
    function(aws, "late", "def handle(event, context):\n    print('ERROR here')\n")
    aws.client("lambda").invoke(FunctionName="late")
    lines = wait_until(
        lambda: aws.client("logs").filter_log_events(
            logGroupName="/aws/lambda/late", filterPattern="ERROR"
        )["events"]
    )
    for name in ("timestamp", "ingestionTime"):
        assert abs(lines[0][name] / 1000 - moved) < 3600
