"""Queues and topics under a KMS key that is disabled, deleted or not there: no message in or out.

Whether the caller may use the key is IAM's matter (`localaws/iam/encryption.py`); this holds
without authorization too.
"""

import logging
from collections.abc import Callable
from typing import Any

from ministack.services import sns, sqs

from localaws.errors import ApiError
from localaws.services import encryption_keys

Function = Callable[..., Any]
Record = dict[str, Any]

_CODES = {
    "sqs": {
        "DisabledException": "KMS.DisabledException",
        "KMSInvalidStateException": "KMS.InvalidStateException",
        "NotFoundException": "KMS.NotFoundException",
    },
    "sns": {
        "DisabledException": "KMSDisabled",
        "KMSInvalidStateException": "KMSInvalidState",
        "NotFoundException": "KMSNotFound",
    },
}
_LOG = logging.getLogger("localaws")


def usable_queue(original: Function) -> Function:
    """Return ours for `_get_q`: a queue that is sent to or read from has a key fit for use."""

    def get_q(url: str, action: str | None = None) -> Record:
        queue: Record = original(url, action)
        unfit = _unfit(queue) if action in ("sqs:SendMessage", "sqs:ReceiveMessage") else None
        if unfit:
            told = as_told("sqs", unfit)
            raise sqs._Err(told.code, told.message)
        return queue

    return get_q


def readable_by_functions(original: Function) -> Function:
    """Return ours for `_receive_messages_for_esm`: a mapping reads nothing under an unfit key."""

    def receive_messages_for_esm(url: str, most: int) -> list[Record]:
        unfit = _unfit(sqs._get_q(url))
        if unfit:
            _LOG.warning("no function reads %s: %s", url, unfit.message)
            return []
        found: list[Record] = original(url, most)
        return found

    return receive_messages_for_esm


def usable_topic(original: Function) -> Function:
    """Return ours for `_get_topic`: a topic that is published to has a key fit for use."""

    def get_topic(arn: str, action: str | None = None) -> tuple[Any, Any]:
        topic, refused = original(arn, action)
        unfit = _unfit(topic) if topic and action == "sns:Publish" else None
        if unfit:
            told = as_told("sns", unfit)
            return None, sns._error(told.code, told.message, told.status)
        return topic, refused

    return get_topic


def as_told(service: str, error: ApiError) -> ApiError:
    """Return a fault of the key in the word SQS or SNS has for it."""
    code = _CODES.get(service, {}).get(error.code, error.code)
    return ApiError(code, error.message, error.status)


def _unfit(found: Record) -> ApiError | None:
    key = found.get("attributes", {}).get("KmsMasterKeyId")
    try:
        if key:
            encryption_keys.usable(key)
    except ApiError as error:
        return error
    return None
