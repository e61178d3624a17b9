"""A caller -> boto3 clients of this very localaws, for work that goes through the front door."""

from collections.abc import Callable
from typing import Any

import boto3

from localaws.caller import Caller


def client(service: str, caller: Caller) -> Any:
    """Return a boto3 client of `service` with the caller's credentials, region and endpoint."""
    make: Callable[..., Any] = boto3.client
    return make(
        service,
        endpoint_url=caller.endpoint,
        region_name=caller.region,
        aws_access_key_id=caller.access_key,
        aws_secret_access_key=caller.secret_key,
        aws_session_token=caller.session_token,
    )
