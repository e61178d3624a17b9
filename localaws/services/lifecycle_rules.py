"""Lifecycle rules and the versions of one key -> what S3 does to them now.

S3 runs the rules once a day and rounds an age up to the next midnight UTC. With versioning the
expiry of a current version adds a delete marker; versions go by their own rule, counted from when
they stopped being current. A marker with no version left below it goes by
`ExpiredObjectDeleteMarker` or by age.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

Rule = dict[str, Any]

DAY = 86400


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a key, oldest first in a list; times in epoch seconds."""

    id: str
    modified: float
    size: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    marker: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """What to remove: the current version as a plain DELETE does, or exactly `version`."""

    version: str | None
    reason: str


def removals(rules: Sequence[Rule], key: str, versions: list[Version], now: float) -> list[Removal]:
    """Return what is due for a key, each version once."""
    found: dict[str | None, Removal] = {}
    for rule in rules:
        if rule.get("Status") == "Enabled":
            for one in _by_rule(rule, key, versions, now):
                found.setdefault(one.version, one)
    return list(found.values())


def upload_is_due(rules: Sequence[Rule], key: str, begun: float, now: float) -> bool:
    """Tell whether an unfinished multipart upload is to be aborted."""
    days = (
        rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]
        for rule in rules
        if rule.get("Status") == "Enabled"
        and "AbortIncompleteMultipartUpload" in rule
        and key.startswith(_conditions(rule).get("Prefix", ""))
    )
    return any(now >= _midnight_after(begun + number * DAY) for number in days)


def _by_rule(rule: Rule, key: str, versions: list[Version], now: float) -> Iterator[Removal]:
    current = versions[-1]
    expiration = rule.get("Expiration", {})
    if _fits(rule, key, current):
        due = _is_due(expiration, current.modified, now)
        if not current.marker and due:
            yield Removal(None, "Expiration")
        useless = current.marker and len(versions) == 1
        if useless and (due or expiration.get("ExpiredObjectDeleteMarker")):
            yield Removal(current.id, "ExpiredObjectDeleteMarker")
    noncurrent = rule.get("NoncurrentVersionExpiration")
    if noncurrent:
        yield from _old_versions(rule, noncurrent, key, versions, now)


def _old_versions(
    rule: Rule, wanted: Rule, key: str, versions: list[Version], now: float
) -> Iterator[Removal]:
    keep = wanted.get("NewerNoncurrentVersions", 0)
    old = list(pairwise(versions))
    for version, successor in old[: len(old) - keep] if keep else old:
        replaced = successor.modified + wanted.get("NoncurrentDays", 0) * DAY
        if _fits(rule, key, version) and now >= _midnight_after(replaced):
            yield Removal(version.id, "NoncurrentVersionExpiration")


def _is_due(expiration: Rule, modified: float, now: float) -> bool:
    if "Days" in expiration:
        return now >= _midnight_after(modified + expiration["Days"] * DAY)
    if "Date" in expiration:
        at = datetime.fromisoformat(str(expiration["Date"]).replace("Z", "+00:00"))
        return now >= (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    return False


def _fits(rule: Rule, key: str, version: Version) -> bool:
    wanted = _conditions(rule)
    return (
        key.startswith(wanted.get("Prefix", ""))
        and version.size > wanted.get("ObjectSizeGreaterThan", -1)
        and version.size < wanted.get("ObjectSizeLessThan", float("inf"))
        and all(version.tags.get(tag["Key"]) == tag["Value"] for tag in wanted["Tags"])
    )


def _conditions(rule: Rule) -> Rule:
    given = rule.get("Filter") or {}
    inside: Rule = given.get("And") or given
    tags = inside.get("Tags", [inside["Tag"]] if "Tag" in inside else [])
    return {**inside, "Tags": tags}


def _midnight_after(moment: float) -> float:
    return -(-moment // DAY) * DAY
