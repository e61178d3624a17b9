"""Heard turns -> the result document of a Call Analytics job.

Figures follow AWS's definitions: offsets in milliseconds, talk per role, a non-talk gap of three
seconds and more, an interruption where one role begins inside the other's turn, sentiment -5 to 5
per quarter of the role's own time. A role that says nothing is absent, it is not zero.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from localaws.services.spans import certainty
from localaws.services.spoken_words import SpokenTurn, Word
from localaws.services.tone_words import sentiment, tone
from localaws.services.transcribe_output import MADE_BY

GAP_SECONDS: Final = 3.0
OVERLAP_SECONDS: Final = 2.0
QUARTERS: Final = 4

_SENTENCE = re.compile(r"[^.?!]+[.?!]?")
_PROMISE = re.compile(r"\b(?:I|we)(?:'ll| will) ", re.IGNORECASE)
_DONE = re.compile(r"\b(?:I|we)(?:'ve| have) ", re.IGNORECASE)

Details = dict[str, Any]


def call_analytics_document(
    job: Mapping[str, str], turns: Sequence[SpokenTurn], roles: Mapping[int, str], *, redacted: bool
) -> Details:
    """Return the result of `job` (name, account, language); `roles` maps channel -> role."""
    shown = [_turn(job["name"], number, turn, roles) for number, turn in enumerate(turns)]
    _mark_insights(shown)
    content = {"Output": "Redacted", "RedactionTypes": ["PII"]} if redacted else {"Output": "Raw"}
    return {
        "JobStatus": "COMPLETED",
        "LanguageCode": job["language"],
        "Transcript": shown,
        "AccountId": job["account"],
        "Categories": {"MatchedDetails": {}, "MatchedCategories": []},
        "Channel": "VOICE",
        "JobName": job["name"],
        "Participants": [{"ParticipantRole": role} for _, role in sorted(roles.items())],
        "ConversationCharacteristics": _characteristics(shown),
        "ContentMetadata": content,
        "made_by": MADE_BY,
    }


def _turn(job_name: str, number: int, spoken: SpokenTurn, roles: Mapping[int, str]) -> Details:
    text = spoken.text
    begin, end = _millis(spoken.turn.start), _millis(spoken.turn.end)
    seconds = range(max(1, (end - begin) // 1000))
    masked = [word for word in spoken.words if word.pii_kind is not None]
    redaction = {"Redaction": {"RedactedTimestamps": [_times(word) for word in masked]}}
    return {
        "LoudnessScores": [round(60 + 30 * certainty(text, second), 2) for second in seconds],
        "Content": text,
        **(redaction if masked else {}),
        "Items": [_item(word) for word in spoken.words],
        "Id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{job_name}/{number}/{text}")),
        "BeginOffsetMillis": begin,
        "EndOffsetMillis": end,
        "Sentiment": sentiment(text)[0],
        "ParticipantRole": roles[spoken.turn.channel],
    }


def _item(word: Word) -> Details:
    if word.is_punctuation:
        return {"Type": "punctuation", "Confidence": 0.0, "Content": word.text}
    said: Details = {"Type": "pronunciation", "Content": word.text}
    if word.pii_kind is None:
        said["Confidence"] = word.confidence
    else:
        said["Redaction"] = [{"Confidence": word.confidence}]
    return {**said, **_times(word)}


def _times(word: Word) -> dict[str, int]:
    return {"BeginOffsetMillis": _millis(word.start), "EndOffsetMillis": _millis(word.end)}


def _mark_insights(turns: Sequence[Details]) -> None:
    """Note the first thing the customer says as the issue, promises and deeds of the agent."""
    customer = [turn for turn in turns if turn["ParticipantRole"] == "CUSTOMER"]
    agent = [turn for turn in turns if turn["ParticipantRole"] == "AGENT"]
    long = [turn for turn in customer if len(turn["Items"]) > 6]
    for turn in long[:1]:
        _note(turn, "IssuesDetected", re.compile(""))
    for turn in agent:
        _note(turn, "ActionItemsDetected", _PROMISE)
    for turn in [turn for turn in agent if _DONE.search(turn["Content"])][-1:]:
        _note(turn, "OutcomesDetected", _DONE)


def _note(turn: Details, kind: str, sign: re.Pattern[str]) -> None:
    for sentence in _SENTENCE.finditer(turn["Content"]):
        if sign.search(sentence[0]):
            text = sentence[0].strip().rstrip(".?!")
            begin = turn["Content"].index(text, sentence.start())
            turn[kind] = [{"CharacterOffsets": {"Begin": begin, "End": begin + len(text)}}]
            return


def _characteristics(turns: Sequence[Details]) -> Details:
    total = max((turn["EndOffsetMillis"] for turn in turns), default=0)
    by_role: dict[str, list[Details]] = {}
    for turn in turns:
        by_role.setdefault(turn["ParticipantRole"], []).append(turn)
    talk = {role: _joined(said) for role, said in sorted(by_role.items())}
    return {
        "NonTalkTime": _non_talk(turns),
        "Interruptions": _interruptions(turns),
        "TotalConversationDurationMillis": total,
        "Sentiment": _sentiment({role: by_role[role] for role in talk}),
        "TalkSpeed": {
            "DetailsByParticipant": {
                role: {"AverageWordsPerMinute": _speed(by_role[role], talk[role])} for role in talk
            }
        },
        "TalkTime": {
            "DetailsByParticipant": {
                role: {"TotalTimeMillis": millis} for role, millis in talk.items()
            },
            "TotalTimeMillis": sum(talk.values()),
        },
    }


def _joined(turns: Sequence[Details]) -> int:
    """Return the milliseconds one role talked; its own overlapping turns count once."""
    total = last = 0
    for turn in turns:
        total += max(0, turn["EndOffsetMillis"] - max(last, turn["BeginOffsetMillis"]))
        last = max(last, turn["EndOffsetMillis"])
    return total


def _speed(turns: Sequence[Details], talk_millis: int) -> int:
    words = sum(item["Type"] == "pronunciation" for turn in turns for item in turn["Items"])
    return round(words * 60_000 / talk_millis) if talk_millis else 0


def _non_talk(turns: Sequence[Details]) -> Details:
    instances: list[dict[str, int]] = []
    heard_until = 0
    for turn in turns:
        begin = turn["BeginOffsetMillis"]
        if begin - heard_until >= GAP_SECONDS * 1000:
            instances.append(_stretch(heard_until, begin))
        heard_until = max(heard_until, turn["EndOffsetMillis"])
    return {"Instances": instances, "TotalTimeMillis": _total(instances)}


def _interruptions(turns: Sequence[Details]) -> Details:
    by_role: dict[str, list[dict[str, int]]] = {}
    for before, turn in pairwise(turns):
        role = turn["ParticipantRole"]
        end = min(before["EndOffsetMillis"], turn["EndOffsetMillis"])
        overlap = end - turn["BeginOffsetMillis"]
        if role != before["ParticipantRole"] and overlap >= OVERLAP_SECONDS * 1000:
            by_role.setdefault(role, []).append(_stretch(turn["BeginOffsetMillis"], end))
    every = [entry for entries in by_role.values() for entry in entries]
    return {
        "TotalCount": len(every),
        "TotalTimeMillis": _total(every),
        "InterruptionsByInterrupter": by_role,
    }


def _stretch(begin: int, end: int) -> dict[str, int]:
    return {"BeginOffsetMillis": begin, "DurationMillis": end - begin, "EndOffsetMillis": end}


def _total(stretches: Sequence[dict[str, int]]) -> int:
    return sum(entry["DurationMillis"] for entry in stretches)


def _sentiment(by_role: Mapping[str, Sequence[Details]]) -> Details:
    overall = {role: _score(turns) for role, turns in by_role.items()}
    quarters = {role: _quarters(turns) for role, turns in by_role.items()}
    return {"OverallSentiment": overall, "SentimentByPeriod": {"QUARTER": quarters}}


def _quarters(turns: Sequence[Details]) -> list[Details]:
    """Return the score of each quarter of the role's own time in which it began a turn."""
    end = turns[-1]["EndOffsetMillis"]
    edges = [end * number // QUARTERS for number in range(QUARTERS + 1)]
    periods = [
        (begin, stop, [turn for turn in turns if begin <= turn["BeginOffsetMillis"] < stop])
        for begin, stop in pairwise(edges)
    ]
    return [
        {"Score": _score(said), "BeginOffsetMillis": begin, "EndOffsetMillis": stop}
        for begin, stop, said in periods
        if said
    ]


def _score(turns: Sequence[Details]) -> float:
    """Return -5 to 5: the mean balance of kind and unkind words of the turns."""
    return round(5 * sum(tone(turn["Content"]).balance for turn in turns) / len(turns), 1)


def _millis(seconds: float) -> int:
    return round(seconds * 1000)
