"""IAM as AWS decides it: variables, tags, keys of conditions, boundaries, explicit denials."""

import json
import urllib.request

import pytest
from botocore.exceptions import ClientError

from tests.support.iam_scenes import (
    ROOT,
    Session,
    T,
    allow,
    arn,
    assume,
    denied,
    document,
    key,
    role,
)
from tests.support.localaws_scenes import bucket, queue

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


def test_a_trust_policy_asks_for_exactly_the_tenant_tag(secured):
    trust = {
        **ROOT,
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "StringLike": {"aws:RequestTag/tenant_id": "?*"},
            "ForAllValues:StringEquals": {"aws:TagKeys": ["tenant_id"]},
        },
    }
    strict = role(secured, "strict", AssumeRolePolicyDocument=document(trust))
    assume(secured, strict, tenant_id="acme")
    for tags in ({}, {"tenant_id": ""}, {"tenant_id": "acme", "team": "x"}, {"team": "x"}):
        denied(assume, secured, strict, **tags)


def test_a_role_its_trust_names_may_assume_without_a_policy_of_its_own(secured):
    worker = role(secured, "worker")
    trust = {"Effect": "Allow", "Principal": {"AWS": worker}, "Action": "sts:AssumeRole"}
    target = role(secured, "target", AssumeRolePolicyDocument=document(trust))
    session = assume(secured, worker)
    session.client("sts").assume_role(RoleArn=target, RoleSessionName="next")
    stranger = assume(secured, role(secured, "stranger"))
    denied(stranger.client("sts").assume_role, RoleArn=target, RoleSessionName="next")


def test_handing_on_a_role_needs_passrole_for_that_service(secured):
    handed = role(secured, "handed", path="/app/")
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{DATA}/job.py"}

    def maker(name, service):
        may = allow("iam:PassRole", handed, StringEquals={"iam:PassedToService": service})
        made = role(secured, name, allow("glue:CreateJob", "*"), may)
        return assume(secured, made).client("glue")

    maker("glue-maker", "glue.amazonaws.com").create_job(Name="a", Role=handed, Command=command)
    other = maker("lambda-maker", "lambda.amazonaws.com")
    told = denied(other.create_job, Name="b", Role=handed, Command=command)
    assert f"iam:PassRole on resource: {handed}" in told


def test_transcribe_may_write_only_where_the_condition_says(secured):
    start = allow(
        "transcribe:StartTranscriptionJob",
        "*",
        StringLike={"transcribe:OutputKey": f"tmp/{T}/*"},
        StringEquals={"transcribe:OutputBucketName": DATA, "aws:RequestTag/tenant_id": T},
    )
    made = role(secured, "starter", start, allow("s3:*", f"arn:aws:s3:::{DATA}/*"))
    session = assume(secured, made, tenant_id="acme").client("transcribe")
    wanted = {
        "Media": {"MediaFileUri": f"s3://{DATA}/acme/audio/none.wav"},
        "LanguageCode": "en-GB",
        "OutputBucketName": DATA,
    }
    own = {"Tags": [{"Key": "tenant_id", "Value": "acme"}], "OutputKey": "tmp/acme/one.json"}
    foreign = {**own, "OutputKey": "tmp/acme-uk/one.json"}
    untagged = {"OutputKey": "tmp/acme/one.json"}
    with pytest.raises(ClientError) as allowed:
        session.start_transcription_job(TranscriptionJobName="one", **wanted, **own)
    assert allowed.value.response["Error"]["Code"] == "BadRequestException"  # no such recording
    for wrong in (foreign, untagged):
        denied(session.start_transcription_job, TranscriptionJobName="two", **wanted, **wrong)


def test_a_batch_of_messages_is_authorised_as_the_single_action(secured):
    url, queue_arn = queue(secured, "batches")
    session = assume(secured, role(secured, "sender", allow("sqs:SendMessage", queue_arn)))
    session.client("sqs").send_message_batch(
        QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "x"}]
    )
    denied(session.client("sqs").receive_message, QueueUrl=url)


def test_the_tag_of_a_resource_decides(secured):
    mine = key(secured, "mine", tenant_id="acme")
    other = key(secured, "other", tenant_id="acme-uk")
    may = allow("kms:Encrypt", "*", StringEquals={"aws:ResourceTag/tenant_id": T})
    kms = assume(secured, role(secured, "encrypter", may), tenant_id="acme").client("kms")
    kms.encrypt(KeyId=mine, Plaintext=b"x")
    kms.encrypt(KeyId="alias/mine", Plaintext=b"x")
    denied(kms.encrypt, KeyId=other, Plaintext=b"x")
    denied(kms.encrypt, KeyId="alias/other", Plaintext=b"x")


def test_the_encryption_context_decides(secured):
    shared = key(secured, "context")
    may = allow("kms:*", shared, StringEquals={"kms:EncryptionContext:tenant_id": T})
    kms = assume(secured, role(secured, "context", may), tenant_id="acme").client("kms")
    kms.encrypt(KeyId=shared, Plaintext=b"x", EncryptionContext={"tenant_id": "acme"})
    denied(kms.encrypt, KeyId=shared, Plaintext=b"x", EncryptionContext={"tenant_id": "acme-uk"})
    denied(kms.encrypt, KeyId=shared, Plaintext=b"x")


def test_the_catalogue_is_asked_for_catalogue_database_and_table(secured):
    glue = secured.client("glue")
    for database in ("one", "two"):
        glue.create_database(DatabaseInput={"Name": database})
        glue.create_table(DatabaseName=database, TableInput={"Name": "calls"})
    parts = [arn("glue", "catalog"), arn("glue", "database/one"), arn("glue", "table/one/calls")]
    reads = assume(secured, role(secured, "cataloguer", allow("glue:Get*", parts))).client("glue")
    reads.get_table(DatabaseName="one", Name="calls")
    told = denied(reads.get_table, DatabaseName="two", Name="calls")
    assert "glue:GetTable on resource" in told
    assert "database/two" in told
    no_database = [parts[0], parts[2]]
    half = assume(secured, role(secured, "half", allow("glue:Get*", no_database))).client("glue")
    denied(half.get_table, DatabaseName="one", Name="calls")


def test_lists_and_deletes_of_the_catalogue_are_asked_for_all_they_touch(secured):
    glue = secured.client("glue")
    glue.create_database(DatabaseInput={"Name": "lists"})
    glue.create_table(DatabaseName="lists", TableInput={"Name": "calls"})
    catalog, one = arn("glue", "catalog"), arn("glue", "database/lists")
    tables, functions = arn("glue", "table/lists/*"), arn("glue", "userDefinedFunction/lists/*")

    def client(name, *parts):
        return assume(secured, role(secured, name, allow("glue:*", parts))).client("glue")

    own = client("own-database", catalog, one, arn("glue", "table/lists/calls"))
    assert "database/*" in denied(own.get_databases)
    assert "table/lists/*" in denied(own.get_tables, DatabaseName="lists")
    assert "database/*" in denied(own.search_tables)
    assert "catalog" in denied(client("no-catalogue", arn("glue", "database/*")).get_databases)
    every = client("every-database", catalog, arn("glue", "database/*"))
    assert "lists" in {found["Name"] for found in every.get_databases()["DatabaseList"]}
    assert "table/*/*" in denied(every.search_tables)
    half = client("without-functions", catalog, one, tables)
    assert len(half.get_tables(DatabaseName="lists")["TableList"]) == 1
    assert "userDefinedFunction/lists/*" in denied(half.delete_database, Name="lists")
    client("whole", catalog, one, tables, functions).delete_database(Name="lists")
