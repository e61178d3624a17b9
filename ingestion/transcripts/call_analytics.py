"""A Call Analytics result -> turns and the figures it states (sources.md §2.2).

Turns overlap and nest: they are sorted by begin. A role that says nothing is absent, not zero.
Offsets of issues point into `Content`; where redaction moved them, the ones right for the redacted
text are taken, and what lies outside the text is clipped with a warning.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ingestion.transcripts.transcript import Spoken, Stated, Transcript, Turn, mean_confidence

_Entry = Mapping[str, Any]
_FOUND: Final = {
    "IssuesDetected": "issue",
    "ActionItemsDetected": "action_item",
    "OutcomesDetected": "outcome",
}


def read(document: _Entry) -> Transcript:
    """Return the transcript with the figures Call Analytics states."""
    said = [entry for entry in document["Transcript"] if str(entry.get("Content") or "").strip()]
    said.sort(key=lambda entry: (entry["BeginOffsetMillis"], entry["EndOffsetMillis"]))
    about = document.get("ConversationCharacteristics") or {}
    interruptions = (about.get("Interruptions") or {}).get("InterruptionsByInterrupter") or {}
    issues, is_clipped = _issues(said)
    output = (document.get("ContentMetadata") or {}).get("Output")
    return Transcript(
        turns=tuple(_turn(entry, interruptions) for entry in said),
        labels="roles",
        language=document.get("LanguageCode"),
        duration_seconds=_seconds(about.get("TotalConversationDurationMillis")),
        average_word_confidence=mean_confidence(list(_confidences(said))),
        is_redacted=None if output is None else output == "Redacted",
        channel_count=2,
        stated=_stated(about),
        categories=_categories(document.get("Categories") or {}),
        issues=issues,
        warnings=("offset_clipped",) if is_clipped else (),
        extra=_extra(document, about),
    )


def _turn(entry: _Entry, interruptions: Mapping[str, Sequence[_Entry]]) -> Turn:
    role, begin = entry["ParticipantRole"], entry["BeginOffsetMillis"]
    is_interruption = any(
        stretch["BeginOffsetMillis"] <= begin < stretch["EndOffsetMillis"]
        for stretch in interruptions.get(role, ())
    )
    words = tuple(
        Spoken(item["BeginOffsetMillis"] / 1000, item["EndOffsetMillis"] / 1000)
        for item in entry.get("Items", ())
        if "BeginOffsetMillis" in item
    )
    sentiment = entry.get("Sentiment")
    return Turn(
        label=role.lower(),
        text=entry["Content"].strip(),
        start=begin / 1000,
        end=entry["EndOffsetMillis"] / 1000,
        words=words,
        sentiment=sentiment.lower() if sentiment else None,
        is_interruption=is_interruption,
    )


def _confidences(said: Sequence[_Entry]) -> Iterator[float]:
    """Yield what Transcribe says of each word; masked words only have their redaction's."""
    for entry in said:
        for item in entry.get("Items", ()):
            if item["Type"] == "pronunciation" and item.get("Confidence") is not None:
                yield float(item["Confidence"])


def _stated(about: _Entry) -> Stated:
    talk = (about.get("TalkTime") or {}).get("DetailsByParticipant") or {}
    tone = about.get("Sentiment") or {}
    quarters = (tone.get("SentimentByPeriod") or {}).get("QUARTER", {}).get("CUSTOMER", [])
    scores = [quarter["Score"] for quarter in quarters]
    return Stated(
        source="call_analytics",
        talk_seconds={
            role.lower(): details["TotalTimeMillis"] / 1000 for role, details in talk.items()
        },
        non_talk_seconds=_seconds((about.get("NonTalkTime") or {}).get("TotalTimeMillis")),
        interruption_count=(about.get("Interruptions") or {}).get("TotalCount"),
        overall_scores={
            role.lower(): score for role, score in (tone.get("OverallSentiment") or {}).items()
        },
        customer_shift=round(scores[-1] - scores[0], 6) if len(scores) >= 2 else None,
    )


def _issues(said: Sequence[_Entry]) -> tuple[list[dict[str, Any]], bool]:
    issues = []
    is_clipped = False
    for number, entry in enumerate(said, 1):
        # Offsets count in the text as it came; ours has lost its outer blanks.
        text = entry["Content"].strip()
        lost = len(entry["Content"]) - len(entry["Content"].lstrip())
        for group, kind in _FOUND.items():
            for found in entry.get(group) or ():
                begin, end = (offset - lost for offset in _offsets(found))
                clipped = (min(max(begin, 0), len(text)), min(max(end, 0), len(text)))
                is_clipped |= clipped != (begin, end)
                place = {"begin": clipped[0], "end": clipped[1]}
                issues.append(
                    {"kind": kind, "turn": number, **place, "text": text[slice(*clipped)]}
                )
    return issues, is_clipped


def _offsets(found: _Entry) -> tuple[int, int]:
    for name in ("CharacterOffsets", "RedactedCharacterOffsets", "UnredactedCharacterOffsets"):
        if found.get(name):
            return found[name]["Begin"], found[name]["End"]
    return 0, 0


def _categories(categories: _Entry) -> list[dict[str, Any]]:
    details = categories.get("MatchedDetails") or {}
    return [
        {
            "name": name.strip(),
            "points": [
                {
                    "begin_seconds": point["BeginOffsetMillis"] / 1000,
                    "end_seconds": point["EndOffsetMillis"] / 1000,
                }
                for point in (details.get(name) or {}).get("PointsOfInterest") or ()
            ],
        }
        for name in categories.get("MatchedCategories") or ()
    ]


def _extra(document: _Entry, about: _Entry) -> dict[str, Any]:
    found = {
        "TalkSpeed": about.get("TalkSpeed"),
        "SentimentByPeriod": (about.get("Sentiment") or {}).get("SentimentByPeriod"),
        "ContactSummary": about.get("ContactSummary"),
        "made_by": document.get("made_by"),
    }
    return {name: value for name, value in found.items() if value}


def _seconds(millis: float | None) -> float | None:
    return None if millis is None else millis / 1000
