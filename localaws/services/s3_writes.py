"""Writes to S3 as AWS does them: conditions hold for copies, and what is acknowledged is kept."""

from collections.abc import Callable
from typing import Any

from ministack.services import s3

from localaws.answers import Answer
from localaws.services import kms_reads

Persist = Callable[[str, str, Any], None]
Copy = Callable[[str, str, dict[str, str]], Answer]


def checked_copy(original: Copy) -> Copy:
    """Return ministack's CopyObject: the target's conditions obeyed, the source's key asked."""
    copied = kms_reads.checked_source(original)

    def copy_object(bucket_name: str, dest_key: str, headers: dict[str, str]) -> Answer:
        bucket = s3._ensure_bucket(bucket_name)
        standing = bucket["objects"].get(dest_key) if bucket else None
        refusal: Answer | None = s3._check_put_preconditions(headers, standing)
        return refusal or copied(bucket_name, dest_key, headers)

    return copy_object


def kept_or_failed(original: Persist) -> Persist:
    """Return ministack's writing of an object to disk, which fails when the disk does.

    ministack logs a warning, keeps the bytes in memory and answers 200.
    """

    def persist_object(bucket: str, key: str, obj: Any) -> None:
        original(bucket, key, obj)
        if isinstance(obj, dict) and obj.get("body") is not None:
            raise OSError(f"s3://{bucket}/{key} could not be written to disk; see the log")

    return persist_object
