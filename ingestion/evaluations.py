"""The model's criterion answers -> one evaluation: verified, then scored in code.

The model answers, code scores. A `passed` counts only with words the agent said in the named turn;
whatever else the answer claims, the evaluation has exactly the form's criteria, once each.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, get_args

from contracts.evidence import AGENT, is_verified
from contracts.forms import Criterion, Form
from contracts.ledger import Call
from contracts.scoring import Result, Score, Scored, rounded, score
from ingestion.model_answers import StoredAnswer, parse

PROMPT: Final = "evaluate-1"
_SAID: Final = ("passed", "failed", "not_applicable")

_Entry = Mapping[str, Any]


def criteria_for_prompt(form: Form) -> list[dict[str, str]]:
    """Return what the model is told of each criterion; weights are none of its business."""
    return [
        {
            "criterion_id": criterion.criterion_id,
            "question": criterion.question,
            **({"guidance": criterion.guidance} if criterion.guidance else {}),
        }
        for criterion in form.criteria
    ]


def answer_schema(form: Form) -> dict[str, Any]:
    """Return the JSON schema of the answer to one form version."""
    properties = {
        "criterion_id": {
            "type": "string",
            "enum": [criterion.criterion_id for criterion in form.criteria],
        },
        "result": {"type": "string", "enum": list(_SAID)},
        "turn": {"type": ["integer", "null"]},
        "quote": {"type": ["string", "null"]},
        "reason": {"type": "string"},
    }
    entry = _closed(properties)
    return _closed({"criteria": {"type": "array", "items": entry}})


def build_evaluation(
    call: Call, form: Form, answer: StoredAnswer, turns: Sequence[_Entry], now: str
) -> dict[str, Any]:
    """Return the evaluation; `now` is ISO 8601 UTC. Unreadable answers give `needs_review`."""
    said, is_complete = _read_answer(answer, form)
    if not any(turn["speaker"] == AGENT for turn in turns):
        # Nobody is known to be the agent: then neither a pass nor a failure can be told.
        said, is_complete = {}, False
    criteria = [
        _criterion(criterion, said.get(criterion.criterion_id, {}), turns)
        for criterion in form.criteria
    ]
    return {
        "evaluation_id": _evaluation_id(call, form),
        "form_name": form.name,
        "form_version": form.version,
        "evaluator": "model",
        "evaluator_hash": None,
        "evaluation_type": "standard",
        "model_id": answer.model_id,
        "prompt_version": answer.prompt_version,
        "submitted_at": now,
        "status": "complete" if is_complete else "needs_review",
        "criteria": criteria,
        "stated": None,
        **_scores(form, criteria),
    }


def _closed(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": dict(properties),
    }


def _read_answer(answer: StoredAnswer, form: Form) -> tuple[dict[str, _Entry], bool]:
    """Return the first entry per known criterion, and whether there was exactly one of each."""
    value = parse(answer).value or {}
    inner = value.get("qa_evaluation")
    entries = (inner if isinstance(inner, dict) else value).get("criteria")
    known = [criterion.criterion_id for criterion in form.criteria]
    found: dict[str, _Entry] = {}
    named: list[str] = []
    for entry in _objects(entries):
        name = str(entry.get("criterion_id", entry.get("id")))
        named.append(name)
        if name in known:
            found.setdefault(name, entry)
    return found, sorted(named) == sorted(known)


def _objects(entries: Any) -> Iterable[_Entry]:
    members = entries if isinstance(entries, list) else ()
    return (entry for entry in members if isinstance(entry, dict))


def _criterion(criterion: Criterion, said: _Entry, turns: Sequence[_Entry]) -> dict[str, Any]:
    quote = said.get("quote") if isinstance(said.get("quote"), str) else None
    turn = said.get("turn")
    number = turn if isinstance(turn, int) and not isinstance(turn, bool) and turn > 0 else None
    is_proven = is_verified(quote, number, turns)
    raw = said.get("result")
    reason = said.get("reason")
    return {
        "criterion_id": criterion.criterion_id,
        "question": criterion.question,
        "section": criterion.section,
        "weight": format(criterion.weight, "f"),
        "is_required": criterion.is_required,
        "is_critical": criterion.is_critical,
        "result": _result(criterion, raw, is_proven=is_proven),
        "result_raw": raw if isinstance(raw, str) else None,
        "stated_score": None,
        "reason": reason if isinstance(reason, str) else None,
        "evidence": {"turn": number, "quote": quote, "is_verified": is_proven},
    }


def _result(criterion: Criterion, raw: object, *, is_proven: bool) -> Result:
    if raw == "passed":
        return "passed" if is_proven else "not_answered"
    if raw == "not_applicable" and not criterion.allows_not_applicable:
        return "not_answered"
    return next((word for word in get_args(Result) if word == raw), "not_answered")


def _scores(form: Form, criteria: Sequence[_Entry]) -> dict[str, Any]:
    scored = [
        Scored(
            entry["criterion_id"], entry["result"], Fraction(entry["weight"]), entry["is_critical"]
        )
        for entry in criteria
    ]
    result: Score = score(scored, Fraction(form.pass_threshold))
    return {
        "score_fraction": rounded(result.score_fraction),
        "final_score_fraction": rounded(result.final_score_fraction),
        "pass_threshold_fraction": float(form.pass_threshold),
        "has_passed": result.has_passed,
        "has_critical_failure": result.has_critical_failure,
        "stated_score_mismatch": None,
    }


def _evaluation_id(call: Call, form: Form) -> str:
    parts = (call.tenant, call.call_id, "model", form.name, str(form.version))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
