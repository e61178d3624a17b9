"""A line in a log -> a metric -> an alarm -> a message, by a clock the test moves; and Insights."""

import json
import time
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from tests.support.localaws_scenes import forward, function, queue
from tests.support.localaws_server import wait_until

pytestmark = pytest.mark.pipeline

GROUP = "/app"
EMBEDDED = {
    "_aws": {
        "CloudWatchMetrics": [
            {
                "Namespace": "App",
                "Dimensions": [["Stage"], []],
                "Metrics": [{"Name": "Latency", "Unit": "Milliseconds"}],
            }
        ]
    },
    "Stage": "judge",
    "Latency": [100, 300],
}


@pytest.fixture(scope="module")
def watched(aws):
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="one")
    return aws


def write(aws, *lines, at=None):
    moment = int((at or time.time()) * 1000)
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    aws.client("logs").put_log_events(
        logGroupName=GROUP,
        logStreamName="one",
        logEvents=[{"timestamp": moment, "message": text} for text in texts],
    )


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


def alarm(aws, name, topic, **more):
    wanted = {
        "Namespace": "App",
        "MetricName": "Errors",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "AlarmActions": [topic],
        "OKActions": [topic],
    }
    aws.client("cloudwatch").put_metric_alarm(AlarmName=name, **{**wanted, **more})


def state(aws, name):
    found = aws.client("cloudwatch").describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    return (found["MetricAlarms"] + found["CompositeAlarms"])[0]["StateValue"]


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


def test_a_line_becomes_a_metric_an_alarm_and_a_message_and_the_alarm_ends(aws_factory):
    aws = aws_factory()
    logs, watch, sns = aws.client("logs"), aws.client("cloudwatch"), aws.client("sns")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="one")
    logs.put_metric_filter(
        logGroupName=GROUP,
        filterName="errors",
        filterPattern='{ $.level = "ERROR" }',
        metricTransformations=[
            {"metricName": "Errors", "metricNamespace": "App", "metricValue": "1"}
        ],
    )
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    url, target = queue(aws, "heard")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=target)
    alarm(aws, "errors", topic, TreatMissingData="notBreaching")
    alarm(aws, "silence", topic, MetricName="Beat", TreatMissingData="breaching")
    alarm(aws, "other stage", topic, Dimensions=[{"Name": "Stage", "Value": "x"}])
    watch.put_composite_alarm(AlarmName="page", AlarmRule='ALARM("errors")', AlarmActions=[topic])
    write(aws, {"level": "INFO"})
    now = forward(aws, 60)
    assert state(aws, "errors") == "OK"
    assert state(aws, "silence") == "ALARM"
    write(aws, {"level": "ERROR"}, at=now)
    assert state(aws, "errors") == "ALARM"
    assert state(aws, "page") == "ALARM"
    assert state(aws, "other stage") == "INSUFFICIENT_DATA"
    forward(aws, 300)
    assert state(aws, "errors") == "OK"
    assert state(aws, "page") == "OK"

    def heard():
        got = aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        found.extend(json.loads(json.loads(m["Body"])["Message"]) for m in got.get("Messages", []))
        return {(m["AlarmName"], m["NewStateValue"]) for m in found} >= {
            ("errors", "ALARM"),
            ("errors", "OK"),
            ("page", "ALARM"),
            ("silence", "ALARM"),
        }

    found = []
    wait_until(heard)


def test_two_of_three_periods_are_needed_when_the_alarm_says_so(aws_factory):
    aws = aws_factory()
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="one")
    topic = aws.client("sns").create_topic(Name="alarms")["TopicArn"]
    alarm(aws, "slow", topic, MetricName="Latency", EvaluationPeriods=3, DatapointsToAlarm=2)
    now = time.time() // 60 * 60
    about = {
        "CloudWatchMetrics": [{**EMBEDDED["_aws"]["CloudWatchMetrics"][0], "Dimensions": [[]]}]
    }
    write(aws, {"_aws": about, "Latency": 5}, at=now - 60)
    assert state(aws, "slow") == "OK"
    write(aws, {"_aws": about, "Latency": 5}, at=now)
    assert state(aws, "slow") == "ALARM"


LINES = (
    {"level": "ERROR", "stage": "judge", "ms": 10, "call": {"tenant": "acme"}},
    {"level": "ERROR", "stage": "land", "ms": 30, "call": {"tenant": "acme-uk"}},
    {"level": "INFO", "stage": "judge", "ms": 20, "call": {"tenant": "acme"}},
    "not json",
)


@pytest.fixture(scope="module")
def asked(aws_factory):
    aws = aws_factory()
    aws.client("logs").create_log_group(logGroupName=GROUP)
    aws.client("logs").create_log_stream(logGroupName=GROUP, logStreamName="one")
    write(aws, *LINES)

    def ask(query):
        logs = aws.client("logs")
        started = logs.start_query(
            logGroupName=GROUP,
            queryString=query,
            startTime=int(time.time()) - 3600,
            endTime=int(time.time()) + 3600,
        )["queryId"]
        results = logs.get_query_results(queryId=started)["results"]
        return [{c["field"]: c["value"] for c in row if c["field"] != "@ptr"} for row in results]

    return ask


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("fields stage, ms | filter level = 'ERROR' | sort ms desc | limit 1", [("land", "30")]),
        ("fields ms | filter level = 'ERROR' and stage = 'judge'", [("10",)]),
        ("fields ms | filter ms >= 20 | sort ms asc", [("20",), ("30",)]),
        ("fields ms | filter call.tenant = 'acme' | sort ms", [("10",), ("20",)]),
        ("fields @message | filter @message like /not j/", [("not json",)]),
        ("fields ms | filter stage like 'lan'", [("30",)]),
        ("fields ms | filter stage in ['land', 'x']", [("30",)]),
        ("fields @message | filter not ispresent(level)", [("not json",)]),
        (
            "stats count(*) as n by level | sort n desc | filter ispresent(level)",
            [("ERROR", "2"), ("INFO", "1")],
        ),
        (
            "filter ispresent(ms) | stats sum(ms) as total, avg(ms), max(ms) by stage | sort total",
            [("judge", "30", "15", "20"), ("land", "30", "30", "30")],
        ),
        ("stats count() as n", [("4",)]),
        ("stats count_distinct(stage) as stages", [("2",)]),
    ],
)
def test_insights_answers_what_was_asked(asked, query, rows):
    assert sorted(tuple(row.values()) for row in asked(query)) == sorted(rows)


@pytest.mark.parametrize(
    "query",
    [
        "fields @message | parse @message '*' as x",
        "fields ms | filter level = 'A' or level = 'B'",
        "stats pct(ms, 95) by stage",
        "fields concat(a, b)",
        "fields ms | dedup stage",
        "filter strlen(stage) > 3",
    ],
)
def test_insights_refuses_what_it_does_not_read(asked, query):
    with pytest.raises(ClientError, match="localaws does not implement logs:StartQuery"):
        asked(query)


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
