"""A trail -> whether CloudTrail may write into its bucket, under its key, as their policies say.

AWS asks when a trail is made or changed, and with every file. Policies count with authorization
only. What could not be delivered is told by `GetTrailStatus`.
"""

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from ministack import app
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudtrail, kms, s3

from localaws.answers import Answer, error_answer
from localaws.bridge import operation_of
from localaws.errors import ApiError
from localaws.iam.deliveries import Refused, Sender, denied
from localaws.services import encryption_keys

Handler = Callable[..., Awaitable[Answer]]
Trail = dict[str, Any]

_PRINCIPAL = "cloudtrail.amazonaws.com"
_FAILURE = "_LatestDeliveryError"
_LOG = logging.getLogger("localaws")
_ACL = {"s3:x-amz-acl": "bucket-owner-full-control"}


def in_front_of(original: Handler) -> Handler:
    """Return ours for CloudTrail's `handle_request`."""

    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query: Any
    ) -> Answer:
        operation = operation_of(headers)
        try:
            if operation in ("CreateTrail", "UpdateTrail"):
                _check(json.loads(body or b"{}"))
        except ApiError as error:
            return error_answer(error)
        answer = await original(method, path, headers, body, query)
        return _with_error(json.loads(body), answer) if operation == "GetTrailStatus" else answer

    return handle_request


def refused(trail: Trail, key: str) -> Refused | None:
    """Return why CloudTrail may not write `key` into a trail's bucket, None if it may."""
    bucket = trail["S3BucketName"]
    if not app.AUTH:
        return None
    sender = Sender(_PRINCIPAL, trail["TrailARN"], get_account_id())
    policy = (s3.bucket_policy_for_arn(f"arn:aws:s3:::{bucket}") or ("",))[0]
    return denied(
        policy, "s3:PutObject", f"arn:aws:s3:::{bucket}/{key}", sender, _ACL
    ) or _key_refused(trail, sender)


def folder(trail: Trail, account: str) -> str:
    """Return the prefix in a trail's bucket below which its files are."""
    before = f"{trail['S3KeyPrefix']}/" if trail.get("S3KeyPrefix") else ""
    return f"{before}AWSLogs/{account}/CloudTrail/"


def remember(trail: Trail, failure: str) -> None:
    """Keep why the last file could not be written; "" when it could."""
    if failure:
        _LOG.warning("the trail %s could not write: %s", trail["Name"], failure)
    trail[_FAILURE] = failure


def _check(given: Trail) -> None:
    name = str(given.get("Name", "")).rpartition("/")[2]
    arn = f"arn:aws:cloudtrail:{get_region()}:{get_account_id()}:trail/{name}"
    trail = {**(cloudtrail._trails.get(name) or {}), **given, "TrailARN": arn}
    bucket = str(trail.get("S3BucketName", ""))
    if bucket not in s3._buckets:
        raise ApiError("S3BucketDoesNotExistException", f"S3 bucket {bucket} does not exist!")
    _key_usable(trail)
    shut = refused(trail, folder(trail, get_account_id()))
    if shut is None:
        return
    of_key = ":kms:" in shut.text.partition(" does not ")[0]
    code = (
        "InsufficientEncryptionPolicyException" if of_key else "InsufficientS3BucketPolicyException"
    )
    raise ApiError(code, f"{shut.text}: add a statement that does")


def _key_usable(trail: Trail) -> None:
    if not trail.get("KmsKeyId"):
        return
    try:
        encryption_keys.usable(trail["KmsKeyId"])
    except ApiError as error:
        missing = error.code == "NotFoundException"
        code = "KmsKeyNotFoundException" if missing else "KmsException"
        raise ApiError(code, error.message) from error


def _key_refused(trail: Trail, sender: Sender) -> Refused | None:
    key = encryption_keys.known(trail.get("KmsKeyId") or "")
    if key is None:
        return None
    context = {
        "kms:encryptioncontextkeys": ["aws:cloudtrail:arn"],
        "kms:encryptioncontext:aws:cloudtrail:arn": sender.arn,
    }
    policy = (kms.key_policy_for_arn(key["Arn"]) or ("",))[0]
    return denied(policy, "kms:GenerateDataKey", key["Arn"], sender, context)


def _with_error(given: Trail, answer: Answer) -> Answer:
    name = str(given.get("Name", "")).rpartition("/")[2]
    error = (cloudtrail._trails.get(name) or {}).get(_FAILURE)
    if answer[0] >= 300 or not error:
        return answer
    told = {**json.loads(answer[2]), "LatestDeliveryError": error}
    return answer[0], answer[1], json.dumps(told).encode()
