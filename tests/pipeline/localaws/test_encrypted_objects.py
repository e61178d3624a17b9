"""KMS behind S3, SQS and SNS: the key must be there, enabled, and the caller's to use."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.support.iam_scenes import T, allow, arn, assume, denied, key, role
from tests.support.localaws_scenes import bucket

pytestmark = pytest.mark.pipeline

DATA = "encrypted"


@pytest.fixture(scope="module")
def secured(aws_factory):
    aws = aws_factory(LOCALAWS_AUTH="1")
    bucket(aws, DATA)
    return aws


@pytest.fixture(scope="module")
def keys(secured):
    made = {}
    for tenant in ("acme", "acme-uk"):
        made[tenant] = key(secured, f"cci/{tenant}", tenant_id=tenant)
        secured.client("s3").put_object(
            Bucket=DATA, Key=f"{tenant}/same-call", Body=tenant.encode(), **under(made[tenant])
        )
    return made


@pytest.fixture(scope="module")
def acme(secured, keys):
    """A session that may do everything in S3, and of keys use its tenant's, through S3."""
    assert set(keys) == {"acme", "acme-uk"}
    own_key = {
        "StringEquals": {
            "aws:ResourceTag/tenant_id": T,
            "kms:ViaService": "s3.eu-central-1.amazonaws.com",
        }
    }
    made = role(
        secured,
        "tenant",
        allow("s3:*", "*"),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], "*", **own_key),
    )
    return assume(secured, made, tenant_id="acme")


def under(key_id):
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id}


def code(call, **given):
    with pytest.raises(ClientError) as caught:
        call(**given)
    return caught.value.response["Error"]["Code"]


def test_an_object_is_read_only_with_the_right_to_its_key(acme, keys):
    s3 = acme.client("s3")
    assert s3.get_object(Bucket=DATA, Key="acme/same-call")["Body"].read() == b"acme"
    told = denied(s3.get_object, Bucket=DATA, Key="acme-uk/same-call")
    assert f"kms:Decrypt on resource: {keys['acme-uk']}" in told


def test_a_head_of_an_encrypted_object_needs_no_key(acme):
    found = acme.client("s3").head_object(Bucket=DATA, Key="acme-uk/same-call")
    assert found["ServerSideEncryption"] == "aws:kms"


def test_an_object_is_written_only_with_the_right_to_its_key(acme, keys):
    s3 = acme.client("s3")
    s3.put_object(Bucket=DATA, Key="acme/new", Body=b"1", **under(keys["acme"]))
    foreign = {"Bucket": DATA, "Key": "acme/wrong", **under(keys["acme-uk"])}
    told = denied(s3.put_object, Body=b"1", **foreign)
    assert f"kms:GenerateDataKey on resource: {keys['acme-uk']}" in told
    denied(s3.create_multipart_upload, **foreign)
    denied(s3.copy_object, CopySource=f"{DATA}/acme/new", **foreign)


def test_a_copy_needs_the_key_of_its_source(acme, keys):
    copy = {"Bucket": DATA, "Key": "acme/copy", **under(keys["acme"])}
    s3 = acme.client("s3")
    s3.copy_object(CopySource=f"{DATA}/acme/same-call", **copy)
    told = denied(s3.copy_object, CopySource=f"{DATA}/acme-uk/same-call", **copy)
    assert "kms:Decrypt" in told


def test_the_key_is_not_for_use_but_through_s3(acme, keys):
    denied(acme.client("kms").generate_data_key, KeyId=keys["acme"], KeySpec="AES_256")


def test_the_default_of_a_bucket_asks_for_its_key(secured, acme, keys):
    bucket(secured, "with-default")
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": keys["acme-uk"]}
    secured.client("s3").put_bucket_encryption(
        Bucket="with-default",
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": rule}]},
    )
    s3 = acme.client("s3")
    denied(s3.put_object, Bucket="with-default", Key="x", Body=b"")
    s3.put_object(Bucket="with-default", Key="x", Body=b"", **under(keys["acme"]))


def test_a_key_policy_may_deny_the_other_tenants(secured):
    other = {"StringNotEquals": {"aws:PrincipalTag/tenant_id": "acme-uk"}}
    guarded = key(
        secured,
        "guarded",
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "kms:*",
            "Resource": "*",
            "Condition": other,
        },
    )
    made = role(secured, "all-keys", allow(["s3:*", "kms:*"], "*"))
    write = {"Bucket": DATA, "Key": "guarded", "Body": b"", **under(guarded)}
    assume(secured, made, tenant_id="acme-uk").client("s3").put_object(**write)
    session = assume(secured, made, tenant_id="acme").client("s3")
    assert "explicit deny" in denied(session.put_object, **write)


def test_a_key_of_nobody_and_a_disabled_one_refuse_the_write(secured):
    s3, kms = secured.client("s3"), secured.client("kms")
    nobody = arn("kms", "key/11111111-1111-4111-8111-111111111111")
    place = {"Bucket": DATA, "Key": "unfit"}
    assert code(s3.put_object, **place, **under(nobody)) == "KMS.NotFoundException"
    assert code(s3.put_object, **place, **under("alias/none")) == "KMS.NotFoundException"
    mine = key(secured, "states")
    s3.put_object(**place, Body=b"1", **under(mine))
    kms.disable_key(KeyId=mine)
    assert code(s3.put_object, **place, **under(mine)) == "KMS.DisabledException"
    assert code(s3.get_object, **place) == "KMS.DisabledException"
    assert code(s3.copy_object, Bucket=DATA, Key="c", CopySource=place) == "KMS.DisabledException"
    kms.enable_key(KeyId=mine)
    assert s3.get_object(**place)["Body"].read() == b"1"
    kms.schedule_key_deletion(KeyId=mine, PendingWindowInDays=7)
    assert code(s3.get_object, **place) == "KMS.KMSInvalidStateException"


def test_kms_states_hold_without_authorization(aws):
    bucket(aws, DATA)
    mine = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    place = {"Bucket": DATA, "Key": "plain"}
    aws.client("s3").put_object(**place, Body=b"1", **under(mine))
    found = aws.client("s3").get_object(**place)
    assert found["SSEKMSKeyId"] == mine
    aws.client("kms").disable_key(KeyId=mine)
    assert code(aws.client("s3").get_object, **place) == "KMS.DisabledException"
    assert code(aws.client("s3").put_object, **place, **under(mine)) == "KMS.DisabledException"


def test_messages_stay_where_they_are_while_their_key_is_disabled(aws):
    sqs, sns, kms = aws.client("sqs"), aws.client("sns"), aws.client("kms")
    mine = kms.create_key()["KeyMetadata"]["Arn"]
    url = sqs.create_queue(QueueName="kept", Attributes={"KmsMasterKeyId": mine})["QueueUrl"]
    topic = sns.create_topic(Name="kept", Attributes={"KmsMasterKeyId": mine})["TopicArn"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    sns.publish(TopicArn=topic, Message="x")
    entries = {"QueueUrl": url, "Entries": [{"Id": "1", "MessageBody": "x"}]}
    kms.disable_key(KeyId=mine)
    assert code(sqs.send_message, QueueUrl=url, MessageBody="y") == "KMS.DisabledException"
    assert code(sqs.send_message_batch, **entries) == "KMS.DisabledException"
    assert code(sqs.receive_message, QueueUrl=url) == "KMS.DisabledException"
    assert code(sns.publish, TopicArn=topic, Message="y") == "KMSDisabled"
    kms.enable_key(KeyId=mine)
    assert len(sqs.receive_message(QueueUrl=url)["Messages"]) == 1
    kms.schedule_key_deletion(KeyId=mine, PendingWindowInDays=7)
    assert code(sqs.receive_message, QueueUrl=url) == "KMS.InvalidStateException"
    assert code(sns.publish, TopicArn=topic, Message="y") == "KMSInvalidState"
    nowhere = sqs.create_queue(QueueName="nowhere", Attributes={"KmsMasterKeyId": "alias/none"})
    gone = {"QueueUrl": nowhere["QueueUrl"], "MessageBody": "x"}
    assert code(sqs.send_message, **gone) == "KMS.NotFoundException"


def test_a_disabled_key_has_the_queues_own_word_with_authorization_too(secured):
    mine = key(secured, "off")
    url = secured.client("sqs").create_queue(QueueName="off", Attributes={"KmsMasterKeyId": mine})[
        "QueueUrl"
    ]
    secured.client("kms").disable_key(KeyId=mine)
    sends = {"QueueUrl": url, "MessageBody": "x"}
    assert code(secured.client("sqs").send_message, **sends) == "KMS.DisabledException"


def test_who_manages_a_key_is_told_and_aws_own_is_there_when_asked_for(aws):
    kms = aws.client("kms")
    mine = kms.create_key()["KeyMetadata"]
    own = kms.describe_key(KeyId="alias/aws/sqs")["KeyMetadata"]
    assert (mine["KeyManager"], own["KeyManager"]) == ("CUSTOMER", "AWS")
    assert kms.describe_key(KeyId=own["Arn"])["KeyMetadata"]["KeyManager"] == "AWS"
    assert kms.describe_key(KeyId=mine["Arn"])["KeyMetadata"]["KeyManager"] == "CUSTOMER"


def test_kms_without_a_key_means_the_one_aws_keeps_for_s3(secured, acme):
    place = {"Bucket": DATA, "Key": "acme/aws-managed"}
    written = acme.client("s3").put_object(**place, Body=b"1", ServerSideEncryption="aws:kms")
    alias = secured.client("kms").describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"]
    assert written["SSEKMSKeyId"] == alias
    assert acme.client("s3").get_object(**place)["Body"].read() == b"1"


def test_an_encrypted_queue_asks_its_sender_and_its_receiver(secured):
    mine = key(secured, "queue")
    url = secured.client("sqs").create_queue(
        QueueName="sealed", Attributes={"KmsMasterKeyId": mine}
    )["QueueUrl"]
    use = allow("sqs:*", arn("sqs", "sealed"))
    with_key = allow(["kms:Decrypt", "kms:GenerateDataKey"], mine)
    may = assume(secured, role(secured, "with-key", use, with_key)).client("sqs")
    may.send_message(QueueUrl=url, MessageBody="x")
    may.receive_message(QueueUrl=url)
    not_ = assume(secured, role(secured, "without-key", use)).client("sqs")
    sends = {"QueueUrl": url, "MessageBody": "x"}
    assert code(not_.send_message, **sends) == "KMS.AccessDeniedException"
    assert code(not_.receive_message, QueueUrl=url) == "KMS.AccessDeniedException"


def test_an_encrypted_topic_asks_its_publisher(secured):
    mine = key(secured, "topic")
    topic = secured.client("sns").create_topic(Name="sealed", Attributes={"KmsMasterKeyId": mine})[
        "TopicArn"
    ]
    use = allow("sns:Publish", topic)
    with_key = allow(["kms:Decrypt", "kms:GenerateDataKey"], mine)
    may = assume(secured, role(secured, "publisher", use, with_key)).client("sns")
    may.publish(TopicArn=topic, Message="x")
    not_ = assume(secured, role(secured, "mute", use)).client("sns")
    assert code(not_.publish, TopicArn=topic, Message="x") == "KMSAccessDenied"


def test_a_secret_is_read_only_with_its_key(secured, keys):
    secured.client("secretsmanager").create_secret(
        Name="cci/acme-uk/key", SecretString=json.dumps({}), KmsKeyId=keys["acme-uk"]
    )
    read = allow("secretsmanager:GetSecretValue", "*")
    without = assume(secured, role(secured, "no-key", read)).client("secretsmanager")
    told = denied(without.get_secret_value, SecretId="cci/acme-uk/key")
    assert "kms:Decrypt" in told
