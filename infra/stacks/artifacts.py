"""The bucket that deployed code lies in; the only stack that must exist before an upload."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.config import bucket_name, tag


class Artifacts(Stack):
    """`cci-lite-artifacts`: versioned, private, old versions gone after 90 days."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        tag(self, "artifacts", "none")
        bucket = s3.CfnBucket(
            self,
            "Bucket",
            bucket_name=bucket_name("artifacts"),
            versioning_configuration=s3.CfnBucket.VersioningConfigurationProperty(status="Enabled"),
            public_access_block_configuration=s3.CfnBucket.PublicAccessBlockConfigurationProperty(
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
            ),
            lifecycle_configuration=s3.CfnBucket.LifecycleConfigurationProperty(
                rules=[
                    s3.CfnBucket.RuleProperty(
                        id="old-versions",
                        status="Enabled",
                        noncurrent_version_expiration=(
                            s3.CfnBucket.NoncurrentVersionExpirationProperty(noncurrent_days=90)
                        ),
                    )
                ]
            ),
        )
        bucket.apply_removal_policy(RemovalPolicy.RETAIN)
