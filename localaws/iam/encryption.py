"""What a request needs of KMS besides its own permission: the key behind the object or message.

S3, SQS, SNS and Secrets Manager use the key in the caller's name, so the caller's policies and the
key's must allow it, through that service (`kms:ViaService`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ministack.services import s3, secretsmanager, sns, sqs

from localaws.iam.requests import Asked
from localaws.services import encryption_keys

KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"
ALGORITHM_HEADER = "x-amz-server-side-encryption"
_S3_ARN = "arn:aws:s3:::"
_READS = ("s3:GetObject", "s3:GetObjectVersion")


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One KMS action a service does for the caller, with the encryption context it gives."""

    action: str
    key: str
    service: str
    context: dict[str, str]


def key_uses(asked: Asked, action: str, arn: str) -> Iterator[KeyUse]:
    """Yield what one authorised action on `arn` needs of KMS."""
    if action.startswith("s3:"):
        yield from _of_object(asked, action, arn)
    elif action in ("sqs:SendMessage", "sqs:ReceiveMessage"):
        queue = sqs._queue_by_arn(arn) or {}
        key = queue.get("attributes", {}).get("KmsMasterKeyId")
        reads_only = action == "sqs:ReceiveMessage"
        yield from _of_message(key, "sqs", {"aws:sqs:arn": arn}, reads_only=reads_only)
    elif action == "sns:Publish":
        topic = sns._topic_by_arn_any_scope(arn) or {}
        key = topic.get("attributes", {}).get("KmsMasterKeyId")
        yield from _of_message(key, "sns", {"aws:sns:topicArn": arn}, reads_only=False)
    elif action == "secretsmanager:GetSecretValue":
        _, secret = secretsmanager._resolve(arn)
        key = (secret or {}).get("KmsKeyId")
        if key and encryption_keys.known(key):
            yield KeyUse("kms:Decrypt", key, "secretsmanager", {"SecretARN": arn})


def stored_key(bucket: str, key: str, version: str | None) -> str | None:
    """Return the KMS key that protects an object, None when it has none or does not exist."""
    if version and version != "null":
        versions = s3._object_versions.get((bucket, key), [])
        found = next((one for one in versions if one["version_id"] == version), None)
    else:
        found = (s3._buckets.get(bucket) or {}).get("objects", {}).get(key)
    kept = (found or {}).get("preserved_headers") or {}
    return kept.get(KEY_HEADER)


def key_of_write(bucket: str, headers: dict[str, str]) -> str | None:
    """Return the key a write would use: the request's, else the bucket's, else AWS's own."""
    given = {name: headers[name] for name in (ALGORITHM_HEADER, KEY_HEADER) if headers.get(name)}
    wanted: dict[str, Any] = given if ALGORITHM_HEADER in given else _default(bucket)
    if wanted.get(ALGORITHM_HEADER) != "aws:kms":
        return None
    return str(wanted.get(KEY_HEADER) or encryption_keys.managed("s3"))


def _of_object(asked: Asked, action: str, arn: str) -> Iterator[KeyUse]:
    bucket, _, name = arn.removeprefix(_S3_ARN).partition("/")
    context = {"aws:s3:arn": f"{_S3_ARN}{bucket}" if _has_bucket_key(bucket) else arn}
    if action in _READS and _reads_bytes(asked):
        key = stored_key(bucket, name, _version(asked, arn))
        if key:
            yield KeyUse("kms:Decrypt", key, "s3", context)
    elif action == "s3:PutObject" and name:
        upload = s3._multipart_uploads.get(asked.parameter("uploadId") or "")
        if upload is not None:
            key = upload.get("preserved_headers", {}).get(KEY_HEADER)
            if key:
                yield KeyUse("kms:Decrypt", key, "s3", context)
            return
        headers = {one: asked.header(one) or "" for one in (ALGORITHM_HEADER, KEY_HEADER)}
        key = key_of_write(bucket, headers)
        if key:
            yield KeyUse("kms:GenerateDataKey", key, "s3", context)


def _reads_bytes(asked: Asked) -> bool:
    return asked.method != "HEAD" or (asked.header("x-amz-checksum-mode") or "") == "ENABLED"


def _version(asked: Asked, arn: str) -> str | None:
    source = unquote(asked.headers.get("x-amz-copy-source", ""))
    path, _, version = source.partition("?versionId=")
    if source and arn == f"{_S3_ARN}{path.lstrip('/')}":
        return version or None
    return asked.parameter("versionId")


def _of_message(
    key: str | None, service: str, context: dict[str, str], *, reads_only: bool
) -> Iterator[KeyUse]:
    if key and not reads_only:
        yield KeyUse("kms:GenerateDataKey", key, service, context)
    if key:
        yield KeyUse("kms:Decrypt", key, service, context)


def _default(bucket: str) -> dict[str, Any]:
    found: dict[str, Any] = s3._bucket_default_sse_headers(bucket)
    return found


def _has_bucket_key(bucket: str) -> bool:
    return "<BucketKeyEnabled>true<" in (s3._bucket_encryption.get(bucket) or "")
