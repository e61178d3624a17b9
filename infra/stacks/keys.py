"""The platform's key: queues, topics, tables, logs and everything that belongs to no tenant."""

from aws_cdk import CfnOutput, Fn, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from contracts.names import MASTER_KEY_ALIAS
from infra.config import tag

SERVICES = ("events", "sns", "sqs", "s3")


class Keys(Stack):
    """`alias/cci-lite-master-key`, rotated; services only on behalf of this account."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        tag(self, "keys", "none")
        key = kms.CfnKey(self, "MasterKey", enable_key_rotation=True, key_policy=_policy())
        key.apply_removal_policy(RemovalPolicy.RETAIN)
        kms.CfnAlias(
            self, "MasterKeyAlias", alias_name=MASTER_KEY_ALIAS, target_key_id=key.attr_key_id
        )
        CfnOutput(self, "MasterKeyArn", value=key.attr_arn, export_name="cci-lite-master-key-arn")


def _policy() -> dict[str, object]:
    root = Fn.sub("arn:aws:iam::${AWS::AccountId}:root")
    statements: list[dict[str, object]] = [
        {
            "Sid": "AccountDelegates",
            "Effect": "Allow",
            "Principal": {"AWS": root},
            "Action": "kms:*",
            "Resource": "*",
        }
    ]
    statements += [
        {
            "Sid": f"Service{service.capitalize()}",
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": Fn.ref("AWS::AccountId")}},
        }
        for service in SERVICES
    ]
    return {"Version": "2012-10-17", "Statement": [*statements, _logs()]}


def _logs() -> dict[str, object]:
    """CloudWatch Logs asks as its region's principal and names the log group it encrypts."""
    groups = Fn.sub("arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:*")
    return {
        "Sid": "ServiceLogs",
        "Effect": "Allow",
        "Principal": {"Service": Fn.sub("logs.${AWS::Region}.amazonaws.com")},
        "Action": [
            "kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*",
            "kms:Describe*",
        ],
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    }  # fmt: skip
