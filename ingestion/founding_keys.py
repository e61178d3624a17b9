"""An enriched call of v1.3 <-> the keys the founding documents promised a v1.2 reader.

Their Athena queries run on enriched documents as they are. Criteria that were not scored stay out
of `qa_evaluation`: those queries count everything that is not passed as failed.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

_KEYS: Final = ("call_date", "ai_summary", "qa_evaluation")
_SUMMARY: Final = (
    "issue", "resolution", "outcome", "action_items", "tone_score", "sentiment_summary",
)  # fmt: skip


def with_founding_keys(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with the v1.2 keys derived from its own."""
    evaluation = next(iter(document["evaluations"]), None)
    return {
        **document,
        "call_date": document["call"]["call_date"],
        "sentiment": {**document["sentiment"], "ResultList": _results(document["sentiment"])},
        "ai_summary": {name: document["summary"][name] for name in _SUMMARY},
        "qa_evaluation": _qa_evaluation(evaluation) if evaluation else None,
    }


def without_founding_keys(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document as v1.3 has it."""
    kept = {name: value for name, value in document.items() if name not in _KEYS}
    sentiment = document["sentiment"]
    kept["sentiment"] = {name: sentiment[name] for name in sentiment if name != "ResultList"}
    return kept


def _results(sentiment: Mapping[str, Any]) -> list[dict[str, Any]]:
    if sentiment["label"] is None:
        return []
    scores = {label.title(): score for label, score in (sentiment["scores"] or {}).items()}
    return [{"Sentiment": sentiment["label"].upper(), "SentimentScore": scores}]


def _qa_evaluation(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    scored = [
        criterion
        for criterion in evaluation["criteria"]
        if criterion["result"] in ("passed", "failed")
    ]
    criteria = [
        {
            "id": criterion["criterion_id"],
            "question": criterion["question"],
            "passed": criterion["result"] == "passed",
            "score": float(criterion["weight"]) if criterion["result"] == "passed" else 0.0,
            "reason": criterion["reason"],
        }
        for criterion in scored
    ]
    possible = sum((Fraction(criterion["weight"]) for criterion in scored), Fraction(0))
    earned = sum(
        (Fraction(entry["weight"]) for entry in scored if entry["result"] == "passed"), Fraction(0)
    )
    return {
        "criteria": criteria,
        "total_score": float(earned),
        "max_score": float(possible),
        "percentage": round(100 * earned / possible) if possible else None,
        "failed": [
            {"id": entry["id"], "reason": entry["reason"]}
            for entry in criteria
            if not entry["passed"]
        ],
    }
