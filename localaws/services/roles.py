"""A role a process runs under -> the caller that process is."""

import dataclasses
import hashlib

from ministack import app
from ministack.services import sts

from localaws.caller import Caller


def as_role(role: str, session: str, caller: Caller) -> Caller:
    """Return `caller` as a session of `role` (its name or ARN).

    With authorization on the role's policies then bind; without, everybody may do everything and
    the test credentials stay.
    """
    if not app.AUTH:
        return dataclasses.replace(caller, access_key="test", secret_key="test", session_token=None)  # noqa: S106
    name = role.rpartition("/")[2]
    digest = hashlib.sha256(f"{caller.account}/{name}/{session}".encode()).hexdigest()
    access_key, token = f"ASIA{digest[:16].upper()}", f"token-{digest}"
    record = {
        "Arn": f"arn:aws:sts::{caller.account}:assumed-role/{name}/{session[:64]}",
        "UserId": f"{name}:{session[:64]}",
        "SecretAccessKey": digest,
        "SessionToken": token,
    }
    sts.register_session(access_key, record)
    return dataclasses.replace(
        caller, access_key=access_key, secret_key=digest, session_token=token
    )
