"""S3 objects under a KMS key: no write without a key that exists and is enabled, no read either.

The caller's own right to the key is IAM's matter (`localaws/iam/encryption.py`); this holds
without authorization too.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from ministack.services import s3

from localaws.answers import Answer
from localaws.errors import ApiError
from localaws.iam.encryption import ALGORITHM_HEADER, KEY_HEADER, stored_key
from localaws.services import encryption_keys

Function = Callable[..., Any]
Headers = dict[str, str]


def checked_write(original: Function) -> Function:
    """Return ours for `_resolve_sse_write_headers`: the key exists, is enabled, has its full ARN.

    `aws:kms` without a key means AWS's own for S3, in a request and in a bucket's default.
    """

    def resolve_sse_write_headers(headers: Headers, bucket: str) -> tuple[Any, Any]:
        if headers.get(ALGORITHM_HEADER) == "aws:kms" and not headers.get(KEY_HEADER):
            headers = {**headers, KEY_HEADER: encryption_keys.managed("s3")}
        found, refused = original(headers, bucket)
        if refused or found.get(ALGORITHM_HEADER) != "aws:kms":
            return found, refused
        try:
            key = encryption_keys.usable(found.get(KEY_HEADER) or encryption_keys.managed("s3"))
        except ApiError as error:
            return None, refusal(error)
        return {**found, KEY_HEADER: key["Arn"]}, None

    return resolve_sse_write_headers


def checked_read(original: Function) -> Function:
    """Return ours for `_get_object`: the bytes only while the key may decrypt."""

    def get_object(*request: Any) -> Answer:
        answer: Answer = original(*request)
        return _unless_unfit(answer[1].get(KEY_HEADER), answer) if answer[0] < 300 else answer

    return get_object


def checked_source(original: Function) -> Function:
    """Return ours for the copies, which read their source."""

    def copy(bucket: str, target: str, *given: Any) -> Answer:
        path, _, version = unquote(given[-1].get("x-amz-copy-source", "")).partition("?versionId=")
        source, _, name = path.lstrip("/").partition("/")
        refused = _unfit(stored_key(source, name, version or None))
        answer: Answer = refused or original(bucket, target, *given)
        return answer

    return copy


def refusal(error: ApiError) -> Answer:
    """Return a fault of the key as S3 tells it."""
    answer: Answer = s3._error(f"KMS.{error.code}", error.message, error.status)
    return answer


def _unless_unfit(key: str | None, answer: Answer) -> Answer:
    return _unfit(key) or answer


def _unfit(key: str | None) -> Answer | None:
    if key is None:
        return None
    try:
        encryption_keys.usable(key)
    except ApiError as error:
        return refusal(error)
    return None
