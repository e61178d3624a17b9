"""IAM beyond S3: who may take or hand on a role; what Transcribe, SQS, KMS and Glue ask."""

import pytest
from botocore.exceptions import ClientError

from tests.support.iam_scenes import ROOT, T, allow, arn, assume, denied, document, key, role
from tests.support.localaws_scenes import bucket, queue

pytestmark = pytest.mark.pipeline

DATA = "data-bucket"


@pytest.fixture(scope="module")
def secured(aws_factory):
    aws = aws_factory(LOCALAWS_AUTH="1")
    bucket(aws, DATA)
    return aws


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
