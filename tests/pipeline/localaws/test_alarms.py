"""A line in a log -> a metric -> an alarm -> a message, by a clock the test moves."""

import json
import time

import pytest

from tests.support.localaws_scenes import forward, queue
from tests.support.localaws_server import wait_until
from tests.support.log_lines import EMBEDDED, GROUP, log_group, write

pytestmark = pytest.mark.pipeline


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


def test_a_line_becomes_a_metric_an_alarm_and_a_message_and_the_alarm_ends(aws_factory):
    aws = log_group(aws_factory())
    logs, watch, sns = aws.client("logs"), aws.client("cloudwatch"), aws.client("sns")
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
    aws = log_group(aws_factory())
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
