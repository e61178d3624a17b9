"""A transcript and what was found in it -> the enriched call: v1.3 before metadata is joined.

Every key of the contract is there, None where nothing is known. Figures the file states are taken,
others computed; `characteristics_source` says which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from contracts.final_call import DOCUMENT
from contracts.ledger import Call, State
from contracts.words import SCHEMA_VERSION
from ingestion.figures import Figures, compute
from ingestion.ports import Job
from ingestion.roles import Roles
from ingestion.sentiment import Insight
from ingestion.transcripts.transcript import Stated, Transcript

PRODUCER: Final = "cci-lite-analyser"
_PARTIES: Final = ("agent", "customer")

_Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """A transcript as it goes into the document: turns with speakers, figures, parties."""

    transcript: Transcript
    roles: Roles
    figures: Figures | None
    language: str | None

    @classmethod
    def of(cls, transcript: Transcript, roles: Roles, language: str | None) -> "Heard":
        """Return the transcript with its figures computed where the file states none."""
        figures = None if transcript.stated else compute(transcript.turns)
        return cls(transcript, roles, figures, language)

    def turns(self) -> list[_Entry]:
        """Return the document's turns, numbered from 1."""
        interrupting = self.figures.interruptions if self.figures else frozenset()
        return [
            {
                "turn": index + 1,
                "speaker": self.roles.speakers[turn.label],
                "start_seconds": turn.start,
                "end_seconds": turn.end,
                "text": turn.text,
                "sentiment": turn.sentiment,
                "sentiment_score": None,
                "interrupted": turn.is_interruption or index in interrupting,
            }
            for index, turn in enumerate(self.transcript.turns)
        ]


def build_enriched(
    call: Call, job: Job | None, heard: Heard, insight: Insight, *, now: str, code_version: str
) -> _Entry:
    """Return the enriched document without summary and evaluations; `now` is ISO 8601 UTC."""
    transcript = heard.transcript
    document = DOCUMENT.empty() or {}
    turns = heard.turns()
    for turn, asked in zip(turns, insight.turns, strict=False):
        turn["sentiment"] = turn["sentiment"] or asked["label"]
    times = call.attributes.get("at") or {}
    document |= {
        "schema_version": SCHEMA_VERSION,
        "tenant_id": call.tenant,
        "call_id": call.call_id,
        "key_phrases": insight.key_phrases,
        "entities": insight.entities,
        "usage": [*_transcribe_usage(call, job), *insight.usage],
        "warnings": sorted(
            {
                *(call.attributes.get("warnings") or ()),
                *transcript.warnings,
                *heard.roles.warnings,
                *insight.warnings,
            }
        ),
        "extra": dict(transcript.extra),
    }
    document["call"] |= {
        "provider": call.text("provider"),
        "call_date": call.text("call_date") or call.text("day"),
        "duration_seconds": _duration(call, transcript),
        "language": heard.language,
    }
    document["source"] |= _source(call, job, transcript)
    document["transcript"] |= {"turns": turns, "coverage_fraction": 1.0, **_figures(heard)}
    _keep_other_talk(document, heard)
    document["sentiment"] |= {**insight.sentiment, **_tendency(heard, insight)}
    document["lineage"] |= {
        "received_at": call.text("received_at"),
        "transcribed_at": times.get(State.TRANSCRIBED.value),
        "enriched_at": now,
        "processed_at": now,
        "producer": PRODUCER,
        "schema_version_detected": SCHEMA_VERSION,
        "detection_rule": "field",
        "code_version": code_version,
    }
    return document


def _transcribe_usage(call: Call, job: Job | None) -> list[_Entry]:
    if job is None:
        return []
    seconds = call.attributes.get("duration_seconds")
    usage: _Entry = dict.fromkeys(("model_id", "region", "input_tokens", "output_tokens", "units"))
    audio_seconds = None if seconds is None else float(seconds)
    return [{"service": "transcribe", "purpose": job.api, **usage, "audio_seconds": audio_seconds}]


def _duration(call: Call, transcript: Transcript) -> float | None:
    probed = call.attributes.get("duration_seconds")
    return float(probed) if probed is not None else transcript.duration_seconds


def _source(call: Call, job: Job | None, transcript: Transcript) -> _Entry:
    probed = call.attributes.get("channel_count")
    status = "redacted" if transcript.is_redacted else "not_requested"
    if job is not None and not transcript.is_redacted:
        status = "unsupported_language"
    return {
        "recording_key": call.text("source_key") if job else None,
        "transcript_key": call.text("transcript_key"),
        "transcribe_job": job.name if job else None,
        "transcribe_api": job.api if job else "none",
        "channel_count": transcript.channel_count or (None if probed is None else int(probed)),
        "average_word_confidence": transcript.average_word_confidence,
        "pii_redacted": bool(transcript.is_redacted),
        "redaction_status": status,
    }


def _figures(heard: Heard) -> _Entry:
    transcript, figures = heard.transcript, heard.figures
    stated: Stated | None = transcript.stated
    found: _Entry = {
        "role_source": heard.roles.source,
        "categories": [dict(category) for category in transcript.categories],
        "issues": [dict(issue) for issue in transcript.issues],
    }
    if stated is None and figures is None:
        return found
    talk = _talk(heard)
    found["talk_seconds"] = {party: talk.get(party) for party in _PARTIES}
    if stated is not None:
        found["characteristics_source"] = stated.source
        found["non_talk_seconds"] = stated.non_talk_seconds
        found["interruption_count"] = stated.interruption_count
    elif figures is not None:
        found["characteristics_source"] = "computed"
        found["non_talk_seconds"] = figures.non_talk_seconds
        found["interruption_count"] = len(figures.interruptions)
    return found


def _talk(heard: Heard) -> dict[str, float]:
    if heard.transcript.stated:
        return dict(heard.transcript.stated.talk_seconds)
    by_label = heard.figures.talk_seconds if heard.figures else {}
    return {heard.roles.speakers[label]: seconds for label, seconds in by_label.items()}


def _keep_other_talk(document: _Entry, heard: Heard) -> None:
    others = {name: value for name, value in _talk(heard).items() if name not in _PARTIES}
    if others:
        document["extra"]["transcript.talk_seconds"] = others


def _tendency(heard: Heard, insight: Insight) -> _Entry:
    provider = "comprehend" if insight.sentiment["label"] else None
    stated = heard.transcript.stated
    if stated is None:
        shift = _shift(heard, insight.turns)
        return {"customer_shift": shift, "provider": provider}
    scores: Mapping[str, float] = stated.overall_scores
    return {
        "overall_scores": {party: scores.get(party) for party in _PARTIES},
        "customer_shift": stated.customer_shift,
        "provider": provider,
    }


def _shift(heard: Heard, answers: Sequence[Mapping[str, Any]]) -> float | None:
    """Return the customer's mean tone (-5 to 5) in the last quarter minus that in the first."""
    said = [
        (turn.start, 5 * (answer["scores"]["positive"] - answer["scores"]["negative"]))
        for turn, answer in zip(heard.transcript.turns, answers, strict=False)
        if heard.roles.speakers[turn.label] == "customer"
        and turn.start is not None
        and answer["scores"]
    ]
    if len(said) < 2 or said[0][0] == said[-1][0]:
        return None
    first, last = said[0][0], said[-1][0]
    quarters: list[list[float]] = [[], [], [], []]
    for start, tone in said:
        quarters[min(3, int(4 * (start - first) / (last - first)))].append(tone)
    ends = [sum(quarter) / len(quarter) for quarter in (quarters[0], quarters[3])]
    return round(ends[1] - ends[0], 6)
