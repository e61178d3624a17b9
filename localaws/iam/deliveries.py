"""What a service sends on its own -> why the target's policy or its key's keeps it out, if so.

A rule, topic, alarm or bucket reaches its queue, topic or function as the service itself, with its
ARN as `aws:SourceArn`. Policies are asked with authorization only, the key's state always.
"""

from dataclasses import dataclass
from typing import Any

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.services import kms, lambda_svc, sns, sqs

from localaws.errors import ApiError
from localaws.iam.keys import UnknownKey
from localaws.services import encryption_keys

Context = dict[str, Any]

_KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")
_NAMES = {"sqs": "aws:sqs:arn", "sns": "aws:sns:topicArn"}


@dataclass(frozen=True, slots=True)
class Sender:
    """A service (`events.amazonaws.com`) and what of it sends: the ARN and its account."""

    principal: str
    arn: str
    account: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing arrives: EventBridge's word for it, and a text that says what to change."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class _Target:
    """A queue, topic or function: the action it is reached by, its policy, its key."""

    service: str
    arn: str
    action: str
    policy: Any
    key: str | None = None


def refused(sender: Sender, arn: str, more: Context | None = None) -> Refused | None:
    """Return why `sender` may not deliver to `arn`; None when it may, or arn is of another kind.

    `more` is what the service tells of itself besides, by condition key in lower case.
    """
    if arn.split(":")[2] not in ("sqs", "sns", "lambda"):
        return None
    target = _target(arn)
    if target is None:
        return Refused("NO_RESOURCE", f"{arn} does not exist")
    shut = denied(target.policy, target.action, arn, sender, more or {}) if app.AUTH else None
    return shut or key_refused(sender, target.service, arn, target.key)


def key_refused(sender: Sender, service: str, arn: str, key: str | None) -> Refused | None:
    """Return why the key behind queue or topic `arn` keeps `sender` out, None when it does not."""
    if not key:
        return None
    try:
        found = encryption_keys.usable(key)
    except ApiError as error:
        return Refused("NO_RESOURCE", f"the key of {arn}: {error.message}")
    context = {
        "kms:viaservice": f"{service}.{get_region()}.amazonaws.com",
        "kms:encryptioncontextkeys": [_NAMES[service]],
        f"kms:encryptioncontext:{_NAMES[service].lower()}": arn,
    }
    policy = (kms.key_policy_for_arn(found["Arn"]) or ("",))[0]
    for action in _KEY_ACTIONS if app.AUTH else ():
        shut = denied(policy, action, found["Arn"], sender, context)
        if shut:
            return shut
    return None


def denied(policy: Any, action: str, arn: str, sender: Sender, context: Context) -> Refused | None:
    """Return why a resource's policy keeps `sender` from doing `action`, None when it does not.

    A condition key nobody here fills fits no Allow and might fit a Deny: it is named.
    """
    asked = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=arn,
        region=get_region(),
        service_context={
            "aws:sourcearn": sender.arn,
            "aws:sourceaccount": sender.account,
            **context,
        },
    )
    try:
        found = iam_evaluator.evaluate_resource_policy(policy, asked, service=sender.principal)
    except UnknownKey as error:
        text = f"the policy of {arn} asks for the condition key {error}, which localaws never has"
        return Refused("NO_PERMISSIONS", text)
    if found.decision == "Allow":
        return None
    text = f"the policy of {arn} does not allow {action} to {sender.principal} for {sender.arn}"
    return Refused("NO_PERMISSIONS", text)


def _target(arn: str) -> _Target | None:
    service = arn.split(":")[2]
    if service == "sqs":
        queue = sqs._queue_by_arn(arn)
        return queue and _with_key(service, arn, "sqs:SendMessage", queue["attributes"])
    if service == "sns":
        topic = sns._topic_by_arn_any_scope(arn)
        return topic and _with_key(service, arn, "sns:Publish", topic["attributes"])
    found = lambda_svc.function_policy_for_arn(arn)
    return found and _Target(service, arn, "lambda:InvokeFunction", found[0])


def _with_key(service: str, arn: str, action: str, attributes: dict[str, Any]) -> _Target:
    return _Target(
        service, arn, action, attributes.get("Policy") or "", attributes.get("KmsMasterKeyId")
    )
