"""boto3 clients with the caller's own credentials, kept warm."""

import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from localaws.athena.failures import QueryFailed
from localaws.caller import Caller

T = TypeVar("T")
Encryption = tuple[tuple[str, str], ...]
_MAKING = threading.Lock()
_DENIED = ("AccessDenied", "AccessDeniedException", "403", "UnauthorizedOperation")


def glue(caller: Caller) -> Any:
    """Return the Glue client of a caller."""
    return _client("glue", caller)


def s3(caller: Caller) -> Any:
    """Return the S3 client of a caller."""
    return _client("s3", caller)


def asked(call: Callable[[], T]) -> T:
    """Return what an AWS call gives; raise QueryFailed, naming the action.

    PERMISSION_DENIED for what the caller may not do, HIVE_FILESYSTEM_ERROR for a missing bucket.
    """
    try:
        return call()
    except ClientError as error:
        if code(error) in _DENIED:
            text = f"Access denied when calling {error.operation_name}: {message(error)}"
            raise QueryFailed("PERMISSION_DENIED", text) from error
        if code(error) == "NoSuchBucket":
            text = f"{message(error)} when calling {error.operation_name}"
            raise QueryFailed("HIVE_FILESYSTEM_ERROR", text) from error
        raise


def put(caller: Caller, location: str, body: Any, encryption: Encryption = ()) -> None:
    """Write an object; `encryption` holds PutObject's own arguments as pairs."""
    bucket, key = split_location(location)
    extra = dict(encryption)
    asked(lambda: s3(caller).put_object(Bucket=bucket, Key=key, Body=body, **extra))


def code(error: ClientError) -> str:
    """Return the error code of a refused call."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message(error: ClientError) -> str:
    """Return the message of a refused call."""
    return str(error.response.get("Error", {}).get("Message", ""))


def split_location(location: str) -> tuple[str, str]:
    """Return bucket and key of `s3://bucket/key`; raise QueryFailed for any other text."""
    scheme, _, rest = location.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme not in ("s3", "s3a", "s3n") or not bucket:
        raise QueryFailed("INVALID_TABLE_PROPERTY", f"Not an S3 location: {location}")
    return bucket, key


@functools.lru_cache(maxsize=64)
def _client(service: str, caller: Caller) -> Any:
    with _MAKING:
        session = boto3.Session(
            aws_access_key_id=caller.access_key,
            aws_secret_access_key=caller.secret_key,
            aws_session_token=caller.session_token,
            region_name=caller.region,
        )
        config = Config(
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 2},
            max_pool_connections=16,
        )
        make: Callable[..., Any] = session.client
        return make(service, endpoint_url=caller.endpoint, config=config)
