"""A trail writes what its selectors want into its bucket, with the request and who made it."""

import gzip
import json

import pytest
from botocore.exceptions import ClientError

from tests.support.iam_scenes import Session, allow, arn, assume, document, key, role
from tests.support.localaws_scenes import bucket, forward
from tests.support.localaws_server import ACCOUNT

pytestmark = pytest.mark.pipeline


MAY = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudtrail.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": f"arn:aws:s3:::audit/trail/AWSLogs/{ACCOUNT}/*",
    "Condition": {
        "StringEquals": {
            "s3:x-amz-acl": "bucket-owner-full-control",
            "aws:SourceArn": arn("cloudtrail", "trail/data"),
        }
    },
}


@pytest.fixture
def secured(aws_factory):
    aws = aws_factory(LOCALAWS_AUTH="1")
    for name in ("data", "other", "audit"):
        bucket(aws, name)
    return aws


@pytest.fixture
def trailed(secured):
    aws = secured
    aws.client("s3").put_bucket_policy(Bucket="audit", Policy=document(MAY))
    trails = aws.client("cloudtrail")
    trails.create_trail(Name="data", S3BucketName="audit", S3KeyPrefix="trail")
    trails.put_event_selectors(
        TrailName="data",
        AdvancedEventSelectors=[
            {
                "Name": "writes of one bucket",
                "FieldSelectors": [
                    {"Field": "eventCategory", "Equals": ["Data"]},
                    {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                    {"Field": "readOnly", "Equals": ["false"]},
                    {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::data/"]},
                ],
            }
        ],
    )
    trails.start_logging(Name="data")
    return aws


def records(aws):
    s3 = aws.client("s3")
    found = s3.list_objects_v2(Bucket="audit", Prefix="trail/AWSLogs/000000000000/CloudTrail/")
    files = [s3.get_object(Bucket="audit", Key=one["Key"]) for one in found.get("Contents", [])]
    return [
        record
        for file in files
        for record in json.loads(gzip.decompress(file["Body"].read()))["Records"]
    ]


def test_a_write_and_a_refused_one_reach_the_bucket_and_nothing_else_does(trailed):
    s3 = trailed.client("s3")
    writer = role(trailed, "writer", allow("s3:PutObject", "arn:aws:s3:::data/acme/*"))
    session: Session = assume(trailed, writer)
    session.client("s3").put_object(Bucket="data", Key="acme/x", Body=b"1")
    with pytest.raises(Exception, match="AccessDenied"):
        session.client("s3").put_object(Bucket="data", Key="acme-uk/x", Body=b"1")
    s3.get_object(Bucket="data", Key="acme/x")["Body"].read()
    s3.put_object(Bucket="other", Key="acme/x", Body=b"1")
    forward(trailed, 60)
    written, refused = records(trailed)
    assert written["eventName"] == "PutObject"
    assert written["requestParameters"]["bucketName"] == "data"
    assert written["requestParameters"]["key"] == "acme/x"
    assert ":assumed-role/writer/" in written["userIdentity"]["arn"]
    assert "errorCode" not in written
    assert refused["requestParameters"]["key"] == "acme-uk/x"
    assert refused["errorCode"] == "AccessDenied"


def test_a_stopped_trail_writes_nothing(trailed):
    trailed.client("cloudtrail").stop_logging(Name="data")
    trailed.client("s3").put_object(Bucket="data", Key="x", Body=b"1")
    forward(trailed, 60)
    assert records(trailed) == []


def test_a_trail_without_selectors_tells_of_management_and_hides_secrets(aws_factory):
    aws = aws_factory()
    bucket(aws, "audit")
    aws.client("cloudtrail").create_trail(Name="all", S3BucketName="audit", S3KeyPrefix="trail")
    aws.client("cloudtrail").start_logging(Name="all")
    aws.client("secretsmanager").create_secret(Name="one", SecretString="never-to-be-seen")
    aws.client("s3").put_object(Bucket="audit", Key="x", Body=b"1")
    forward(aws, 60)
    found = {record["eventName"]: record for record in records(aws)}
    hidden = found["CreateSecret"]["requestParameters"]["SecretString"]
    assert hidden == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert "never-to-be-seen" not in json.dumps(found)
    assert "PutObject" not in found


def refusal(call, **request):
    with pytest.raises(ClientError) as caught:
        call(**request)
    return caught.value.response["Error"]


def test_a_trail_is_made_only_where_bucket_and_key_let_it_write(secured):
    create = secured.client("cloudtrail").create_trail
    wanted = {"Name": "data", "S3BucketName": "audit", "S3KeyPrefix": "trail"}
    nowhere = refusal(create, Name="data", S3BucketName="none")
    assert nowhere["Code"] == "S3BucketDoesNotExistException"
    assert refusal(create, **wanted)["Code"] == "InsufficientS3BucketPolicyException"
    secured.client("s3").put_bucket_policy(Bucket="audit", Policy=document(MAY))
    elsewhere = {**wanted, "S3KeyPrefix": "elsewhere"}
    assert refusal(create, **elsewhere)["Code"] == "InsufficientS3BucketPolicyException"
    shut = key(secured, "shut")
    code = refusal(create, **wanted, KmsKeyId=shut)["Code"]
    assert code == "InsufficientEncryptionPolicyException"
    missing = refusal(create, **wanted, KmsKeyId=arn("kms", "key/none"))
    assert missing["Code"] == "KmsKeyNotFoundException"
    asked = {"kms:EncryptionContext:aws:cloudtrail:arn": arn("cloudtrail", "trail/*")}
    may = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
        "Condition": {"StringLike": asked},
    }
    mine = key(secured, "trail", may)
    assert create(**wanted, KmsKeyId=mine)["KmsKeyId"] == mine


def test_a_trail_shut_out_later_writes_nothing_and_tells_so(trailed):
    trailed.client("s3").delete_bucket_policy(Bucket="audit")
    trailed.client("s3").put_object(Bucket="data", Key="x", Body=b"1")
    forward(trailed, 60)
    assert records(trailed) == []
    status = trailed.client("cloudtrail").get_trail_status(Name="data")
    assert "does not allow s3:PutObject" in status["LatestDeliveryError"]


def test_digest_files_are_refused_by_name(trailed):
    trails = trailed.client("cloudtrail")
    wanted = {"Name": "digests", "S3BucketName": "audit", "EnableLogFileValidation": True}
    assert "digest files" in refusal(trails.create_trail, **wanted)["Message"]
    changed = {"Name": "data", "EnableLogFileValidation": True}
    assert "cloudtrail:UpdateTrail" in refusal(trails.update_trail, **changed)["Message"]
    trails.update_trail(Name="data", EnableLogFileValidation=False)
