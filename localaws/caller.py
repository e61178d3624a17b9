"""Who sent a request: the credentials and scope that the work done for it must use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of one request; `endpoint` is the address of this very localaws."""

    endpoint: str
    region: str
    account: str
    access_key: str
    secret_key: str
    session_token: str | None = None
