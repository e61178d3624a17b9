"""The rows of the table in `ministack.py` about what services send, and the keys behind it."""

from localaws.replacement import Replacement
from localaws.services import encryption_keys, event_targets, message_keys, trail_buckets

_SOURCE = "source_arn: str, source_account: str"

REPLACEMENTS = (
    Replacement(
        "services.eventbridge",
        "_invoke_target",
        event_targets.in_front_of,
        "delivers to a queue, topic or function whose policy keeps the rule out",
        "(target, event, rule, view=None)",
        "550e304af08095637ed4de07798e4acc1b1f89316f91ab60d4d865f9f46c58f2",
    ),
    Replacement(
        "services.sqs",
        "queue_policy_allows",
        event_targets.queue_open,
        "lets a topic or bucket send under a key whose policy keeps them out",
        f"(queue_arn: str, service: str, {_SOURCE}) -> bool",
        "5de01aa09a4ceb84c588cffaa2b54c4e34cca7277b10b5b21bc1c37f0cd837ea",
    ),
    Replacement(
        "services.sns",
        "topic_policy_allows",
        event_targets.topic_open,
        "lets a bucket publish under a key whose policy keeps it out",
        f"(topic_arn: str, service: str, {_SOURCE}) -> bool",
        "2c5001e5af7ece8ff7524a3367b60702f275e8936139a08bdde891954fc70ee2",
    ),
    Replacement(
        "services.cloudwatch",
        "_dispatch_alarm_actions",
        event_targets.alarm_heard,
        "reaches a topic whose policy or key keeps alarms out",
        "(alarm, old_state, new_state, reason)",
        "fcf47c0d1e6ec4a03a219d7bf8d5a7218ed085cb29f497c8a98f417c45ecbd49",
    ),
    Replacement(
        "services.sqs",
        "_get_q",
        message_keys.usable_queue,
        "takes and hands out messages under a disabled key",
        "(url: str, action: str | None = None) -> dict",
        "cac74fb142a7c27ef665fcc6ba5eff47a4ddd11e744ce5954eb2d43fde50d57a",
    ),
    Replacement(
        "services.sqs",
        "_receive_messages_for_esm",
        message_keys.readable_by_functions,
        "hands functions messages under a disabled key",
        "(queue_url: str, max_number: int) -> list[dict]",
        "f230dbcd4974adcf5f22b7a8c3d72e41deff97d5ccd39b990f59af9fe9910ff0",
    ),
    Replacement(
        "services.sns",
        "_get_topic",
        message_keys.usable_topic,
        "publishes under a disabled key",
        "(topic_arn: str, action: str | None = None)",
        "22e9d7ebd853d3325c7e3589c895736c4b8981a3170483b47d61293b6ba9a5b7",
    ),
    Replacement(
        "services.kms",
        "_describe_key",
        encryption_keys.described,
        "knows no key of AWS's own before something was written under it",
        "(data)",
        "16e8eb3d68f5ac6073122ec3acdd428a5d449b147cd2374b24ae4c5ba0c23042",
    ),
    Replacement(
        "services.kms",
        "_key_metadata",
        encryption_keys.with_manager,
        "calls AWS's own keys a customer's",
        "(rec)",
        "ee6ca8cd7d04a9c39b44b25d5e6c2da2bcda137e74a6d17af093165b376bc50f",
    ),
    Replacement(
        "services.cloudtrail",
        "handle_request",
        trail_buckets.in_front_of,
        "makes a trail whose bucket is not there, or keeps CloudTrail out",
        "(method, path, headers, body_bytes, query_params)",
        "1560fe4d73ba5c6fc478c32745795642fa86f0b8d6e65dd60b90f8f8b5411d2e",
    ),
)
