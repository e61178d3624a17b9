"""S3, DynamoDB, KMS and secrets: each door opens to its own tenant and to no other."""

import urllib.error
import urllib.request

import pytest

from tests.isolation.world import (
    CALL,
    LAKE,
    LEDGER,
    RESULTS,
    STAGING,
    TENANTS,
    build,
    canary,
    encrypted,
)
from tests.support.iam_scenes import allow, assume, denied, role

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def world(aws_factory):
    return build(aws_factory(LOCALAWS_AUTH="1"))


def final(tenant):
    return {"Bucket": RESULTS, "Key": f"{tenant}/final/{CALL}.json"}


def lake_file(tenant):
    return {"Bucket": LAKE, "Key": f"published/calls/tenant_id={tenant}/run=1/part-0.parquet"}


def item(tenant):
    return {"pk": {"S": f"TENANT#{tenant}"}, "sk": {"S": f"CALL#{CALL}"}}


def listed(session, bucket, prefix):
    found = session.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
    return [one["Key"] for one in found.get("Contents", [])]


def query(session, tenant):
    return session.client("dynamodb").query(
        TableName=LEDGER,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"TENANT#{tenant}"}},
    )["Items"]


# door -> what a session does there for the tenant named
DOORS = {
    "s3 get": lambda _w, s, t: s.client("s3").get_object(**final(t))["Body"].read(),
    "s3 get of the lake": lambda _w, s, t: s.client("s3").get_object(**lake_file(t))["Body"].read(),
    "s3 range": lambda _w, s, t: s.client("s3").get_object(**final(t), Range="bytes=0-9"),
    "s3 head": lambda _w, s, t: s.client("s3").head_object(**final(t)),
    "s3 list": lambda _w, s, t: listed(s, RESULTS, f"{t}/"),
    "s3 list of the lake": lambda _w, s, t: listed(s, LAKE, f"published/calls/tenant_id={t}/"),
    "s3 put": lambda w, s, t: s.client("s3").put_object(
        Bucket=STAGING, Key=f"tenant-{t}/x", Body=b"x", **encrypted(w.keys[t])
    ),
    "s3 copy": lambda w, s, t: s.client("s3").copy_object(
        Bucket=STAGING, Key=f"tenant-{t}/y", CopySource=final(t), **encrypted(w.keys[t])
    ),
    "s3 multipart": lambda w, s, t: s.client("s3").create_multipart_upload(
        Bucket=STAGING, Key=f"tenant-{t}/z", **encrypted(w.keys[t])
    ),
    "dynamodb get": lambda _w, s, t: s.client("dynamodb").get_item(TableName=LEDGER, Key=item(t)),
    "dynamodb query": lambda _w, s, t: query(s, t),
    "dynamodb put": lambda _w, s, t: s.client("dynamodb").put_item(
        TableName=LEDGER, Item={**item(t), "canary": {"S": canary(t)}}
    ),
    "dynamodb transact": lambda _w, s, t: s.client("dynamodb").transact_get_items(
        TransactItems=[{"Get": {"TableName": LEDGER, "Key": item(t)}}]
    ),
    "dynamodb batch": lambda _w, s, t: s.client("dynamodb").batch_get_item(
        RequestItems={LEDGER: {"Keys": [item(t)]}}
    ),
    "secret": lambda _w, s, t: s.client("secretsmanager").get_secret_value(
        SecretId=f"cci/{t}/hash-key"
    ),
}


@pytest.mark.parametrize("tenant", TENANTS)
@pytest.mark.parametrize("door", DOORS)
def test_the_own_door_opens(world, tenant, door):
    answer = str(DOORS[door](world, world.sessions[tenant], tenant))
    assert all(canary(other) not in answer for other in TENANTS if other != tenant)


@pytest.mark.parametrize("tenant", TENANTS)
@pytest.mark.parametrize("door", DOORS)
def test_the_same_door_of_another_tenant_is_denied(world, tenant, door):
    session = world.sessions[tenant]
    for other in TENANTS:
        if other != tenant:
            denied(DOORS[door], world, session, other)


NOWHERE = {
    "s3 list of everything": lambda s, _t: listed(s, RESULTS, ""),
    "s3 list without the slash": lambda s, t: listed(s, RESULTS, t),
    "s3 versions": lambda s, _t: s.client("s3").list_object_versions(Bucket=RESULTS),
    "s3 buckets": lambda s, _t: s.client("s3").list_buckets(),
    "s3 raw transcript": lambda s, t: s.client("s3").get_object(
        Bucket=RESULTS, Key=f"tmp/{t}/{CALL}.json"
    ),
    "s3 delete": lambda s, t: s.client("s3").delete_object(**final(t)),
    "dynamodb scan": lambda s, _t: s.client("dynamodb").scan(TableName=LEDGER),
    "dynamodb index": lambda s, _t: s.client("dynamodb").query(
        TableName=LEDGER,
        IndexName="by_call",
        KeyConditionExpression="sk = :sk",
        ExpressionAttributeValues={":sk": {"S": f"CALL#{CALL}"}},
    ),
    "dynamodb partiql": lambda s, _t: s.client("dynamodb").execute_statement(
        Statement=f'SELECT * FROM "{LEDGER}"'
    ),
    "kms directly": lambda s, t: s.client("kms").encrypt(KeyId=f"alias/cci/{t}", Plaintext=b"x"),
    "kms policy": lambda s, t: s.client("kms").get_key_policy(KeyId=f"alias/cci/{t}"),
    "secrets listed": lambda s, _t: s.client("secretsmanager").list_secrets(),
    "role": lambda s, _t: s.client("sts").assume_role(
        RoleArn="arn:aws:iam::000000000000:role/nobody", RoleSessionName="next"
    ),
}


@pytest.mark.parametrize("tenant", TENANTS)
@pytest.mark.parametrize("door", NOWHERE)
def test_what_names_no_single_tenant_is_denied_also_for_the_own(world, tenant, door):
    for named in TENANTS:
        denied(NOWHERE[door], world.sessions[tenant], named)


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_role_that_may_everything_is_still_held_by_bucket_and_key(world, tenant):
    name = f"careless-{tenant}"
    careless = assume(world.aws, role(world.aws, name, allow("*", "*")), tenant_id=tenant)
    for other in TENANTS:
        if other == tenant:
            careless.client("s3").get_object(**final(other))
            continue
        for door in ("s3 get", "s3 get of the lake", "s3 list", "s3 put", "s3 copy", "secret"):
            told = denied(DOORS[door], world, careless, other)
            assert "explicit deny in a resource-based policy" in told


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_link_of_a_session_opens_its_own_object_only(world, tenant):
    s3 = world.sessions[tenant].client("s3", signature_version="s3v4")
    for other in TENANTS:
        link = s3.generate_presigned_url("get_object", final(other))
        if other == tenant:
            with urllib.request.urlopen(link) as answer:  # noqa: S310
                assert canary(tenant) in answer.read().decode()
            continue
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(link)  # noqa: S310


@pytest.mark.parametrize("tag", ["", "ACME", "acme/", "tmp", "published"])
def test_a_tag_that_is_no_tenant_reaches_nothing(world, tag):
    odd = assume(world.aws, "arn:aws:iam::000000000000:role/tenant-read", tenant_id=tag)
    for tenant in TENANTS:
        for door in ("s3 get", "s3 list", "dynamodb get", "secret"):
            denied(DOORS[door], world, odd, tenant)
