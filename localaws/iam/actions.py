"""A request -> the action IAM authorises it as, where ministack takes the operation's own name."""

from collections.abc import Callable
from typing import Any

from localaws.iam.requests import Asked, remember

_RENAMED = {
    "bedrock:Converse": "bedrock:InvokeModel",
    "bedrock:ConverseStream": "bedrock:InvokeModelWithResponseStream",
    "sns:PublishBatch": "sns:Publish",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}


def remembered(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ours for `extract_iam_action`: the right action, the request kept for the keys."""

    def extract_iam_action(
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, Any],
    ) -> str | None:
        found = original(service, method, path, headers, body, query)
        action: str | None = _RENAMED.get(found, found)
        remember(Asked(service, action or "", method, path, headers, body, query))
        return action

    return extract_iam_action
