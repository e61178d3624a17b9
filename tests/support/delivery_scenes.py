"""Queues and topics with policies and keys that let a service in, or do not."""

from typing import Any

from tests.support.iam_scenes import Statement, document
from tests.support.localaws_scenes import queue
from tests.support.localaws_server import LocalAws


def lets(service: str, action: str | list[str], resource: str, **conditions: Any) -> Statement:
    """Return an Allow for a service; conditions by operator."""
    found: Statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": action,
        "Resource": resource,
    }
    return {**found, "Condition": conditions} if conditions else found


def named_queue(
    aws: LocalAws, name: str, *statements: Statement, key_arn: str = ""
) -> tuple[str, str]:
    """Make a queue with a policy and a key, if given; return its URL and ARN."""
    url, queue_arn = queue(aws, name)
    attributes = {"Policy": document(*statements)} if statements else {}
    if key_arn:
        attributes["KmsMasterKeyId"] = key_arn
    if attributes:
        aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=attributes)
    return url, queue_arn


def topic(aws: LocalAws, name: str, *statements: Statement, key_arn: str = "") -> tuple[str, str]:
    """Make a topic with a queue that hears it; return the topic's ARN and the queue's URL."""
    sns = aws.client("sns")
    made = sns.create_topic(Name=name, Attributes={"KmsMasterKeyId": key_arn} if key_arn else {})
    topic_arn = made["TopicArn"]
    if statements:
        sns.set_topic_attributes(
            TopicArn=topic_arn, AttributeName="Policy", AttributeValue=document(*statements)
        )
    hears = lets("sns", "sqs:SendMessage", "*", ArnEquals={"aws:SourceArn": topic_arn})
    url, queue_arn = named_queue(aws, f"{name}-heard", hears)
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn)
    return topic_arn, url


def alarm(aws: LocalAws, name: str, topic_arn: str) -> None:
    """Make an alarm that tells a topic, and the datum of `App` that sets it off."""
    watch = aws.client("cloudwatch")
    watch.put_metric_alarm(
        AlarmName=name,
        Namespace="App",
        MetricName=name,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[topic_arn],
    )
    watch.put_metric_data(Namespace="App", MetricData=[{"MetricName": name, "Value": 1}])


def messages(aws: LocalAws, url: str) -> list[dict[str, Any]]:
    """Return what a queue holds now, at most ten."""
    found = aws.client("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return list(found.get("Messages", []))
