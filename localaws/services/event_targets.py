"""An event for a target -> delivered when the target lets the rule in, else counted as failed.

As in AWS a refused event is not tried again: it counts in `AWS/Events` `FailedInvocations` and goes
to the target's dead-letter queue, if that queue lets the rule in.
"""

import json
import logging
from collections.abc import Callable
from typing import Any

from ministack.core.arn import parse_arn
from ministack.core.responses import get_account_id
from ministack.services import cloudwatch, eventbridge, sns, sqs

from localaws import clock
from localaws.iam.deliveries import Refused, Sender, key_refused, refused

Function = Callable[..., Any]
Record = dict[str, Any]

_ALARMS = "cloudwatch.amazonaws.com"
_EVENTS = "events.amazonaws.com"
_LOG = logging.getLogger("localaws")


def in_front_of(original: Function) -> Function:
    """Return ours for EventBridge's `_invoke_target`."""

    def invoke_target(target: Record, event: Record, rule: Record, view: Any = None) -> None:
        sender = Sender(_EVENTS, rule.get("Arn", ""), get_account_id())
        why = refused(sender, target["Arn"])
        if why is None:
            original(target, event, rule, view)
        else:
            _failed(target, rule, why)
            _to_dead_letters(sender, target, why, view or eventbridge._pattern_event_view(event))

    return invoke_target


def queue_open(original: Function) -> Function:
    """Return ours for `queue_policy_allows`, asked for topics and buckets: the key too."""

    def queue_policy_allows(arn: str, service: str, source: str, account: str) -> bool:
        queue = sqs._queue_by_arn(arn)
        return bool(original(arn, service, source, account)) and _key_open(
            Sender(service, source, account), "sqs", arn, queue
        )

    return queue_policy_allows


def topic_open(original: Function) -> Function:
    """Return ours for `topic_policy_allows`, asked for buckets: the key too."""

    def topic_policy_allows(arn: str, service: str, source: str, account: str) -> bool:
        topic = sns._topic_by_arn_any_scope(arn)
        return bool(original(arn, service, source, account)) and _key_open(
            Sender(service, source, account), "sns", arn, topic
        )

    return topic_policy_allows


def alarm_heard(original: Function) -> Function:
    """Return ours for `_dispatch_alarm_actions`: the topics that let the alarm in.

    The policy every topic begins with does, by `AWS:SourceOwner`; it lets no rule in.
    """

    def dispatch_alarm_actions(alarm: Record, *change: str) -> None:
        sender = Sender(_ALARMS, alarm["AlarmArn"], get_account_id())
        told = dict(alarm)
        for field in ("AlarmActions", "OKActions", "InsufficientDataActions"):
            told[field] = [arn for arn in alarm.get(field) or [] if _hears(sender, arn)]
        original(told, *change)

    return dispatch_alarm_actions


def _hears(sender: Sender, arn: str) -> bool:
    why = refused(sender, arn, {"aws:sourceowner": sender.account})
    if why:
        _LOG.warning("the alarm %s does not reach %s: %s", sender.arn, arn, why.text)
    return why is None


def _failed(target: Record, rule: Record, why: Refused) -> None:
    _LOG.warning("the rule %s reaches %s no more: %s", rule.get("Name"), target["Arn"], why.text)
    dimensions = {"RuleName": rule.get("Name", "")}
    cloudwatch._store_datum(
        "AWS/Events",
        "FailedInvocations",
        dimensions,
        clock.now(),
        "Count",
        1,
        *(None, None, None),
    )
    cloudwatch._evaluate_all_alarms()


def _to_dead_letters(sender: Sender, target: Record, why: Refused, view: Any) -> None:
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not arn:
        return
    shut = refused(sender, arn)
    if shut:
        _LOG.warning("nor does the event reach the dead-letter queue: %s", shut.text)
        return
    eventbridge._dispatch_to_sqs(parse_arn(arn), json.dumps(view.event_with_detail()))
    given = {
        "RULE_ARN": sender.arn,
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": why.code,
        "ERROR_MESSAGE": why.text,
    }
    attributes = {n: {"DataType": "String", "StringValue": text} for n, text in given.items()}
    message = sqs._queue_by_arn(arn)["messages"][-1]
    message.update(message_attributes=attributes, md5_attrs=sqs._md5_msg_attrs(attributes))


def _key_open(sender: Sender, service: str, arn: str, found: Record | None) -> bool:
    key = (found or {}).get("attributes", {}).get("KmsMasterKeyId")
    why = key_refused(sender, service, arn, key)
    if why:
        _LOG.warning("%s does not reach %s: %s", sender.arn, arn, why.text)
    return why is None
