"""Objects expire by the clock tests move: versions, markers, uploads; nothing else does."""

import urllib.error

import pytest
from botocore.exceptions import ClientError

from tests.support.localaws_scenes import bucket, forward

pytestmark = pytest.mark.pipeline

DAYS = 86400
NAME = "expiring"


def rules(aws, *given, name=NAME):
    aws.client("s3").put_bucket_lifecycle_configuration(
        Bucket=name, LifecycleConfiguration={"Rules": [{"Status": "Enabled", **r} for r in given]}
    )


@pytest.fixture
def aws_now(aws_factory):
    """A server of the test's own: the clock moves one way only."""
    server = aws_factory()
    bucket(server, NAME)
    return server


def keys(aws):
    return [one["Key"] for one in aws.client("s3").list_objects_v2(Bucket=NAME).get("Contents", [])]


def test_objects_go_when_their_days_are_over_and_new_ones_stay(aws_now):
    s3 = aws_now.client("s3")
    short = {"And": {"Prefix": "acme/", "Tags": [{"Key": "retention", "Value": "short"}]}}
    rules(
        aws_now,
        {"ID": "tmp", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}},
        {"ID": "short", "Filter": short, "Expiration": {"Days": 7}},
    )
    s3.put_object(Bucket=NAME, Key="tmp/old", Body=b"1")
    s3.put_object(Bucket=NAME, Key="acme/kept", Body=b"1")
    s3.put_object(Bucket=NAME, Key="acme/short", Body=b"1", Tagging="retention=short")
    forward(aws_now, 60)
    assert keys(aws_now) == ["acme/kept", "acme/short", "tmp/old"]
    forward(aws_now, 2 * DAYS)
    s3.put_object(Bucket=NAME, Key="tmp/new", Body=b"1")
    forward(aws_now, 60)
    assert keys(aws_now) == ["acme/kept", "acme/short", "tmp/new"]
    forward(aws_now, 7 * DAYS)
    assert keys(aws_now) == ["acme/kept"]


def test_with_versions_a_marker_comes_first_then_the_version_then_the_marker_go(aws_now):
    s3 = aws_now.client("s3")
    s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
    rules(
        aws_now,
        {
            "Filter": {"Prefix": ""},
            "Expiration": {"Days": 1},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
        {"Filter": {"Prefix": ""}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
    )
    s3.put_object(Bucket=NAME, Key="call", Body=b"1")

    def standing():
        found = s3.list_object_versions(Bucket=NAME)
        return len(found.get("Versions", [])), len(found.get("DeleteMarkers", []))

    forward(aws_now, 2 * DAYS)
    assert standing() == (1, 1)
    forward(aws_now, 2 * DAYS)
    assert standing() == (0, 1)
    forward(aws_now, 60)
    assert standing() == (0, 0)


def test_an_unfinished_upload_is_aborted(aws_now):
    s3 = aws_now.client("s3")
    whole = {"Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}
    rules(aws_now, whole)
    s3.create_multipart_upload(Bucket=NAME, Key="large")
    forward(aws_now, 2 * DAYS)
    assert s3.list_multipart_uploads(Bucket=NAME).get("Uploads", []) == []


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"Filter": {}, "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]}, "Transition"),
        ({"Prefix": "tmp/", "Expiration": {"Days": 1}}, "Prefix"),
    ],
)
def test_a_rule_that_would_not_be_applied_is_refused_by_name(aws, rule, named):
    bucket(aws, f"refusing-{named.lower()}")
    with pytest.raises(ClientError, match=named) as refused:
        rules(aws, rule, name=f"refusing-{named.lower()}")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_the_clock_goes_forward_only(aws):
    with pytest.raises(urllib.error.HTTPError, match="400"):
        forward(aws, -1)


def test_a_copy_and_a_completed_upload_obey_if_none_match(aws):
    name = bucket(aws, "written-once")
    s3, place = aws.client("s3"), {"Bucket": name, "Key": "target"}
    s3.put_object(**place, Body=b"first")
    s3.put_object(Bucket=name, Key="source", Body=b"second")
    upload = s3.create_multipart_upload(**place)["UploadId"]
    part = s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"second")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    for call, given in (
        (s3.copy_object, {"CopySource": f"{name}/source"}),
        (s3.complete_multipart_upload, {"UploadId": upload, "MultipartUpload": parts}),
    ):
        with pytest.raises(ClientError) as refused:
            call(**place, **given, IfNoneMatch="*")
        assert refused.value.response["Error"]["Code"] == "PreconditionFailed"
    assert s3.get_object(**place)["Body"].read() == b"first"
