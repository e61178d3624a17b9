"""What a rule, topic, bucket or alarm reaches in unmodified ministack, on a guarded server."""

from tests.support.delivery_scenes import alarm, lets, messages, named_queue, topic
from tests.support.iam_scenes import key
from tests.support.localaws_scenes import bucket, rule
from tests.support.localaws_server import LocalAws


def a_rule_reaches_a_queue_without_a_policy(guarded: LocalAws) -> None:
    """Nobody asks the policy whether it lets events in."""
    url, target = named_queue(guarded, "silent")
    rule(guarded, "silent", {"source": ["own"]}, target)
    entry = {"Source": "own", "DetailType": "word", "Detail": "{}"}
    guarded.client("events").put_events(Entries=[entry])
    assert messages(guarded, url)


def a_topic_reaches_a_queue_whose_key_keeps_it_out(guarded: LocalAws) -> None:
    """The policy lets the topic in, the key's does not."""
    told, url = topic(guarded, "deaf")
    guarded.client("sqs").set_queue_attributes(
        QueueUrl=url, Attributes={"KmsMasterKeyId": key(guarded, "deaf")}
    )
    guarded.client("sns").publish(TopicArn=told, Message="x")
    assert messages(guarded, url)


def a_bucket_reaches_a_topic_whose_key_keeps_it_out(guarded: LocalAws) -> None:
    """The policy lets the bucket in, the key's does not."""
    may = lets("s3", "sns:Publish", "*")
    told, url = topic(guarded, "closed", may, key_arn=key(guarded, "closed"))
    bucket(guarded, "speaking")
    tied = {"TopicArn": told, "Events": ["s3:ObjectCreated:*"]}
    guarded.client("s3").put_bucket_notification_configuration(
        Bucket="speaking", NotificationConfiguration={"TopicConfigurations": [tied]}
    )
    assert messages(guarded, url)


def an_alarm_reaches_a_topic_whose_key_keeps_it_out(guarded: LocalAws) -> None:
    """The policy every topic begins with lets the alarm in, the key's does not."""
    told, url = topic(guarded, "mute", key_arn=key(guarded, "mute"))
    alarm(guarded, "mute", told)
    assert messages(guarded, url)


PROBES = {
    "services.eventbridge._invoke_target": a_rule_reaches_a_queue_without_a_policy,
    "services.sqs.queue_policy_allows": a_topic_reaches_a_queue_whose_key_keeps_it_out,
    "services.sns.topic_policy_allows": a_bucket_reaches_a_topic_whose_key_keeps_it_out,
    "services.cloudwatch._dispatch_alarm_actions": an_alarm_reaches_a_topic_whose_key_keeps_it_out,
}
