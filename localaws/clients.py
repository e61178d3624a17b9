"""A caller -> boto3 clients of this very localaws, for work that goes through the front door.

Making one takes longer than most requests, so they are kept; threads may share a client, but not
the making of one.
"""

import functools
import threading
from collections.abc import Callable
from typing import Any

import boto3

from localaws.caller import Caller


def client(service: str, caller: Caller) -> Any:
    """Return a boto3 client of `service` with the caller's credentials, region and endpoint."""
    with _MAKING:
        return _made(service, caller)


@functools.lru_cache(maxsize=256)
def _made(service: str, caller: Caller) -> Any:
    make: Callable[..., Any] = boto3.client
    return make(
        service,
        endpoint_url=caller.endpoint,
        region_name=caller.region,
        aws_access_key_id=caller.access_key,
        aws_secret_access_key=caller.secret_key,
        aws_session_token=caller.session_token,
    )


_MAKING = threading.Lock()
