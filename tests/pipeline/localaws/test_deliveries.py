"""Rules, topics and alarms reach a queue or topic only where its policy and its key's let them."""

import json
import time
from datetime import UTC, datetime

import pytest

from tests.support.delivery_scenes import alarm, lets, messages, named_queue, topic
from tests.support.iam_scenes import arn, key
from tests.support.localaws_scenes import rule

pytestmark = pytest.mark.pipeline

NOTICE = {"Source": "app", "DetailType": "Call", "Detail": json.dumps({"call_id": "same-call"})}


@pytest.fixture(scope="module")
def secured(aws_factory):
    return aws_factory(LOCALAWS_AUTH="1")


def sent(aws, name, target, **more):
    """Put one event on a bus with one rule of that name for `target`."""
    rule(aws, name, {"source": [name]}, target)
    events = aws.client("events")
    if more:
        events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": target, **more}])
    assert events.put_events(Entries=[{**NOTICE, "Source": name}])["FailedEntryCount"] == 0


def failed(aws, name):
    found = aws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Events",
        MetricName="FailedInvocations",
        Dimensions=[{"Name": "RuleName", "Value": name}],
        StartTime=datetime.fromtimestamp(time.time() - 3600, UTC),
        EndTime=datetime.fromtimestamp(time.time() + 3600, UTC),
        Period=7200,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(point["Sum"] for point in found)


def from_rule(name, queue_name, **other):
    wanted = {"aws:SourceArn": arn("events", f"rule/{name}")}
    return lets("events", "sqs:SendMessage", arn("sqs", queue_name), ArnEquals={**wanted, **other})


def test_a_queue_that_lets_the_rule_in_gets_its_events(secured):
    url, target = named_queue(secured, "open", from_rule("open", "open"))
    sent(secured, "open", target)
    (message,) = messages(secured, url)
    assert json.loads(message["Body"])["detail"] == {"call_id": "same-call"}
    assert failed(secured, "open") == 0


@pytest.mark.parametrize(
    ("name", "statements"),
    [
        ("silent", []),
        ("other-rule", [from_rule("acme-uk", "other-rule")]),
        ("other-service", [lets("sns", "sqs:SendMessage", "*")]),
        ("own-account", [{**lets("x", "sqs:*", "*"), "Principal": {"AWS": "000000000000"}}]),
        (
            "denied",
            [from_rule("denied", "denied"), {**lets("events", "sqs:*", "*"), "Effect": "Deny"}],
        ),
        (
            "unknown",
            [lets("events", "sqs:SendMessage", "*", StringEquals={"ec2:Region": "x"})],
        ),
    ],
)
def test_a_queue_whose_policy_keeps_the_rule_out_gets_nothing_and_it_counts(
    secured, name, statements
):
    url, target = named_queue(secured, name, *statements)
    sent(secured, name, target)
    assert messages(secured, url) == []
    assert failed(secured, name) == 1


def test_a_refused_event_goes_to_the_dead_letters_and_says_why(secured):
    _, shut = named_queue(secured, "shut")
    url, dead = named_queue(secured, "dead", from_rule("lost", "dead"))
    sent(secured, "lost", shut, DeadLetterConfig={"Arn": dead})
    (message,) = messages(secured, url)
    assert json.loads(message["Body"])["detail"] == {"call_id": "same-call"}
    told = {name: one["StringValue"] for name, one in message["MessageAttributes"].items()}
    assert told["RULE_ARN"] == arn("events", "rule/lost")
    assert (told["TARGET_ARN"], told["ERROR_CODE"]) == (shut, "NO_PERMISSIONS")
    assert "does not allow sqs:SendMessage to events.amazonaws.com" in told["ERROR_MESSAGE"]


def test_a_queue_that_is_gone_is_a_failed_invocation(secured):
    sent(secured, "gone", arn("sqs", "never-made"))
    assert failed(secured, "gone") == 1


def use(service, **conditions):
    return lets(service, ["kms:Decrypt", "kms:GenerateDataKey*"], "*", **conditions)


@pytest.mark.parametrize(
    ("name", "statements", "count"),
    [
        ("key-silent", [], 0),
        ("key-open", [use("events", StringEquals={"aws:SourceAccount": "000000000000"})], 1),
        ("key-half", [lets("events", "kms:Decrypt", "*")], 0),
        (
            "key-context",
            [
                use(
                    "events",
                    StringEquals={"kms:EncryptionContext:aws:sqs:arn": arn("sqs", "key-context")},
                )
            ],
            1,
        ),
    ],
)
def test_the_key_of_an_encrypted_queue_is_asked_too(secured, name, statements, count):
    mine = key(secured, name, *statements)
    url, target = named_queue(secured, name, from_rule(name, name), key_arn=mine)
    sent(secured, name, target)
    assert len(messages(secured, url)) == count
    assert failed(secured, name) == 1 - count


def test_a_topic_lets_no_rule_in_until_its_policy_does(secured):
    shut, heard = topic(secured, "as-made")
    sent(secured, "as-made", shut)
    assert (messages(secured, heard), failed(secured, "as-made")) == ([], 1)
    may = lets("events", "sns:Publish", arn("sns", "told"))
    told, heard = topic(secured, "told", may)
    sent(secured, "told", told)
    assert len(messages(secured, heard)) == 1


def test_a_topic_sends_to_an_encrypted_queue_only_with_its_key(secured):
    for name, statements, count in (("deaf", [], 0), ("hears", [use("sns")], 1)):
        told, url = topic(secured, name)
        secured.client("sqs").set_queue_attributes(
            QueueUrl=url, Attributes={"KmsMasterKeyId": key(secured, name, *statements)}
        )
        secured.client("sns").publish(TopicArn=told, Message="x")
        assert len(messages(secured, url)) == count


@pytest.mark.parametrize(
    ("name", "statements", "count"), [("rings", [use("cloudwatch")], 1), ("mute", [], 0)]
)
def test_an_alarm_reaches_an_encrypted_topic_only_with_its_key(secured, name, statements, count):
    told, url = topic(secured, name, key_arn=key(secured, name, *statements))
    alarm(secured, name, told)
    watch = secured.client("cloudwatch")
    assert watch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"] == "ALARM"
    assert len(messages(secured, url)) == count


def test_without_authorization_only_the_state_of_the_key_counts(aws):
    mine = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    url, target = named_queue(aws, "sealed", key_arn=mine)
    sent(aws, "sealed", target)
    assert len(messages(aws, url)) == 1
    aws.client("kms").disable_key(KeyId=mine)
    sent(aws, "sealed", target)
    assert failed(aws, "sealed") == 1
    aws.client("kms").enable_key(KeyId=mine)
    assert messages(aws, url) == []
