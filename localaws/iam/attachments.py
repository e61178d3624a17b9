"""Attaching a managed policy that does not exist -> the error AWS answers.

Policies of AWS's own are left to ministack, which keeps the text of some and takes the rest.
"""

from collections.abc import Callable
from typing import Any

from ministack.services import iam

from localaws.answers import Answer, error_answer
from localaws.errors import ApiError

Function = Callable[..., Any]
Record = dict[str, Any]


def asked_for(original: Function) -> Function:
    """Return ours for an operation that attaches: refused where there is no such policy."""

    def attach(form: Record) -> Answer:
        missing = _missing(iam._p(form, "PolicyArn"))
        if missing:
            return error_answer(missing, xml=True)
        answer: Answer = original(form)
        return answer

    return attach


def of_a_template(original: Function) -> Function:
    """Return ours for `attach_managed_policy`, which stacks ask directly: the resource fails."""

    def attach_managed_policy(holder: Record, arn: str) -> None:
        missing = _missing(arn)
        if missing:
            raise missing
        original(holder, arn)

    return attach_managed_policy


def _missing(arn: str) -> ApiError | None:
    if iam._is_aws_managed_arn(arn) or iam.policy_known(arn):
        return None
    return ApiError("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)
