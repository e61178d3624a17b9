"""A caller -> the same caller as a service acts for them: `aws:CalledVia` names the service.

AWS passes a service's calls on as a forward access session. Here that is a session of its own with
the caller's principal, tags and session policies; it ends when the caller's does.
"""

import dataclasses
import time
from typing import Any

from ministack import app
from ministack.core import iam_evaluator
from ministack.services import sts

from localaws.caller import Caller

_LONG = 12 * 3600
_MADE: dict[tuple[str, str], str] = {}


def forwarded(caller: Caller, service: str) -> Caller:
    """Return the caller as `service` calls on for them; without authorization the caller."""
    if not app.AUTH:
        return caller
    known = _MADE.get((caller.access_key, service), "")
    session = sts._sessions.get(known) or _make(caller, service)
    return dataclasses.replace(
        caller,
        access_key=_MADE[caller.access_key, service],
        secret_key=session["SecretAccessKey"],
        session_token=session["SessionToken"],
    )


def _make(caller: Caller, service: str) -> dict[str, Any]:
    parent = sts._sessions.get(caller.access_key) or _of_long_term_key(caller)
    session = {
        **parent,
        "SecretAccessKey": sts._gen_secret(),
        "SessionToken": sts._gen_session_token(),
        "SourceAccessKeyId": caller.access_key,
        "CalledVia": [*(parent.get("CalledVia") or []), service],
    }
    access_key = sts._gen_session_access_key()
    sts.register_session(access_key, session)
    _MADE[caller.access_key, service] = access_key
    return session


def _of_long_term_key(caller: Caller) -> dict[str, Any]:
    found = iam_evaluator.resolve_credential(caller.access_key, caller.account)
    return {
        "Arn": found.principal_arn,
        "UserId": found.principal_id,
        "AccountId": found.account_id,
        "PrincipalType": found.principal_type,
        "PrincipalName": found.principal_name,
        "Expiration": time.time() + _LONG,
    }
