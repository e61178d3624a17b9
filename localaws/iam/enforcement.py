"""What stands in for ministack's `enforce` and its refusals.

The account's own keys (`test`, twelve digits) may do everything that no policy denies: an explicit
Deny of a bucket, queue or key binds them too, and a key whose policy does not name the account.
A refusal names the action and the resource that were denied, also when that was the key's.
"""

import contextvars
import dataclasses
from collections.abc import Callable
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import iam

from localaws.answers import Answer, error_answer
from localaws.errors import ApiError, not_implemented
from localaws.iam.checks import Check, checks
from localaws.iam.keys import UnknownKey
from localaws.iam.requests import current
from localaws.services.kms_reads import refusal as s3_refusal
from localaws.services.message_keys import as_told

Function = Callable[..., Any]

_EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
}
# Else a bucket whose policy denies everybody could never be had back.
_ROOT_ALWAYS_MAY = ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")
_KMS_REFUSALS = {"sqs": "KMS.AccessDeniedException", "sns": "KMSAccessDenied"}
_DENIED: contextvars.ContextVar[Check | ApiError | None] = contextvars.ContextVar(
    "localaws_denied", default=None
)


def principal(original: Function) -> Function:
    """Return ours for `resolve_principal`: the account's own keys have a policy like others."""

    def resolve_principal(*given: Any, **named: Any) -> Any:
        found = original(*given, **named)
        if isinstance(found, iam_evaluator.PrincipalInfo) and found.policies is None:
            everything = [iam_evaluator.parse_policy_document(_EVERYTHING)]
            return dataclasses.replace(found, policies=everything)
        return found

    return resolve_principal


def enforced(original: Function) -> Function:
    """Return ours for `enforce`: every check of `checks`, the first refusal remembered."""

    def enforce(
        access_key: str,
        action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        _DENIED.set(None)
        if action in _ROOT_ALWAYS_MAY and iam_evaluator.is_root_access_key(access_key):
            return None
        first = Check(action, service, resource_arn, dict(service_context or {}))
        try:
            for one in checks(current(), first, region, get_account_id()):
                _DENIED.set(one)
                refused = original(
                    access_key, one.action, one.service, region, one.resource, one.context
                )
                if refused:
                    return refused
        except UnknownKey as error:
            return _refusal(not_implemented(service, action, f"the condition key {error}"))
        except ApiError as error:
            return _refusal(error)
        _DENIED.set(None)
        return None

    return enforce


def resource_policy(original: Function) -> Function:
    """Return ours for `_resource_policy`: a role's trust policy is its resource policy."""

    def of_resource(service: str, arn: str) -> Any:
        if service != "sts" or ":role/" not in arn:
            return original(service, arn)
        role = iam._roles.get(arn.rpartition("/")[2])
        return (role["AssumeRolePolicyDocument"], get_account_id()) if role else None

    return of_resource


def refusal(original: Function) -> Function:
    """Return ours for `access_denied_response`, which names what was really denied."""

    def access_denied_response(
        service: str, action: str, principal_arn: str, request_id: str, **named: Any
    ) -> Answer:
        denied, code = _DENIED.get(), named.get("error_code")
        if isinstance(denied, ApiError):
            return _api_error(service, denied)
        if denied is None or code or named.get("message"):
            answer: Answer = original(service, action, principal_arn, request_id, **named)
            return answer
        text = _text(denied, principal_arn, named)
        if denied.service == "kms" and service in _KMS_REFUSALS:
            named["error_code"] = _KMS_REFUSALS[service]
        named["message"] = text
        answered: Answer = original(service, denied.action, principal_arn, request_id, **named)
        return answered

    return access_denied_response


def _text(denied: Check, principal_arn: str, named: dict[str, Any]) -> str:
    if not named.get("explicit_deny"):
        reason = f"because no identity-based policy allows the {denied.action} action"
    elif named.get("resource_policy_arn"):
        reason = "with an explicit deny in a resource-based policy"
    else:
        reason = "with an explicit deny in an identity-based policy"
    what = f"{denied.action} on resource: {denied.resource}"
    return f"User: {principal_arn} is not authorized to perform: {what} {reason}"


def _refusal(error: ApiError) -> Any:
    _DENIED.set(error)
    return iam_evaluator.EvalResult("Deny")


def _api_error(service: str, error: ApiError) -> Answer:
    if error.status == 501:
        return error_answer(error, xml=iam_actions._SERVICE_PROTOCOL.get(service, "json") != "json")
    if service == "s3":
        return s3_refusal(error)
    return error_answer(as_told(service, error), xml=service == "sns")
