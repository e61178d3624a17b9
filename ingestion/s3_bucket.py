"""One bucket of S3, by conditional writes: first writer wins, nobody lists (reliability.md §3).

The client comes from aws.py.
"""

from collections.abc import Mapping
from typing import Any, Final

from contracts.errors import TryAgain
from ingestion.ports import Head, Stored

_ABSENT: Final = frozenset({"404", "NoSuchKey", "NotFound"})
_TAKEN: Final = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})
_WRITE_TRIES: Final = 5


class S3Bucket:
    """One bucket of S3."""

    def __init__(self, client: Any, name: str, kms_key_arn: str) -> None:
        self._client = client
        self._failure = client.exceptions.ClientError
        self._name = name
        self._key = kms_key_arn

    @property
    def name(self) -> str:
        """Return the bucket's name."""
        return self._name

    def head(self, key: str) -> Head | None:
        """Return what is there under the key."""
        try:
            answer = self._client.head_object(Bucket=self._name, Key=key)
        except self._failure as problem:
            if _code(problem) not in _ABSENT:
                raise
            return None
        return Head(_etag(answer), answer["ContentLength"], answer["LastModified"])

    def get(self, key: str) -> Stored | None:
        """Return a whole object."""
        try:
            answer = self._client.get_object(Bucket=self._name, Key=key)
        except self._failure as problem:
            if _code(problem) not in _ABSENT:
                raise
            return None
        return Stored(answer["Body"].read(), _etag(answer), is_ours=False)

    def get_start(self, key: str, length: int) -> bytes:
        """Return the first `length` bytes of an object that exists."""
        span = f"bytes=0-{length - 1}"
        answer = self._client.get_object(Bucket=self._name, Key=key, Range=span)
        return bytes(answer["Body"].read())

    def put_once(self, key: str, body: bytes, content_type: str = "application/json") -> Stored:
        """Write unless something is there; return what lies there now."""
        for _ in range(_WRITE_TRIES):
            try:
                answer = self._client.put_object(
                    Bucket=self._name,
                    Key=key,
                    Body=body,
                    ContentType=content_type,
                    IfNoneMatch="*",
                    **self._encryption(),
                )
                return Stored(body, _etag(answer))
            except self._failure as problem:
                if _code(problem) not in _TAKEN:
                    raise
            there = self.get(key)
            if there is not None:
                return Stored(there.body, there.etag, is_ours=there.body == body)
        raise TryAgain(f"{key}: written and removed at the same time by others")

    def copy_from(self, bucket: str, key: str, to: str) -> None:
        """Copy an object of another bucket to `to`."""
        try:
            self._client.copy_object(
                Bucket=self._name,
                Key=to,
                CopySource={"Bucket": bucket, "Key": key},
                **self._encryption(),
            )
        except self._failure as problem:
            if _code(problem) in _ABSENT:
                raise TryAgain(f"{key} went away while it was copied") from problem
            raise

    def _encryption(self) -> dict[str, str]:
        # Without the key's id S3 would take AWS's own key, not the product's.
        if not self._key:
            return {}
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self._key}


def _code(problem: Any) -> str:
    return str(problem.response["Error"]["Code"])


def _etag(answer: Mapping[str, Any]) -> str:
    return str(answer["ETag"]).strip('"')
