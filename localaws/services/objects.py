"""S3 as the AI services need it: read a recording, write a result, with the caller's own rights."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from localaws.caller import Caller
from localaws.services.media import Unusable


@dataclass(frozen=True, slots=True)
class Place:
    """One object: bucket and key, the key as it is."""

    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class Encryption:
    """What a job was told to encrypt its output with; nothing means the bucket's own way."""

    key_id: str | None = None
    context: dict[str, str] = field(default_factory=dict)


class Objects(Protocol):
    """Reading and writing objects; tests pass a dict behind it."""

    def size(self, place: Place) -> int | None:
        """Return the bytes of the object, or None when it is absent or out of reach."""

    def read(self, place: Place) -> bytes | None:
        """Return the object, or None when it is absent or out of reach."""

    def write(self, place: Place, body: bytes, kind: str, encryption: Encryption) -> None:
        """Store `body` with content type `kind`; raise Unusable saying why it could not."""


class S3Objects:
    """Objects behind the S3 of this very localaws."""

    def __init__(self, caller: Caller) -> None:
        self._s3 = _client(caller)

    def size(self, place: Place) -> int | None:
        """Return the bytes of the object, or None when it is absent or out of reach."""
        try:
            head = self._s3.head_object(Bucket=place.bucket, Key=place.key)
        except ClientError as error:
            _raise_unless_unreadable(error)
            return None
        return int(head["ContentLength"])

    def read(self, place: Place) -> bytes | None:
        """Return the object, or None when it is absent or out of reach."""
        try:
            found = self._s3.get_object(Bucket=place.bucket, Key=place.key)
        except ClientError as error:
            _raise_unless_unreadable(error)
            return None
        body: bytes = found["Body"].read()
        return body

    def write(self, place: Place, body: bytes, kind: str, encryption: Encryption) -> None:
        """Store `body` with content type `kind`; raise Unusable saying why it could not."""
        more: dict[str, Any] = {}
        if encryption.key_id:
            more = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": encryption.key_id}
        try:
            self._s3.put_object(
                Bucket=place.bucket, Key=place.key, Body=body, ContentType=kind, **more
            )
        except ClientError as error:
            where = f"s3://{place.bucket}/{place.key}"
            raise Unusable(f"The output could not be written to {where}: {error}") from error


@lru_cache(maxsize=64)
def _client(caller: Caller) -> Any:
    # A session each: boto3's default one is shared and not safe to use from several threads.
    session = boto3.session.Session(
        aws_access_key_id=caller.access_key,
        aws_secret_access_key=caller.secret_key,
        aws_session_token=caller.session_token,
        region_name=caller.region,
    )
    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2})
    return session.client("s3", endpoint_url=caller.endpoint, config=config)


def _raise_unless_unreadable(error: ClientError) -> None:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if status not in (403, 404):
        raise error
