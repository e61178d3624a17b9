"""Buckets' lifecycle rules -> objects, versions and uploads that end when their time has come."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from ministack.core.responses import get_region, request_scope
from ministack.services import s3

from localaws import clock
from localaws.answers import Answer, error_answer
from localaws.errors import not_implemented
from localaws.services.lifecycle_rules import Removal, Rule, Version, removals, upload_is_due

Function = Callable[..., Any]

_KNOWN = frozenset(
    (
        *(
            "LifecycleConfiguration",
            "Rule",
            "ID",
            "Status",
            "Filter",
            "And",
            "Prefix",
            "Tag",
            "Key",
        ),
        *("Value", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "Expiration", "Days", "Date"),
        *("ExpiredObjectDeleteMarker", "NoncurrentVersionExpiration", "NoncurrentDays"),
        *("NewerNoncurrentVersions", "AbortIncompleteMultipartUpload", "DaysAfterInitiation"),
    )
)


def kept_rules(original: Function) -> Function:
    """Return ours for `_put_bucket_lifecycle`: what would not be applied is refused by name."""

    def put_bucket_lifecycle(name: str, body: bytes) -> Answer:
        try:
            root = s3.fromstring(body)
        except ElementTree.ParseError:
            malformed: Answer = s3._error("MalformedXML", s3._MALFORMED_XML, 400)
            return malformed
        lost = _not_applied(root)
        if lost:
            needs = f"the element {', '.join(sorted(lost))} of a rule"
            refused = not_implemented("s3", "PutBucketLifecycleConfiguration", needs)
            return error_answer(refused, xml=True)
        answer: Answer = original(name, body)
        return answer

    return put_bucket_lifecycle


def _not_applied(root: ElementTree.Element) -> set[str]:
    lost = {_name(element) for element in root.iter()} - _KNOWN
    rules = (element for element in root.iter() if _name(element) == "Rule")
    if any(_name(part) == "Prefix" for rule in rules for part in rule):
        lost.add("Prefix (give Filter with Prefix)")
    return lost


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def by_our_clock(_original: Function) -> Function:
    """Return ours for S3's `now_iso`: what is written after the clock moved is not old at once."""

    def now_iso() -> str:
        return clock.today().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    return now_iso


def expire() -> None:
    """Do in every bucket what its rules have due; call it on the event loop, where S3 runs."""
    accounts = {account for account, _ in s3._bucket_lifecycle.to_dict()}
    for account in sorted(accounts):
        with request_scope(account, get_region()):
            for name in list(s3._bucket_lifecycle):
                _expire_in(name, s3._bucket_lifecycle[name], clock.now())


def _expire_in(bucket: str, rules: list[Rule], now: float) -> None:
    if s3._buckets.get(bucket) is None:
        return
    for key in sorted(_keys(bucket)):
        for one in removals(rules, key, _versions(bucket, key), now):
            _remove(bucket, key, one)
    for upload_id, upload in list(s3._multipart_uploads.items()):
        if upload["bucket"] == bucket and upload_is_due(
            rules, upload["key"], _seconds(upload["created"]), now
        ):
            s3._abort_multipart_upload(bucket, upload["key"], {"uploadId": [upload_id]})


def _keys(bucket: str) -> Iterator[str]:
    yield from set(s3._buckets[bucket]["objects"]) | {
        key for name, key in s3._object_versions if name == bucket
    }


def _versions(bucket: str, key: str) -> list[Version]:
    kept = s3._object_versions.get((bucket, key), [])
    found = [_version(bucket, key, one) for one in kept]
    current = s3._buckets[bucket]["objects"].get(key)
    if current is not None and not any(one.get("is_latest") for one in kept):
        found.append(_version(bucket, key, {**current, "version_id": None}))
    return found


def _version(bucket: str, key: str, record: dict[str, Any]) -> Version:
    identity = record["version_id"]
    return Version(
        identity or "null",
        _seconds(record["last_modified"]),
        record.get("size", 0),
        s3._object_tags.get((bucket, key, None if identity == "null" else identity), {}),
        bool(record.get("is_delete_marker")),
    )


def _remove(bucket: str, key: str, removal: Removal) -> None:
    query = {"versionId": [removal.version]} if removal.version else {}
    s3._delete_object(bucket, key, {}, query)


def _seconds(iso: str) -> float:
    return datetime.fromisoformat(iso.replace("Z", "+00:00")).timestamp()
