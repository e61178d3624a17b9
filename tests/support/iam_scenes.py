"""Roles, tenant sessions and keys on a localaws that enforces IAM."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.localaws_server import ACCOUNT, REGION, LocalAws

Statement = dict[str, Any]
T = "${aws:PrincipalTag/tenant_id}"
ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}


def document(*statements: Statement) -> str:
    """Return a policy of today's version."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(
    actions: str | Sequence[str], resources: str | Sequence[str], **conditions: Any
) -> Statement:
    """Return an Allow; conditions by operator."""
    found: Statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return {**found, "Condition": conditions} if conditions else found


def arn(service: str, resource: str) -> str:
    """Return an ARN of the tests' account and region."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


@dataclass
class Session:
    """Somebody's credentials: `client("s3")`, `key` for the request log."""

    endpoint: str
    key: str
    secret: str
    token: str | None = None
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str, **config: Any) -> Any:
        """Return the (cached) client of these credentials; no retries hide a fault."""
        name = f"{service}{config}"
        if name not in self.clients:
            make: Callable[..., Any] = boto3.client
            self.clients[name] = make(
                service,
                endpoint_url=self.endpoint,
                region_name=REGION,
                aws_access_key_id=self.key,
                aws_secret_access_key=self.secret,
                aws_session_token=self.token,
                config=Config(retries={"max_attempts": 0}, read_timeout=120, **config),
            )
        return self.clients[name]


def role(aws: LocalAws, name: str, *statements: Statement, path: str = "/", **more: Any) -> str:
    """Make a role the account may assume and tag, with one inline policy; return its ARN."""
    trust = {**ROOT, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    more.setdefault("AssumeRolePolicyDocument", document(trust))
    made = aws.client("iam").create_role(RoleName=name, Path=path, **more)
    if statements:
        aws.client("iam").put_role_policy(
            RoleName=name, PolicyName="may", PolicyDocument=document(*statements)
        )
    return str(made["Role"]["Arn"])


def assume(aws: LocalAws, role_arn: str, policy: str | None = None, **tags: str) -> Session:
    """Return a session of a role with session tags, narrowed by `policy` if one is given."""
    extra = {"Policy": policy} if policy else {}
    found = aws.client("sts").assume_role(
        RoleArn=role_arn,
        RoleSessionName="-".join(["session", *tags.values()]),
        Tags=[{"Key": name, "Value": value} for name, value in tags.items()],
        **extra,
    )["Credentials"]
    return Session(
        aws.endpoint, found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"]
    )


def key(aws: LocalAws, alias: str, *statements: Statement, **tags: str) -> str:
    """Make a KMS key with root delegation and more statements; return its ARN."""
    delegation = {**ROOT, "Action": "kms:*", "Resource": "*"}
    made = aws.client("kms").create_key(
        Policy=document(delegation, *statements),
        Tags=[{"TagKey": name, "TagValue": value} for name, value in tags.items()],
    )["KeyMetadata"]
    aws.client("kms").create_alias(AliasName=f"alias/{alias}", TargetKeyId=made["KeyId"])
    return str(made["Arn"])


def denied(call: Callable[..., Any], *given: Any, **named: Any) -> str:
    """Return the message of a call that must be refused as AccessDenied; fail on anything else."""
    with pytest.raises(ClientError) as caught:
        call(*given, **named)
    error = caught.value.response["Error"]
    status = caught.value.response["ResponseMetadata"]["HTTPStatusCode"]
    codes = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "403")
    assert error["Code"] in codes, error
    assert status in (400, 403), status
    return str(error["Message"])
