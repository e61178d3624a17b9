"""After kill -9: what the former life left running is ended, and what it was at is done again."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.pipeline.localaws.test_pages import ask
from tests.support.localaws_scenes import function
from tests.support.localaws_server import start_localaws, wait_until

pytestmark = pytest.mark.pipeline

HIDDEN_SECONDS = 3600
# Writes what it was sent under the number of its process, waits in the first life, writes again.
SLOW = """
import os, time, boto3
def handle(event, context):
    s3 = boto3.client("s3")
    for record in event["Records"]:
        own = record["body"] + "/" + str(os.getpid())
        s3.put_object(Bucket="seen", Key="begun/" + own, Body=b"")
        if s3.list_objects_v2(Bucket="seen", Prefix="killed")["KeyCount"] == 0:
            time.sleep(30)
        s3.put_object(Bucket="seen", Key="ended/" + own, Body=b"")
"""


def keys(aws, prefix):
    listed = aws.client("s3").list_objects_v2(Bucket="seen", Prefix=prefix).get("Contents", [])
    return [item["Key"] for item in listed]


def queue(aws, name):
    """Make a queue whose received messages stay hidden for an hour; return its URL and ARN."""
    sqs = aws.client("sqs")
    hidden = {"VisibilityTimeout": str(HIDDEN_SECONDS)}
    url = sqs.create_queue(QueueName=name, Attributes=hidden)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    return url, found["QueueArn"]


def tell_of_objects(aws):
    """Send S3's events of the bucket to the queue `told`."""
    url, arn = queue(aws, "told")
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    told = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    aws.client("s3").put_bucket_notification_configuration(
        Bucket="seen", NotificationConfiguration=told
    )


def told_keys(aws):
    """Return the keys of the events that wait in `told`, as often as they were told; hide them."""
    url = aws.client("sqs").get_queue_url(QueueName="told")["QueueUrl"]
    found = []
    while True:
        answer = aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        if not answer.get("Messages"):
            return found
        bodies = [json.loads(message["Body"]) for message in answer["Messages"]]
        found += [one["s3"]["object"]["key"] for body in bodies for one in body.get("Records", [])]


@pytest.fixture(scope="module")
def lives(tmp_path_factory):
    """A function killed at work with its localaws, and the next life: (its server, both pids)."""
    state = tmp_path_factory.mktemp("localaws")
    first = start_localaws(state)
    first.client("s3").create_bucket(
        Bucket="seen", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    tell_of_objects(first)
    function(first, "slow", SLOW, timeout=60)
    url, arn = queue(first, "work")
    first.client("lambda").create_event_source_mapping(
        FunctionName="slow", EventSourceArn=arn, BatchSize=1
    )
    others, _ = queue(first, "others")
    first.client("sqs").send_message(QueueUrl=others, MessageBody="read by a client")
    assert len(first.client("sqs").receive_message(QueueUrl=others)["Messages"]) == 1
    first.client("sqs").send_message(QueueUrl=url, MessageBody="task")
    (begun,) = wait_until(lambda: keys(first, "begun/"))
    seen = time.time()
    wait_until(lambda: ask(first, "_localaws/health")[1]["snapshot"].get("at", 0) > seen)
    first.client("s3").put_object(Bucket="seen", Key="killed", Body=b"")
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    second = start_localaws(state)
    yield second, int(begun.rpartition("/")[2])
    second.stop()


def test_no_function_of_the_former_life_runs_on(lives):
    _, pid = lives
    state = Path(f"/proc/{pid}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_message_its_function_never_ended_is_handled_again_at_once(lives):
    second, pid = lives
    (ended,) = wait_until(lambda: keys(second, "ended/"))
    assert ended.startswith("ended/task/")
    assert ended != f"ended/task/{pid}"


def test_a_message_that_a_client_received_stays_hidden(lives):
    second, _ = lives
    url = second.client("sqs").get_queue_url(QueueName="others")["QueueUrl"]
    assert second.client("sqs").receive_message(QueueUrl=url).get("Messages", []) == []


def test_the_event_of_an_object_written_just_before_the_kill_is_told(lives):
    second, _ = lives
    found = set()
    wait_until(lambda: "killed" in found or found.update(told_keys(second)))
    assert "killed" in found


def test_a_restart_in_order_tells_no_event_again(tmp_path):
    first = start_localaws(tmp_path)
    first.client("s3").create_bucket(
        Bucket="seen", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    tell_of_objects(first)
    first.client("s3").put_object(Bucket="seen", Key="once", Body=b"")
    wait_until(lambda: "once" in told_keys(first))
    first.stop()
    second = start_localaws(tmp_path)
    try:
        second.client("s3").put_object(Bucket="seen", Key="then", Body=b"")
        found = []
        wait_until(lambda: "then" in found or found.extend(told_keys(second)))
        assert found == ["then"]
        assert len(second.client("sqs").list_queues()["QueueUrls"]) == 1
    finally:
        second.stop()
