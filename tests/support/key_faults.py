"""What unmodified ministack does with objects and messages whose key is unfit, on a bare server."""

import pytest
from botocore.exceptions import ClientError

from tests.support.localaws_scenes import bucket, function, queue
from tests.support.localaws_server import LocalAws, wait_until


def s3_writes_under_a_key_that_is_not_there(bare: LocalAws) -> None:
    """Nobody looks for the key."""
    bucket(bare, "locked")
    bare.client("s3").put_object(
        Bucket="locked", Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId="no-key"
    )


def s3_hands_out_an_object_whose_key_is_disabled(bare: LocalAws) -> None:
    """Nobody looks at the key's state."""
    sealed_object(bare, "shut")
    assert bare.client("s3").get_object(Bucket="shut", Key="k")["Body"].read() == b"x"


def s3_copies_a_part_of_an_object_whose_key_is_disabled(bare: LocalAws) -> None:
    """Nor when it is read to be copied."""
    sealed_object(bare, "parts")
    s3 = bare.client("s3")
    upload = s3.create_multipart_upload(Bucket="parts", Key="copy")["UploadId"]
    s3.upload_part_copy(
        Bucket="parts", Key="copy", CopySource="parts/k", UploadId=upload, PartNumber=1
    )


def sqs_takes_a_message_under_a_disabled_key(bare: LocalAws) -> None:
    """It could encrypt none."""
    url, key = sealed_queue(bare, "full")
    bare.client("kms").disable_key(KeyId=key)
    assert bare.client("sqs").send_message(QueueUrl=url, MessageBody="x")["MessageId"]


def a_function_is_handed_a_message_under_a_disabled_key(bare: LocalAws) -> None:
    """What was sent in time could be decrypted no more."""
    url, key = sealed_queue(bare, "read")
    bare.client("sqs").send_message(QueueUrl=url, MessageBody="x")
    bare.client("kms").disable_key(KeyId=key)
    function(bare, "reads", "def handle(event, context):\n    return None\n")
    found = bare.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    bare.client("lambda").create_event_source_mapping(
        FunctionName="reads", EventSourceArn=found["Attributes"]["QueueArn"]
    )
    groups = {"logGroupNamePrefix": "/aws/lambda/reads"}
    wait_until(lambda: bare.client("logs").describe_log_groups(**groups)["logGroups"])


def sns_publishes_under_a_disabled_key(bare: LocalAws) -> None:
    """It could encrypt nothing."""
    key = made_key(bare)
    topic = bare.client("sns").create_topic(Name="shut", Attributes={"KmsMasterKeyId": key})
    bare.client("kms").disable_key(KeyId=key)
    assert bare.client("sns").publish(TopicArn=topic["TopicArn"], Message="x")["MessageId"]


def kms_knows_no_key_of_aws(bare: LocalAws) -> None:
    """AWS makes it when it is first asked for."""
    with pytest.raises(ClientError, match="NotFoundException"):
        bare.client("kms").describe_key(KeyId="alias/aws/sqs")


def kms_calls_the_key_behind_an_alias_of_aws_a_customers(bare: LocalAws) -> None:
    """Whoever asks cannot tell whose policy it has."""
    key = made_key(bare)
    bare.client("kms").create_alias(AliasName="alias/aws/own", TargetKeyId=key)
    described = bare.client("kms").describe_key(KeyId=key)["KeyMetadata"]
    assert described["KeyManager"] == "CUSTOMER"


def made_key(bare: LocalAws) -> str:
    """Make a key; return its ARN."""
    return str(bare.client("kms").create_key()["KeyMetadata"]["Arn"])


def sealed_object(bare: LocalAws, name: str) -> None:
    """Make a bucket with object `k` under a key that was disabled since."""
    key = made_key(bare)
    bucket(bare, name)
    bare.client("s3").put_object(
        Bucket=name, Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key
    )
    bare.client("kms").disable_key(KeyId=key)


def sealed_queue(bare: LocalAws, name: str) -> tuple[str, str]:
    """Make a queue under a key that is enabled; return the URL and the key's ARN."""
    key = made_key(bare)
    url, _ = queue(bare, name)
    bare.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": key})
    return url, key


PROBES = {
    "services.s3._resolve_sse_write_headers": s3_writes_under_a_key_that_is_not_there,
    "services.s3._get_object": s3_hands_out_an_object_whose_key_is_disabled,
    "services.s3._upload_part_copy": s3_copies_a_part_of_an_object_whose_key_is_disabled,
    "services.sqs._get_q": sqs_takes_a_message_under_a_disabled_key,
    "services.sqs._receive_messages_for_esm": a_function_is_handed_a_message_under_a_disabled_key,
    "services.sns._get_topic": sns_publishes_under_a_disabled_key,
    "services.kms._describe_key": kms_knows_no_key_of_aws,
    "services.kms._key_metadata": kms_calls_the_key_behind_an_alias_of_aws_a_customers,
}
