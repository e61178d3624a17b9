"""Two tenants with the same call in one lake, one ledger, one bucket: all that could leak.

The roles are generic, as a product's templates would have them: one role for every tenant, whose
policy names `${aws:PrincipalTag/tenant_id}`. Everything of a tenant holds its canary.
"""

import io
import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.iam_scenes import Session, T, allow, arn, assume, document, key, role
from tests.support.localaws_scenes import bucket
from tests.support.localaws_server import LocalAws, wait_until

TENANTS = ("acme", "acme-uk")
CALL = "same-call"
LAKE, RESULTS, STAGING = "lake-bucket", "results-bucket", "staging-bucket"
LEDGER = "ledger"
COLUMNS = [{"Name": name, "Type": "string"} for name in ("call_id", "canary")]
BY_TAG = {"StringEquals": {"aws:ResourceTag/tenant_id": T}}


@dataclass(frozen=True)
class World:
    """The running server, and per tenant its session, key and a finished query of its own."""

    aws: LocalAws
    sessions: dict[str, Session]
    keys: dict[str, str]
    executions: dict[str, str]


def canary(tenant: str) -> str:
    """Return the text that must be seen by this tenant alone; no tenant's holds another's."""
    return f"<canary of {tenant}>"


def database(tenant: str) -> str:
    """Return the Glue database of a tenant's views."""
    return f"t_{tenant.replace('-', '_')}"


def build(aws: LocalAws) -> World:
    """Fill the server, then shut every door but each tenant's own."""
    for name in (LAKE, RESULTS, STAGING):
        bucket(aws, name)
    keys = {
        tenant: key(aws, f"cci/{tenant}", _key_guard(tenant), tenant_id=tenant)
        for tenant in TENANTS
    }
    _objects(aws, keys)
    _ledger(aws)
    _secrets(aws, keys)
    _catalogue(aws, keys)
    reader = role(aws, "tenant-read", *_may())
    sessions = {tenant: assume(aws, reader, tenant_id=tenant) for tenant in TENANTS}
    _bucket_policies(aws)
    own = "select call_id, canary from calls"
    executions = {tenant: start(sessions[tenant], tenant, own) for tenant in TENANTS}
    return World(aws, sessions, keys, executions)


def start(session: Session, tenant: str, sql: str, group: str | None = None, **more: Any) -> str:
    """Run a query in the tenant's work group and database; return its id once it ended."""
    athena = session.client("athena")
    query = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": database(tenant)},
        WorkGroup=group or f"tenant-{tenant}",
        **more,
    )["QueryExecutionId"]
    wait_until(lambda: status(session, query)["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"))
    return str(query)


def status(session: Session, query: str) -> dict[str, Any]:
    """Return the status of a query."""
    found = session.client("athena").get_query_execution(QueryExecutionId=query)
    return dict(found["QueryExecution"]["Status"])


def rows(session: Session, query: str) -> list[list[str | None]]:
    """Return the rows of a finished query, without its header."""
    found = session.client("athena").get_query_results(QueryExecutionId=query)
    return [
        [cell.get("VarCharValue") for cell in row["Data"]] for row in found["ResultSet"]["Rows"][1:]
    ]


def encrypted(key_arn: str) -> dict[str, str]:
    """Return the arguments that write an object under a key."""
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_arn}


def _objects(aws: LocalAws, keys: dict[str, str]) -> None:
    for tenant in TENANTS:
        table = pa.table({"call_id": [CALL], "canary": [canary(tenant)]})
        buffer = io.BytesIO()
        pq.write_table(table, buffer)
        under = encrypted(keys[tenant])
        put = aws.client("s3").put_object
        published = f"published/calls/tenant_id={tenant}/run=1/part-0.parquet"
        put(Bucket=LAKE, Key=published, Body=buffer.getvalue(), **under)
        final = json.dumps({"call_id": CALL, "canary": canary(tenant)}).encode()
        put(Bucket=RESULTS, Key=f"{tenant}/final/{CALL}.json", Body=final, **under)
        put(Bucket=RESULTS, Key=f"tmp/{tenant}/{CALL}.json", Body=final, **under)


def _ledger(aws: LocalAws) -> None:
    dynamodb = aws.client("dynamodb")
    dynamodb.create_table(
        TableName=LEDGER,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_call",
                "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    for tenant in TENANTS:
        dynamodb.put_item(
            TableName=LEDGER,
            Item={
                "pk": {"S": f"TENANT#{tenant}"},
                "sk": {"S": f"CALL#{CALL}"},
                "canary": {"S": canary(tenant)},
            },
        )


def _secrets(aws: LocalAws, keys: dict[str, str]) -> None:
    for tenant in TENANTS:
        aws.client("secretsmanager").create_secret(
            Name=f"cci/{tenant}/hash-key",
            SecretString=canary(tenant),
            KmsKeyId=keys[tenant],
            Tags=[{"Key": "tenant_id", "Value": tenant}],
        )


def _catalogue(aws: LocalAws, keys: dict[str, str]) -> None:
    glue, athena = aws.client("glue"), aws.client("athena")
    glue.create_database(DatabaseInput={"Name": "shared"})
    location = f"s3://{LAKE}/published/calls/"
    parquet = "org.apache.hadoop.hive.ql.io.parquet"
    storage = {
        "Columns": COLUMNS,
        "Location": location,
        "InputFormat": f"{parquet}.MapredParquetInputFormat",
        "OutputFormat": f"{parquet}.MapredParquetOutputFormat",
        "SerdeInfo": {"SerializationLibrary": f"{parquet}.serde.ParquetHiveSerDe"},
    }
    glue.create_table(
        DatabaseName="shared",
        TableInput={
            "Name": "calls",
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", "classification": "parquet"},
            "PartitionKeys": [{"Name": "tenant_id", "Type": "string"}],
            "StorageDescriptor": storage,
        },
    )
    for tenant in TENANTS:
        glue.create_partition(
            DatabaseName="shared",
            TableName="calls",
            PartitionInput={
                "Values": [tenant],
                "StorageDescriptor": {
                    **storage,
                    "Location": f"{location}tenant_id={tenant}/run=1/",
                },
            },
        )
        glue.create_database(DatabaseInput={"Name": database(tenant)})
        output = {
            "OutputLocation": f"s3://{STAGING}/tenant-{tenant}/",
            "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": keys[tenant]},
        }
        athena.create_work_group(
            Name=f"tenant-{tenant}",
            Configuration={"EnforceWorkGroupConfiguration": True, "ResultConfiguration": output},
        )
        _view(aws, tenant)


def _view(aws: LocalAws, tenant: str) -> None:
    own = Session(aws.endpoint, "test", "test")
    where = f"select call_id, canary, tenant_id from shared.calls where tenant_id = '{tenant}'"
    query = start(own, tenant, f"create view calls as {where}")
    assert status(own, query)["State"] == "SUCCEEDED", status(own, query)


def _may() -> list[dict[str, Any]]:
    s3 = "arn:aws:s3:::"
    through = {
        "kms:ViaService": [f"{s}.eu-central-1.amazonaws.com" for s in ("s3", "secretsmanager")]
    }
    own_key = {"StringEquals": {"aws:ResourceTag/tenant_id": T, **through}}
    own_items = {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"TENANT#{T}", f"TENANT#{T}#*"]},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }
    catalogue = [arn("glue", "catalog")]
    for name in ("shared", "t_*"):
        catalogue += [arn("glue", f"database/{name}"), arn("glue", f"table/{name}/*")]
    return [
        allow("s3:GetBucketLocation", [s3 + name for name in (LAKE, RESULTS, STAGING)]),
        allow(
            "s3:ListBucket", s3 + LAKE, StringLike={"s3:prefix": f"published/calls/tenant_id={T}/*"}
        ),
        allow("s3:ListBucket", s3 + RESULTS, StringLike={"s3:prefix": f"{T}/*"}),
        allow("s3:ListBucket", s3 + STAGING, StringLike={"s3:prefix": f"tenant-{T}/*"}),
        allow(
            "s3:GetObject",
            [f"{s3}{LAKE}/published/calls/tenant_id={T}/*", f"{s3}{RESULTS}/{T}/final/*"],
        ),
        allow(["s3:GetObject", "s3:PutObject"], f"{s3}{STAGING}/tenant-{T}/*"),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], arn("kms", "key/*"), **own_key),
        allow("athena:*", arn("athena", f"workgroup/tenant-{T}")),
        allow(["glue:Get*", "glue:BatchGet*"], catalogue),
        allow(
            "dynamodb:*",
            [arn("dynamodb", f"table/{LEDGER}"), arn("dynamodb", f"table/{LEDGER}/index/*")],
            **own_items,
        ),
        allow(
            "secretsmanager:GetSecretValue", arn("secretsmanager", f"secret:cci/{T}/*"), **BY_TAG
        ),
    ]


def _key_guard(tenant: str) -> dict[str, Any]:
    return {
        "Sid": "DenyOtherTenants",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        "Resource": "*",
        "Condition": {
            "StringNotEquals": {"aws:PrincipalTag/tenant_id": tenant},
            "Null": {"aws:PrincipalTag/tenant_id": "false"},
        },
    }


def _bucket_policies(aws: LocalAws) -> None:
    areas = {
        LAKE: [f"published/calls/tenant_id={T}/*"],
        RESULTS: [f"{T}/*", f"tmp/{T}/*"],
        STAGING: [f"tenant-{T}/*"],
    }
    tagged = {"Null": {"aws:PrincipalTag/tenant_id": "false"}}
    for name, own in areas.items():
        everybody = {"Effect": "Deny", "Principal": "*"}
        objects = {
            **everybody,
            "Sid": "DenyOtherTenantObjects",
            "Action": "s3:*",
            "NotResource": [
                f"arn:aws:s3:::{name}",
                *(f"arn:aws:s3:::{name}/{area}" for area in own),
            ],
            "Condition": tagged,
        }
        listing = {
            **everybody,
            "Sid": "DenyOtherTenantList",
            "Action": ["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"],
            "Resource": f"arn:aws:s3:::{name}",
            "Condition": {**tagged, "StringNotLike": {"s3:prefix": own}},
        }
        plain = {
            **everybody,
            "Sid": "DenyPlainText",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        policy = document(objects, listing, plain)
        aws.client("s3").put_bucket_policy(Bucket=name, Policy=policy)
