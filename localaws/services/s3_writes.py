"""Conditions on writes to S3 that ministack checks on PutObject and forgets on CopyObject."""

from collections.abc import Callable

from ministack.services import s3

from localaws.answers import Answer
from localaws.services import kms_reads

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
