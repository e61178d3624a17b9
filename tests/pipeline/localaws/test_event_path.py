"""Object created -> rule -> queue -> Lambda -> object, on the services the product stands on."""

import json

import pytest

from tests.support.localaws_scenes import bucket, queue, rule, zipped
from tests.support.localaws_server import wait_until

pytestmark = pytest.mark.pipeline

HANDLERS = """
import json, os
import boto3
s3, ledger = boto3.client("s3"), boto3.client("dynamodb")

def keys(event):
    for record in event["Records"]:
        yield record, json.loads(record["body"])["detail"]["object"]["key"]

def receive(event, context):
    failed = []
    for record, key in keys(event):
        if "poison" in key:
            failed.append({"itemIdentifier": record["messageId"]})
            continue
        print(json.dumps({"key": key, "secret": os.environ.get("PLANTED_SECRET")}))
        ledger.put_item(TableName="calls", Item={"pk": {"S": key}, "state": {"S": "RECEIVED"}},
                        ConditionExpression="attribute_not_exists(pk)")
        tenant, _, name = key.split("/")
        s3.put_object(Bucket=os.environ["RESULTS"], Key=f"{tenant}/enriched/{name}", Body=b"{}")
    return {"batchItemFailures": failed}

def finish(event, context):
    for _, key in keys(event):
        final = key.replace("/enriched/", "/final/")
        s3.put_object(Bucket=os.environ["RESULTS"], Key=final, Body=b"{}")
    return {"batchItemFailures": []}
"""


@pytest.fixture(scope="module")
def aws(aws_factory):
    server = aws_factory(PLANTED_SECRET="hidden")  # noqa: S106
    bucket(server, "input", events=True)
    bucket(server, "results", events=True)
    bucket(server, "artefacts")
    server.client("dynamodb").create_table(
        TableName="calls",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "state")
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_state",
                "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    body = zipped({"handlers.py": HANDLERS})
    server.client("s3").put_object(Bucket="artefacts", Key="code.zip", Body=body)
    _, dead = queue(server, "dead")
    for name in ("receive", "finish"):
        server.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler=f"handlers.{name}",
            Role="arn:aws:iam::000000000000:role/any",
            Code={"S3Bucket": "artefacts", "S3Key": "code.zip"},
            Timeout=30,
            Environment={"Variables": {"RESULTS": "results"}},
        )
    for name, watched, folder, function, seconds in (
        ("audio", "input", "*/audio/*", "receive", 60),
        ("poison", "input", "*/poison/*", "receive", 1),
        ("enriched", "results", "*/enriched/*", "finish", 60),
    ):
        _, arn = queue(server, name, dead, seconds)
        detail = {"bucket": {"name": [watched]}, "object": {"key": [{"wildcard": folder}]}}
        pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}
        rule(server, name, pattern, arn)
        server.client("lambda").create_event_source_mapping(
            EventSourceArn=arn,
            FunctionName=function,
            BatchSize=10,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            ScalingConfig={"MaximumConcurrency": 50},
        )
    return server


def finals(aws):
    return aws.client("s3").list_objects_v2(Bucket="results", Prefix="acme").get("KeyCount", 0)


def test_a_hundred_recordings_pass_two_lambdas_and_a_poisoned_one_reaches_the_dead_letters(aws):
    for number in range(50):
        for tenant in ("acme", "acme-uk"):
            key = f"{tenant}/audio/{number:03d}.wav"
            aws.client("s3").put_object(Bucket="input", Key=key, Body=b"x")
    aws.client("s3").put_object(Bucket="input", Key="acme/poison/1.wav", Body=b"x")
    wait_until(lambda: finals(aws) == 200, seconds=40)
    url = aws.client("sqs").get_queue_url(QueueName="dead")["QueueUrl"]
    letters = wait_until(
        lambda: aws.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages")
    )
    assert "acme/poison/1.wav" in letters[0]["Body"]


def test_a_lambda_sees_its_own_environment_and_no_secret_of_the_machine(aws):
    found = aws.client("logs").filter_log_events(logGroupName="/aws/lambda/receive")["events"]
    lines = [json.loads(event["message"]) for event in found if event["message"].startswith("{")]
    assert lines
    assert {line["secret"] for line in lines} == {None}


def test_a_condition_that_fails_returns_the_standing_item(aws):
    ledger = aws.client("dynamodb")
    failed = ledger.exceptions.ConditionalCheckFailedException
    with pytest.raises(failed) as caught:
        ledger.put_item(
            TableName="calls",
            Item={"pk": {"S": "acme/audio/000.wav"}},
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert caught.value.response["Item"]["state"] == {"S": "RECEIVED"}
    count = ledger.query(
        TableName="calls",
        IndexName="by_state",
        KeyConditionExpression="#s = :s",
        ExpressionAttributeNames={"#s": "state"},
        ExpressionAttributeValues={":s": {"S": "RECEIVED"}},
        Select="COUNT",
    )["Count"]
    assert count == 100


def test_an_event_of_either_form_reaches_the_queue_raw_through_a_topic(aws):
    topic = aws.client("sns").create_topic(Name="JobStatus")["TopicArn"]
    url, arn = queue(aws, "analysis")
    aws.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
    )
    either = {"$or": [{"TranscriptionJobStatus": ["COMPLETED"]}, {"JobStatus": ["COMPLETED"]}]}
    rule(aws, "ended", {"source": ["acme.jobs"], "detail": either}, topic)
    for detail in ({"JobStatus": "COMPLETED"}, {"JobStatus": "IN_PROGRESS"}):
        entry = {"Source": "acme.jobs", "DetailType": "Job", "Detail": json.dumps(detail)}
        aws.client("events").put_events(Entries=[entry])
    found = aws.client("sqs").receive_message(
        QueueUrl=url, WaitTimeSeconds=5, MaxNumberOfMessages=10
    )["Messages"]
    assert [json.loads(message["Body"])["detail"] for message in found] == [
        {"JobStatus": "COMPLETED"}
    ]


def test_a_copy_does_not_overwrite_what_must_be_written_once(aws):
    s3 = aws.client("s3")
    s3.put_object(Bucket="artefacts", Key="first", Body=b"1")
    s3.put_object(Bucket="artefacts", Key="second", Body=b"2")
    with pytest.raises(s3.exceptions.ClientError, match="PreconditionFailed"):
        s3.copy_object(
            Bucket="artefacts", Key="first", CopySource="artefacts/second", IfNoneMatch="*"
        )
    assert s3.get_object(Bucket="artefacts", Key="first")["Body"].read() == b"1"
