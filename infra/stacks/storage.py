"""The four data buckets and the two tables: what outlives every deployment."""

from dataclasses import dataclass

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from constructs import Construct

from contracts import ledger
from contracts.names import CONFIG_TABLE, LEDGER_TABLE
from infra import config
from infra.config import bucket_arn, bucket_name, master_key_arn, tag

Rule = s3.CfnBucket.RuleProperty


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index: how the items of a table are found by something else."""

    name: str
    pk: str
    sk: str
    projection: str


class Storage(Stack):
    """Buckets encrypted, versioned and private; tables on demand with recovery."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        tag(self, "storage", "personal")
        transcript_days = config.TRANSCRIPT_DAYS.declare(self)
        results_days = config.RESULTS_DAYS.declare(self)
        _bucket(self, "input", [_expire("all", config.INPUT_DAYS.declare(self))], events=True)
        working = [_expire("working", transcript_days, "tmp/"), _expire("all", results_days)]
        _bucket(self, "results", working, events=True)
        _bucket(self, "lake", [_expire("intents", 30, "tables/_intents/done/")], noncurrent=7)
        _bucket(self, "athena-staging", [_expire("all", config.STAGING_DAYS.declare(self))])
        _table(self, "ConfigTable", CONFIG_TABLE, [Index("by_kind", "kind", "pk", "ALL")])
        indexes = [
            Index(ledger.BY_DAY, "day_pk", "sk", "KEYS_ONLY"),
            Index(ledger.BY_STATE, "state_pk", "state_sk", "ALL"),
        ]
        _table(self, "LedgerTable", LEDGER_TABLE, indexes)


def _bucket(
    stack: Stack, kind: str, rules: list[Rule], *, events: bool = False, noncurrent: int = 1
) -> None:
    bucket = s3.CfnBucket(
        stack,
        f"Bucket{kind.title().replace('-', '')}",
        bucket_name=bucket_name(kind),
        versioning_configuration=s3.CfnBucket.VersioningConfigurationProperty(status="Enabled"),
        public_access_block_configuration=s3.CfnBucket.PublicAccessBlockConfigurationProperty(
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        ),
        ownership_controls=s3.CfnBucket.OwnershipControlsProperty(
            rules=[
                s3.CfnBucket.OwnershipControlsRuleProperty(object_ownership="BucketOwnerEnforced")
            ]
        ),
        bucket_encryption=_encryption(),
        lifecycle_configuration=s3.CfnBucket.LifecycleConfigurationProperty(
            rules=[*rules, *_clean_up(noncurrent)]
        ),
        notification_configuration=s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
                event_bridge_enabled=True
            )
        )
        if events
        else None,
    )
    bucket.apply_removal_policy(RemovalPolicy.RETAIN)
    s3.CfnBucketPolicy(
        stack,
        f"Policy{kind.title().replace('-', '')}",
        bucket=bucket.ref,
        policy_document=_deny_plain_text(kind),
    )


def _encryption() -> s3.CfnBucket.BucketEncryptionProperty:
    default = s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
        sse_algorithm="aws:kms", kms_master_key_id=master_key_arn()
    )
    return s3.CfnBucket.BucketEncryptionProperty(
        server_side_encryption_configuration=[
            s3.CfnBucket.ServerSideEncryptionRuleProperty(
                bucket_key_enabled=True, server_side_encryption_by_default=default
            )
        ]
    )


def _expire(rule_id: str, days: int, prefix: str | None = None) -> Rule:
    return Rule(id=f"expire-{rule_id}", status="Enabled", prefix=prefix, expiration_in_days=days)


def _clean_up(noncurrent: int) -> list[Rule]:
    gone = s3.CfnBucket.NoncurrentVersionExpirationProperty(noncurrent_days=noncurrent)
    abort = s3.CfnBucket.AbortIncompleteMultipartUploadProperty(days_after_initiation=1)
    return [
        Rule(
            id="noncurrent",
            status="Enabled",
            noncurrent_version_expiration=gone,
            abort_incomplete_multipart_upload=abort,
        ),
        Rule(id="delete-markers", status="Enabled", expired_object_delete_marker=True),
    ]


def _deny_plain_text(kind: str) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "DenyPlainText",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket_arn(kind), bucket_arn(kind, "*")],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }


def _key_schema(pk: str, sk: str) -> list[dynamodb.CfnTable.KeySchemaProperty]:
    return [
        dynamodb.CfnTable.KeySchemaProperty(attribute_name=pk, key_type="HASH"),
        dynamodb.CfnTable.KeySchemaProperty(attribute_name=sk, key_type="RANGE"),
    ]


def _table(
    stack: Stack,
    construct_id: str,
    name: str,
    indexes: list[Index],
) -> None:
    keys = {"pk", "sk"} | {key for index in indexes for key in (index.pk, index.sk)}
    table = dynamodb.CfnTable(
        stack,
        construct_id,
        table_name=name,
        billing_mode="PAY_PER_REQUEST",
        key_schema=_key_schema("pk", "sk"),
        attribute_definitions=[
            dynamodb.CfnTable.AttributeDefinitionProperty(attribute_name=key, attribute_type="S")
            for key in sorted(keys)
        ],
        global_secondary_indexes=[
            dynamodb.CfnTable.GlobalSecondaryIndexProperty(
                index_name=index.name,
                key_schema=_key_schema(index.pk, index.sk),
                projection=dynamodb.CfnTable.ProjectionProperty(projection_type=index.projection),
            )
            for index in indexes
        ],
        point_in_time_recovery_specification=(
            dynamodb.CfnTable.PointInTimeRecoverySpecificationProperty(
                point_in_time_recovery_enabled=True
            )
        ),
        sse_specification=dynamodb.CfnTable.SSESpecificationProperty(
            sse_enabled=True, sse_type="KMS", kms_master_key_id=master_key_arn()
        ),
        time_to_live_specification=dynamodb.CfnTable.TimeToLiveSpecificationProperty(
            attribute_name="expires_at", enabled=True
        ),
        deletion_protection_enabled=True,
    )
    table.apply_removal_policy(RemovalPolicy.RETAIN)
