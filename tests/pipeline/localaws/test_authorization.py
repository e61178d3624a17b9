"""IAM as AWS decides it: variables, tags, keys of conditions, boundaries, explicit denials."""

import json
import urllib.request

import pytest
from botocore.exceptions import ClientError

from tests.support.iam_scenes import (
    Session,
    T,
    allow,
    assume,
    denied,
    document,
    role,
)
from tests.support.localaws_scenes import bucket

pytestmark = pytest.mark.pipeline
DATA = "data-bucket"


@pytest.fixture(scope="module")
def secured(aws_factory):
    aws = aws_factory(LOCALAWS_AUTH="1")
    bucket(aws, DATA)
    for tenant in ("acme", "acme-uk"):
        aws.client("s3").put_object(
            Bucket=DATA, Key=f"{tenant}/calls/same-call", Body=tenant.encode()
        )
    return aws


@pytest.fixture(scope="module")
def reader(secured):
    return role(
        secured,
        "reader",
        allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{DATA}/{T}/*"),
        allow("s3:ListBucket", f"arn:aws:s3:::{DATA}", StringLike={"s3:prefix": f"{T}/*"}),
        path="/app/",
    )


@pytest.fixture(scope="module")
def acme(secured, reader):
    return assume(secured, reader, tenant_id="acme")


@pytest.fixture
def bucket_policy(secured):
    """Set the bucket's policy for one test."""
    s3 = secured.client("s3")

    def put(*statements):
        s3.put_bucket_policy(Bucket=DATA, Policy=document(*statements))

    yield put
    s3.delete_bucket_policy(Bucket=DATA)


def deny(actions, resources, **conditions):
    found = {"Effect": "Deny", "Principal": "*", "Action": actions, "Resource": resources}
    return {**found, "Condition": conditions} if conditions else found


def test_a_session_reaches_what_its_tag_names_and_nothing_else(acme):
    s3 = acme.client("s3")
    assert s3.get_object(Bucket=DATA, Key="acme/calls/same-call")["Body"].read() == b"acme"
    told = denied(s3.get_object, Bucket=DATA, Key="acme-uk/calls/same-call")
    assert "s3:GetObject on resource: arn:aws:s3:::data-bucket/acme-uk/calls/same-call" in told


@pytest.mark.parametrize("prefix", ["acme", "acme-uk/", "", "acme-u"])
def test_a_listing_without_the_slash_of_its_own_tenant_is_refused(acme, prefix):
    denied(acme.client("s3").list_objects_v2, Bucket=DATA, Prefix=prefix)


def test_a_listing_without_a_prefix_is_refused_and_the_own_one_answers(acme):
    denied(acme.client("s3").list_objects_v2, Bucket=DATA)
    found = acme.client("s3").list_objects_v2(Bucket=DATA, Prefix="acme/")
    assert [one["Key"] for one in found["Contents"]] == ["acme/calls/same-call"]


def test_a_session_without_the_tag_matches_no_statement_that_names_it(secured, reader):
    bare = assume(secured, reader)
    denied(bare.client("s3").get_object, Bucket=DATA, Key="acme/calls/same-call")
    denied(bare.client("s3").get_object, Bucket=DATA, Key="/x")


def test_a_tag_of_the_role_counts_and_one_of_the_session_wins(secured):
    tagged = role(
        secured,
        "tagged",
        allow("s3:GetObject", f"arn:aws:s3:::{DATA}/{T}/*"),
        Tags=[{"Key": "tenant_id", "Value": "acme"}],
    )
    own = assume(secured, tagged).client("s3")
    own.get_object(Bucket=DATA, Key="acme/calls/same-call")
    other = assume(secured, tagged, tenant_id="acme-uk").client("s3")
    denied(other.get_object, Bucket=DATA, Key="acme/calls/same-call")


def test_an_older_policy_version_takes_a_variable_for_text(secured):
    older = role(secured, "older")
    secured.client("iam").put_role_policy(
        RoleName="older",
        PolicyName="may",
        PolicyDocument=json.dumps(
            {"Statement": [allow("s3:GetObject", f"arn:aws:s3:::{DATA}/{T}/*")]}
        ),
    )
    session = assume(secured, older, tenant_id="acme")
    denied(session.client("s3").get_object, Bucket=DATA, Key="acme/calls/same-call")


def test_a_denial_by_list_spares_the_role_named_by_its_whole_arn(
    secured, reader, acme, bucket_policy
):
    everything = f"arn:aws:s3:::{DATA}/*"
    bucket_policy(deny("s3:GetObject", everything, ArnNotEquals={"aws:PrincipalArn": reader}))
    acme.client("s3").get_object(Bucket=DATA, Key="acme/calls/same-call")
    denied(secured.client("s3").get_object, Bucket=DATA, Key="acme/calls/same-call")


def test_an_explicit_denial_binds_the_accounts_own_keys_and_can_be_taken_back(
    secured, bucket_policy
):
    bucket_policy(deny("s3:*", [f"arn:aws:s3:::{DATA}", f"arn:aws:s3:::{DATA}/*"]))
    for access_key in ("test", "000000000000"):
        s3 = Session(secured.endpoint, access_key, "test").client("s3")
        told = denied(s3.get_object, Bucket=DATA, Key="acme/calls/same-call")
        assert "explicit deny in a resource-based policy" in told
    secured.client("s3").delete_bucket_policy(Bucket=DATA)
    secured.client("s3").get_object(Bucket=DATA, Key="acme/calls/same-call")


def test_a_denial_with_notprincipal_binds_all_but_the_named(secured, reader, acme, bucket_policy):
    statement = deny("s3:GetObject", f"arn:aws:s3:::{DATA}/*")
    del statement["Principal"]
    bucket_policy({**statement, "NotPrincipal": {"AWS": reader}})
    acme.client("s3").get_object(Bucket=DATA, Key="acme/calls/same-call")
    denied(secured.client("s3").get_object, Bucket=DATA, Key="acme/calls/same-call")


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        {"NumericGreaterThan": {"s3:signatureAge": "600000"}},
        {"Null": {"aws:CalledVia": "false"}},
    ],
)
def test_loopback_counts_as_tls_and_a_fresh_signature_as_young(acme, bucket_policy, condition):
    bucket_policy(deny("s3:*", f"arn:aws:s3:::{DATA}/*", **condition))
    acme.client("s3").get_object(Bucket=DATA, Key="acme/calls/same-call")


def test_what_may_only_be_written_once_is_refused_without_the_condition(acme, bucket_policy):
    bucket_policy(deny("s3:PutObject", f"arn:aws:s3:::{DATA}/*", Null={"s3:if-none-match": "true"}))
    s3 = acme.client("s3")
    denied(s3.put_object, Bucket=DATA, Key="acme/once", Body=b"1")
    s3.put_object(Bucket=DATA, Key="acme/once", Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError) as second:
        s3.put_object(Bucket=DATA, Key="acme/once", Body=b"2", IfNoneMatch="*")
    assert second.value.response["Error"]["Code"] == "PreconditionFailed"
    source = {"Bucket": DATA, "Key": "acme/once"}
    denied(s3.copy_object, Bucket=DATA, Key="acme/copy", CopySource=source)


def test_a_part_of_an_upload_is_no_creation_of_an_object(acme, bucket_policy):
    once = {
        "Null": {"s3:if-none-match": "true"},
        "Bool": {"s3:ObjectCreationOperation": "true"},
    }
    bucket_policy(deny("s3:PutObject", f"arn:aws:s3:::{DATA}/*", **once))
    s3, place = acme.client("s3"), {"Bucket": DATA, "Key": "acme/large"}
    upload = s3.create_multipart_upload(**place)["UploadId"]
    part = s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    denied(s3.complete_multipart_upload, **place, UploadId=upload, MultipartUpload=parts)
    s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload=parts, IfNoneMatch="*")


def test_a_copy_needs_the_right_to_its_source(acme):
    source = {"Bucket": DATA, "Key": "acme-uk/calls/same-call"}
    told = denied(acme.client("s3").copy_object, Bucket=DATA, Key="acme/mine", CopySource=source)
    assert "s3:GetObject on resource: arn:aws:s3:::data-bucket/acme-uk/" in told


def test_a_key_localaws_cannot_fill_is_refused_by_name(acme, bucket_policy):
    bucket_policy(deny("s3:*", f"arn:aws:s3:::{DATA}/*", StringEquals={"s3:MoonPhase": "full"}))
    with pytest.raises(ClientError, match="condition key s3:MoonPhase") as refused:
        acme.client("s3").get_object(Bucket=DATA, Key="acme/calls/same-call")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_presigned_link_keeps_the_rights_of_its_signer(acme):
    def open_(name):
        place = {"Bucket": DATA, "Key": name}
        url = acme.client("s3", signature_version="s3v4").generate_presigned_url(
            "get_object", place
        )
        return urllib.request.urlopen(url).status  # noqa: S310

    assert open_("acme/calls/same-call") == 200
    with pytest.raises(urllib.error.HTTPError, match="403"):
        open_("acme-uk/calls/same-call")


def test_a_session_policy_narrows_and_never_widens(secured, reader):
    narrow = document(allow("s3:GetObject", f"arn:aws:s3:::{DATA}/acme/calls/*"))
    session = assume(secured, reader, narrow, tenant_id="acme").client("s3")
    session.get_object(Bucket=DATA, Key="acme/calls/same-call")
    denied(session.put_object, Bucket=DATA, Key="acme/calls/x", Body=b"")
    wide = document(allow("s3:*", "*"))
    session = assume(secured, reader, wide, tenant_id="acme").client("s3")
    denied(session.get_object, Bucket=DATA, Key="acme-uk/calls/same-call")


def test_a_boundary_binds_a_role_that_may_everything(secured):
    limit = secured.client("iam").create_policy(
        PolicyName="limit",
        PolicyDocument=document(allow("s3:GetObject", f"arn:aws:s3:::{DATA}/{T}/*")),
    )["Policy"]["Arn"]
    bounded = role(secured, "bounded", allow("*", "*"), PermissionsBoundary=limit)
    session = assume(secured, bounded, tenant_id="acme").client("s3")
    session.get_object(Bucket=DATA, Key="acme/calls/same-call")
    denied(session.get_object, Bucket=DATA, Key="acme-uk/calls/same-call")
    denied(session.put_object, Bucket=DATA, Key="acme/calls/x", Body=b"")
