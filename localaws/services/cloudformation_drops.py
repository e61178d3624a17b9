"""Properties ministack's CloudFormation drops without a word -> the API calls that apply them.

A bucket's lifecycle rules, default encryption and tags; a table's recovery, expiry and encryption;
a topic's key; a role's boundary; a function's reserved concurrency and dead letters.
"""

from collections.abc import Callable
from typing import Any

from localaws.bridge import own_caller, through_the_door
from localaws.services.request_shapes import shaped

Properties = dict[str, Any]
Apply = Callable[[str, Properties, Properties], None]

_TABLE_WORDS = {"SSEEnabled": "Enabled"}
_TABLE_CALLS: tuple[tuple[str, str, Properties], ...] = (
    (
        "PointInTimeRecoverySpecification",
        "UpdateContinuousBackups",
        {"PointInTimeRecoveryEnabled": False},
    ),
    ("TimeToLiveSpecification", "UpdateTimeToLive", {"Enabled": False}),
    ("SSESpecification", "UpdateTable", {"Enabled": False}),
)
_RULE_SAME = ("Status", "AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration")
_EXPIRATION = {
    "ExpirationInDays": "Days",
    "ExpirationDate": "Date",
    "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker",
}
_FILTERS = ("Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
_RULE_KNOWN = {"Id", "TagFilters", *_RULE_SAME, *_EXPIRATION, *_FILTERS}


def handlers(originals: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return type -> ministack's own handler, followed by what it forgets."""
    return {kind: _followed(originals[kind], apply) for kind, apply in _APPLIED.items()}


def lifecycle_rule(rule: Properties) -> Properties:
    """Return one rule of a template as PutBucketLifecycleConfiguration takes it.

    Raise ValueError on a property that would be lost.
    """
    lost = set(rule) - _RULE_KNOWN
    if lost:
        raise ValueError(f"localaws applies no {', '.join(sorted(lost))} of a lifecycle rule")
    shaped: Properties = {name: rule[name] for name in _RULE_SAME if name in rule}
    if "Id" in rule:
        shaped["ID"] = rule["Id"]
    expiration = {api: rule[name] for name, api in _EXPIRATION.items() if name in rule}
    if expiration:
        shaped["Expiration"] = expiration
    return {**shaped, "Filter": _filter(rule)}


def _followed(original: dict[str, Any], apply: Apply) -> dict[str, Any]:
    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        physical_id, attributes = original["create"](logical_id, properties, stack)
        apply(physical_id, {}, properties)
        return physical_id, attributes

    def update(*given: Any) -> tuple[str, Properties]:
        physical_id, attributes = original["update"](*given)
        apply(physical_id, given[1], given[2])
        return physical_id, attributes

    return {**original, "create": create, "update": update}


def _apply_to_bucket(name: str, old: Properties, new: Properties) -> None:
    rules = (new.get("LifecycleConfiguration") or {}).get("Rules")
    if rules:
        shape = {"LifecycleConfiguration": {"Rules": [lifecycle_rule(rule) for rule in rules]}}
        _call("s3", "PutBucketLifecycleConfiguration", {"Bucket": name, **shape})
    elif old.get("LifecycleConfiguration"):
        _call("s3", "DeleteBucketLifecycle", {"Bucket": name})
    encryption = new.get("BucketEncryption")
    if encryption:
        given = encryption["ServerSideEncryptionConfiguration"]
        wanted = {"Rules": [_encryption_rule(rule) for rule in given]}
        request = {"Bucket": name, "ServerSideEncryptionConfiguration": wanted}
        _call("s3", "PutBucketEncryption", request)
    elif old.get("BucketEncryption"):
        _call("s3", "DeleteBucketEncryption", {"Bucket": name})
    if new.get("Tags"):
        _call("s3", "PutBucketTagging", {"Bucket": name, "Tagging": {"TagSet": new["Tags"]}})
    elif old.get("Tags"):
        _call("s3", "DeleteBucketTagging", {"Bucket": name})


def _apply_to_table(name: str, old: Properties, new: Properties) -> None:
    for wanted, operation, off in _TABLE_CALLS:
        given = new.get(wanted, off if wanted in old else None)
        if given is not None and given != old.get(wanted):
            renamed = {_TABLE_WORDS.get(word, word): value for word, value in given.items()}
            _call("dynamodb", operation, {"TableName": name, wanted: renamed})


def _apply_to_topic(arn: str, old: Properties, new: Properties) -> None:
    wanted = new.get("KmsMasterKeyId", "")
    if wanted != old.get("KmsMasterKeyId", ""):
        named = {"AttributeName": "KmsMasterKeyId", "AttributeValue": wanted}
        _call("sns", "SetTopicAttributes", {"TopicArn": arn, **named})


def _apply_to_role(name: str, old: Properties, new: Properties) -> None:
    boundary = new.get("PermissionsBoundary")
    if boundary:
        request = {"RoleName": name, "PermissionsBoundary": boundary}
        _call("iam", "PutRolePermissionsBoundary", request)
    elif old.get("PermissionsBoundary"):
        _call("iam", "DeleteRolePermissionsBoundary", {"RoleName": name})


def _apply_to_function(name: str, old: Properties, new: Properties) -> None:
    reserved = "ReservedConcurrentExecutions"
    if reserved in new:
        _call("lambda", "PutFunctionConcurrency", {"FunctionName": name, reserved: new[reserved]})
    elif reserved in old:
        _call("lambda", "DeleteFunctionConcurrency", {"FunctionName": name})
    letters = new.get("DeadLetterConfig", {"TargetArn": ""} if "DeadLetterConfig" in old else None)
    if letters:
        request = {"FunctionName": name, "DeadLetterConfig": letters}
        _call("lambda", "UpdateFunctionConfiguration", request)


def _apply_to_mapping(identity: str, old: Properties, new: Properties) -> None:
    caller = own_caller()
    kind = "event-source-mapping"
    arn = f"arn:aws:lambda:{caller.region}:{caller.account}:{kind}:{identity}"
    lost = {tag["Key"] for tag in old.get("Tags", [])} - {tag["Key"] for tag in new.get("Tags", [])}
    if lost:
        _call("lambda", "UntagResource", {"Resource": arn, "TagKeys": sorted(lost)})
    if new.get("Tags"):
        _call("lambda", "TagResource", {"Resource": arn, "Tags": new["Tags"]})
    if "Enabled" in (new | old):
        wanted = {"UUID": identity, "Enabled": new.get("Enabled", True)}
        _call("lambda", "UpdateEventSourceMapping", wanted)


def _refuse_permission_without_function(_id: str, _old: Properties, new: Properties) -> None:
    _call("lambda", "GetFunction", {"FunctionName": new["FunctionName"]})


_APPLIED: dict[str, Apply] = {
    "AWS::Lambda::Permission": _refuse_permission_without_function,
    "AWS::Lambda::EventSourceMapping": _apply_to_mapping,
    "AWS::S3::Bucket": _apply_to_bucket,
    "AWS::DynamoDB::Table": _apply_to_table,
    "AWS::SNS::Topic": _apply_to_topic,
    "AWS::IAM::Role": _apply_to_role,
    "AWS::Lambda::Function": _apply_to_function,
}
TYPES = tuple(_APPLIED)


def _call(service: str, operation: str, request: Properties) -> None:
    through_the_door(service)(operation, shaped(service, operation, request), own_caller())


def _encryption_rule(rule: Properties) -> Properties:
    words = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}
    return {words.get(name, name): value for name, value in rule.items()}


def _filter(rule: Properties) -> Properties:
    parts: Properties = {name: rule[name] for name in _FILTERS if name in rule}
    tags = rule.get("TagFilters", [])
    if len(parts) + len(tags) <= 1:
        return {"Tag": tags[0]} if tags else parts or {"Prefix": ""}
    return {"And": {**parts, **({"Tags": tags} if tags else {})}}
