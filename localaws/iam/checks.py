"""One authorisation of ministack's -> every check AWS makes for it.

The action itself on each resource it touches, `iam:PassRole` on roles handed on, the tags of a
new object, and the use of the KMS key behind what is read or written.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ministack.services import iam

from localaws.iam import leading_keys
from localaws.iam.encryption import KeyUse, key_uses
from localaws.iam.requests import Asked
from localaws.iam.resources import resources
from localaws.services import encryption_keys

Context = dict[str, Any]

_PASSED = {
    "events:PutTargets": ("Targets.RoleArn", "events"),
    "glue:CreateJob": ("Role", "glue"),
    "glue:UpdateJob": ("JobUpdate.Role", "glue"),
    "lambda:CreateFunction": ("Role", "lambda"),
    "lambda:UpdateFunctionConfiguration": ("Role", "lambda"),
    "scheduler:CreateSchedule": ("Target.RoleArn", "scheduler"),
    "scheduler:UpdateSchedule": ("Target.RoleArn", "scheduler"),
    "states:CreateStateMachine": ("roleArn", "states"),
    "transcribe:StartCallAnalyticsJob": ("DataAccessRoleArn", "transcribe"),
    "transcribe:StartTranscriptionJob": ("JobExecutionSettings.DataAccessRoleArn", "transcribe"),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the policies: may the caller do `action` on `resource` of `service`."""

    action: str
    service: str
    resource: str
    context: Context = field(default_factory=dict)


def checks(asked: Asked, first: Check, region: str, account: str) -> Iterator[Check]:
    """Yield what must be allowed; `first` is what ministack wanted to ask.

    Raise ApiError when a key that is needed does not exist or may not be used.
    """
    for one in _of_the_action(asked, first, region, account):
        yield one
        for use in key_uses(asked, one.action, one.resource):
            yield _of_key(use, region)
    if first.action == asked.action:
        yield from _of_passed_roles(asked)
        if first.action == "s3:PutObject" and asked.header("x-amz-tagging"):
            yield Check("s3:PutObjectTagging", "s3", first.resource)


def _of_the_action(asked: Asked, first: Check, region: str, account: str) -> Iterator[Check]:
    if first.action != asked.action:
        yield first
        return
    found = leading_keys.statements(asked)
    for one in found:
        action, resource = _partiql(one, region, account)
        yield Check(action, first.service, resource, first.context)
    if found:
        return
    for resource in resources(asked, first.resource, region, account):
        yield Check(first.action, first.service, resource, first.context)
        if ":inference-profile/" in resource:
            yield _of_model_behind(first, resource, region)


def _partiql(one: Context, region: str, account: str) -> tuple[str, str]:
    inner = one.get("select", one)
    table = f"arn:aws:dynamodb:{region}:{account}:table/{inner['table']}"
    index = f"/index/{inner['index']}" if inner.get("index") else ""
    return leading_keys.PARTIQL[one["op"]], table + index


def _of_model_behind(first: Check, profile: str, region: str) -> Check:
    model = profile.rpartition("/")[2].partition(".")[2]
    arn = f"arn:aws:bedrock:{region}::foundation-model/{model}"
    return Check(first.action, first.service, arn, {"bedrock:InferenceProfileArn": profile})


def _of_key(use: KeyUse, region: str) -> Check:
    key = encryption_keys.usable(use.key)
    context = {
        "kms:ViaService": f"{use.service}.{region}.amazonaws.com",
        "kms:EncryptionContextKeys": list(use.context),
        **{f"kms:EncryptionContext:{name}": value for name, value in use.context.items()},
    }
    return Check(use.action, "kms", key["Arn"], context)


def _of_passed_roles(asked: Asked) -> Iterator[Check]:
    path, service = _PASSED.get(asked.action, ("", ""))
    for role in _at(asked.parameters, path.split(".")) if path else ():
        known = iam._roles.get(role.rpartition("/")[2]) or {}
        arn = known.get("Arn") or role
        passed = {"iam:PassedToService": f"{service}.amazonaws.com"}
        yield Check("iam:PassRole", "iam", arn, passed)


def _at(value: Any, path: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _at(one, path)
    elif path and isinstance(value, dict):
        yield from _at(value.get(path[0]), path[1:])
    elif not path and isinstance(value, str):
        yield value
