"""The KMS key that S3, SQS or SNS encrypts with: found, made when it is AWS's own, fit for use.

`aws:kms` without a key means the key AWS keeps for the service (`alias/aws/s3`): made here when
first asked for, with the policy AWS gives it, everybody of the account through that service.
"""

import json
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import kms

from localaws.answers import Answer
from localaws.errors import ApiError

Record = dict[str, Any]
Function = Callable[..., Any]

_MANAGED = "alias/aws/"
_ACTIONS = ("Encrypt", "Decrypt", "ReEncrypt*", "GenerateDataKey*", "CreateGrant", "DescribeKey")
_UNFIT = {
    "Disabled": ("DisabledException", "{} is disabled."),
    "PendingDeletion": ("KMSInvalidStateException", "{} is pending deletion."),
    "PendingImport": ("KMSInvalidStateException", "{} is pending import."),
}


def usable(name: str) -> Record:
    """Return the enabled key that `name` (id, ARN or alias) means.

    Raise ApiError with KMS's code for a key that does not exist or may not be used now.
    """
    key = known(name)
    if key is None:
        arn = name if name.startswith("arn:") else arn_of(name)
        raise ApiError("NotFoundException", f"Key '{arn}' does not exist")
    if key["KeyState"] in _UNFIT:
        code, text = _UNFIT[key["KeyState"]]
        raise ApiError(code, text.format(key["Arn"]))
    return key


def known(name: str) -> Record | None:
    """Return the key that `name` means, None when there is none of the account and region."""
    service = name.rpartition(_MANAGED)[2] if _MANAGED in name else ""
    if service and kms._resolve_key(name) is None:
        _make_managed(service)
    found: Record | None = kms._resolve_key(name)
    return found


def managed(service: str) -> str:
    """Return the name of the key AWS keeps for a service of this account."""
    return f"{_MANAGED}{service}"


def described(original: Function) -> Function:
    """Return ours for KMS's `_describe_key`: to ask for AWS's own key makes it, as in AWS."""

    def describe_key(request: Record) -> Answer:
        known(request.get("KeyId") or "")
        answer: Answer = original(request)
        return answer

    return describe_key


def with_manager(original: Function) -> Function:
    """Return ours for KMS's `_key_metadata`: the key behind `alias/aws/…` is managed by AWS."""

    def key_metadata(record: Record) -> Record:
        own = any(
            key_id == record["KeyId"] and f":{_MANAGED}" in alias
            for alias, key_id in kms._aliases.items()
        )
        return {**original(record), "KeyManager": "AWS" if own else "CUSTOMER"}

    return key_metadata


def arn_of(name: str) -> str:
    """Return the ARN a bare id or alias would have in this account and region."""
    kind = name if name.startswith("alias/") else f"key/{name}"
    return f"arn:aws:kms:{get_region()}:{get_account_id()}:{kind}"


def _make_managed(service: str) -> None:
    account, region = get_account_id(), get_region()
    policy = {
        "Version": "2012-10-17",
        "Id": f"auto-{service}-1",
        "Statement": [
            {
                "Sid": f"Allow access through {service} for all principals of the account",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [f"kms:{action}" for action in _ACTIONS],
                "Resource": "*",
                "Condition": {
                    "StringEquals": {
                        "kms:CallerAccount": account,
                        "kms:ViaService": f"{service}.{region}.amazonaws.com",
                    }
                },
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*"],
                "Resource": "*",
            },
        ],
    }
    text = f"Default key that protects my {service} data when no other key is defined"
    answer: Answer = kms._create_key({"Description": text, "Policy": json.dumps(policy)})
    key_id = json.loads(answer[2])["KeyMetadata"]["KeyId"]
    kms._create_alias({"AliasName": managed(service), "TargetKeyId": key_id})
