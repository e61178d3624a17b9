"""A Call Analytics document and the account's categories -> which of them the call matches.

A category matches when every rule does; a negated rule matches where its filter finds nothing.
Points of interest are the stretches found, in milliseconds. A filter's time range takes what begins
within it. Source: Transcribe's guide, "Creating categories for post-call transcriptions".
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

Details = dict[str, Any]
Stretch = tuple[int, int]


def matched(document: Mapping[str, Any], categories: Iterable[Mapping[str, Any]]) -> Details:
    """Return the `Categories` of the result: names matched, and where in the call."""
    details: Details = {}
    for category in categories:
        found = [_points(rule, document) for rule in category["Rules"]]
        if all(points is not None for points in found):
            stretches = sorted({point for points in found for point in points or ()})
            shown = [{"BeginOffsetMillis": a, "EndOffsetMillis": b} for a, b in stretches]
            details[category["CategoryName"]] = {"PointsOfInterest": shown}
    return {"MatchedDetails": details, "MatchedCategories": list(details)}


def _points(rule: Mapping[str, Any], document: Mapping[str, Any]) -> list[Stretch] | None:
    """Return what a rule points at, None where it does not match."""
    ((kind, wanted),) = rule.items()
    total = document["ConversationCharacteristics"]["TotalConversationDurationMillis"]
    begin, end = _range(wanted, total)
    found = [point for point in _FINDERS[kind](wanted, document) if begin <= point[0] < end]
    if wanted.get("Negate"):
        return None if found else []
    return found or None


def _range(wanted: Mapping[str, Any], total: int) -> Stretch:
    """Return the milliseconds a filter looks at, the end excluded; the whole call by default."""
    absolute, relative = wanted.get("AbsoluteTimeRange"), wanted.get("RelativeTimeRange")
    if absolute:
        return _bounds(absolute, "StartTime", "EndTime", total, total)
    if relative:
        begin, end = _bounds(relative, "StartPercentage", "EndPercentage", 100, 100)
        return begin * total // 100, end * total // 100
    return 0, total + 1


def _bounds(given: Mapping[str, int], start: str, end: str, whole: int, last: int) -> Stretch:
    if "First" in given:
        return 0, given["First"]
    if "Last" in given:
        return max(0, last - given["Last"]), whole + 1
    return given.get(start, 0), given.get(end, whole + 1)


def _said(wanted: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Stretch]:
    for turn in _turns(wanted, document):
        words = [item for item in turn["Items"] if item["Type"] == "pronunciation"]
        spoken = [str(word["Content"]).lower() for word in words]
        for target in wanted["Targets"]:
            phrase = target.lower().split()
            for at in _places(phrase, spoken):
                last = words[at + len(phrase) - 1]
                yield words[at]["BeginOffsetMillis"], last["EndOffsetMillis"]


def _places(phrase: Sequence[str], spoken: Sequence[str]) -> Iterator[int]:
    for at in range(len(spoken) - len(phrase) + 1):
        if list(spoken[at : at + len(phrase)]) == list(phrase):
            yield at


def _felt(wanted: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Stretch]:
    for turn in _turns(wanted, document):
        if turn["Sentiment"] in wanted["Sentiments"]:
            yield turn["BeginOffsetMillis"], turn["EndOffsetMillis"]


def _interrupted(wanted: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Stretch]:
    by_role = document["ConversationCharacteristics"]["Interruptions"]["InterruptionsByInterrupter"]
    for role, stretches in by_role.items():
        if wanted.get("ParticipantRole") in (None, role):
            yield from _long_enough(wanted, stretches)


def _silent(wanted: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Stretch]:
    gaps = document["ConversationCharacteristics"]["NonTalkTime"]["Instances"]
    yield from _long_enough(wanted, gaps)


def _long_enough(
    wanted: Mapping[str, Any], stretches: Iterable[Mapping[str, int]]
) -> Iterator[Stretch]:
    for stretch in stretches:
        if stretch["DurationMillis"] >= wanted.get("Threshold", 0):
            yield stretch["BeginOffsetMillis"], stretch["EndOffsetMillis"]


def _turns(wanted: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for turn in document["Transcript"]:
        if wanted.get("ParticipantRole") in (None, turn["ParticipantRole"]):
            yield turn


Finder = Callable[[Mapping[str, Any], Mapping[str, Any]], Iterator[Stretch]]
_FINDERS: Final[dict[str, Finder]] = {
    "InterruptionFilter": _interrupted,
    "NonTalkTimeFilter": _silent,
    "SentimentFilter": _felt,
    "TranscriptFilter": _said,
}
