"""Calls -> the files CloudTrail writes into a trail's bucket, by the trail's selectors.

A call is kept when it was answered; the files are written by the clock, at the latest 20 seconds
after it. What AWS hides of requests is hidden. There are no digest files, nobody could sign them:
a trail that asks for some is refused.
"""

import gzip
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudtrail, s3

from localaws import clock
from localaws.services import trail_buckets

Event = dict[str, Any]
Selector = dict[str, Any]

_HIDDEN = ("secret", "password", "plaintext", "ciphertext", "token")
_OBJECT = "AWS::S3::Object"
_OBJECT_WORDS = ("Object", "UploadPart", "MultipartUpload")
_READS = ("Get", "List", "Head", "Describe", "BatchGet", "Query", "Scan", "Lookup")
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "Equals": lambda value, one: value == one,
    "StartsWith": lambda value, one: value.startswith(one),
    "EndsWith": lambda value, one: value.endswith(one),
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What a trail may tell of one call; `parameters` is the request's JSON, or its query."""

    service: str
    operation: str
    region: str
    access_key: str
    principal: str
    resource: str
    status: int
    parameters: Mapping[str, Any]


def listening() -> bool:
    """Tell whether any trail there is logs."""
    return any(trail.get("IsLogging") for _, trail in cloudtrail._trails.all_items())


def keep(call: Answered, account: str) -> None:
    """Keep one answered call for every trail that logs and whose selectors want it."""
    for (owner, region, name), trail in cloudtrail._trails.all_items():
        if owner == account and trail.get("IsLogging") and _in_region(trail, region, call):
            event = _event(call, account)
            if _wanted(cloudtrail._event_selectors.get_scoped(owner, region, name, None), event):
                _WAITING.setdefault((owner, region, name), []).append(event)


def deliver() -> None:
    """Write what is kept into the trails' buckets; call it on the event loop."""
    for (owner, region, name), events in list(_WAITING.items()):
        del _WAITING[owner, region, name]
        trail = cloudtrail._trails.get_scoped(owner, region, name)
        if trail is not None:
            with request_scope(owner, region):
                _write(trail, owner, region, events)


def _in_region(trail: dict[str, Any], region: str, call: Answered) -> bool:
    return bool(trail.get("IsMultiRegionTrail")) or call.region == region


def _event(call: Answered, account: str) -> Event:
    _COUNT[0] += 1
    at = clock.today().strftime("%Y-%m-%dT%H:%M:%SZ")
    identity = hashlib.sha256(f"{at}{_COUNT[0]}".encode()).hexdigest()
    data = call.service == "s3" and any(word in call.operation for word in _OBJECT_WORDS)
    failed = {"errorCode": "AccessDenied" if call.status == 403 else str(call.status)}
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole" if ":assumed-role/" in call.principal else "Root",
            "arn": call.principal,
            "accountId": account,
            "accessKeyId": call.access_key,
        },
        "eventTime": at,
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": call.region,
        "sourceIPAddress": "127.0.0.1",
        "requestParameters": _parameters(call),
        "resources": [{"type": _OBJECT, "ARN": call.resource}] if data else [],
        "readOnly": call.operation.startswith(_READS),
        "eventID": identity[:32],
        "eventType": "AwsApiCall",
        "managementEvent": not data,
        "eventCategory": "Data" if data else "Management",
        "recipientAccountId": account,
        **(failed if call.status >= 400 else {}),
    }


def _parameters(call: Answered) -> dict[str, Any]:
    if call.service == "s3":
        bucket, _, key = call.resource.removeprefix("arn:aws:s3:::").partition("/")
        return {"bucketName": bucket, **({"key": key} if key else {}), **call.parameters}
    return {
        name: "HIDDEN_DUE_TO_SECURITY_REASONS"
        if any(word in name.lower() for word in _HIDDEN)
        else value
        for name, value in call.parameters.items()
    }


def _wanted(selectors: list[Selector] | None, event: Event) -> bool:
    if not selectors:
        return bool(event["managementEvent"])
    return any(
        _by_fields(one["FieldSelectors"], event) if "FieldSelectors" in one else _basic(one, event)
        for one in selectors
    )


def _by_fields(fields: list[dict[str, Any]], event: Event) -> bool:
    resource = (event["resources"] or [{}])[0]
    values = {
        "eventCategory": event["eventCategory"],
        "eventName": event["eventName"],
        "eventSource": event["eventSource"],
        "readOnly": str(event["readOnly"]).lower(),
        "resources.type": resource.get("type", ""),
        "resources.ARN": resource.get("ARN", ""),
    }
    return all(_field_fits(field, values[field["Field"]]) for field in fields)


def _field_fits(field: dict[str, Any], value: str) -> bool:
    for word, test in _TESTS.items():
        if word in field and not any(test(value, one) for one in field[word]):
            return False
        if f"Not{word}" in field and any(test(value, one) for one in field[f"Not{word}"]):
            return False
    return True


def _basic(selector: Selector, event: Event) -> bool:
    kind = selector.get("ReadWriteType", "All")
    if kind != "All" and (kind == "ReadOnly") != event["readOnly"]:
        return False
    if event["managementEvent"]:
        return bool(selector.get("IncludeManagementEvents", True))
    wanted = [v for one in selector.get("DataResources", []) for v in one.get("Values", [])]
    return any(event["resources"][0]["ARN"].startswith(value) for value in wanted)


def _write(trail: dict[str, Any], account: str, region: str, events: list[Event]) -> None:
    at = datetime.fromtimestamp(clock.now(), UTC)
    unique = hashlib.sha256(events[0]["eventID"].encode()).hexdigest()[:16]
    place = f"{trail_buckets.folder(trail, account)}{region}/{at:%Y/%m/%d}"
    name = f"{account}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{unique}.json.gz"
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    if trail.get("KmsKeyId"):
        headers["x-amz-server-side-encryption"] = "aws:kms"
        headers["x-amz-server-side-encryption-aws-kms-key-id"] = trail["KmsKeyId"]
    body = gzip.compress(json.dumps({"Records": events}).encode(), mtime=0)
    shut = trail_buckets.refused(trail, f"{place}/{name}")
    status, _, told = (
        (403, {}, shut.text.encode())
        if shut
        else s3._put_object(trail["S3BucketName"], f"{place}/{name}", body, headers)
    )
    trail_buckets.remember(trail, told.decode()[:300] if status >= 300 else "")


_COUNT = [0]
_WAITING: dict[tuple[str, str, str], list[Event]] = {}
