"""AWS::SQS::QueueInlinePolicy and AWS::SNS::TopicInlinePolicy, which ministack lacks.

One queue or topic, one policy document, attached through the service's own API.
"""

import json
from typing import Any

from localaws.bridge import own_caller
from localaws.clients import client

Properties = dict[str, Any]

TYPES = ("AWS::SQS::QueueInlinePolicy", "AWS::SNS::TopicInlinePolicy")


def handlers() -> dict[str, dict[str, Any]]:
    """Return type -> handler."""
    return {
        "AWS::SQS::QueueInlinePolicy": _attached("Queue", _set_queue_policy),
        "AWS::SNS::TopicInlinePolicy": _attached("TopicArn", _set_topic_policy),
    }


def _attached(target: str, attach: Any) -> dict[str, Any]:
    def create(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
        attach(properties[target], json.dumps(properties["PolicyDocument"]))
        return properties[target], {}

    def update(
        physical_id: str, old: Properties, new: Properties, stack: str
    ) -> tuple[str, Properties]:
        if new[target] != physical_id:
            delete(physical_id, old)
        return create("", new, stack)

    def delete(physical_id: str, _properties: Properties) -> None:
        attach(physical_id, "")

    return {"create": create, "update": update, "delete": delete}


def _set_queue_policy(url: str, policy: str) -> None:
    client("sqs", own_caller()).set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def _set_topic_policy(arn: str, policy: str) -> None:
    topics = client("sns", own_caller())
    topics.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
