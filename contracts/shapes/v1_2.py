"""v1.2: v1.1 with an evaluation against a form whose weights stay with the form.

The totals it claims were added up by a model and are kept as claims; scores stay None here, dbt
computes them with the form's weights (pitfalls.md 46-54).
"""

import hashlib
from typing import Any, Final

from contracts import detection
from contracts.errors import Rejected
from contracts.forms import DEFAULT_FORM, parse_form_key
from contracts.shapes import v1_1
from contracts.shapes.taking import Place, inside, members, take
from contracts.values import Reading, read_result

VERSION: Final = detection.V1_2


def upgrade(document: dict[str, Any], place: Place, reading: Reading) -> dict[str, Any]:
    """Return what a v1.2 document says under v1.3 names, its evaluation included."""
    found = v1_1.upgrade(document, place, reading)
    evaluation = _evaluation(document, place, found["call_id"], reading)
    return {**found, "evaluations": [evaluation]}


def _evaluation(
    document: dict[str, Any], place: Place, call_id: str, reading: Reading
) -> dict[str, Any]:
    block = inside(document, "qa_evaluation")
    form_name, form_version = _form(document, block)
    name = f"{place.tenant}\0{call_id}\0{form_name}\0{form_version}"
    answers = inside(block, "criteria")
    return {
        "evaluation_id": f"legacy-{hashlib.sha256(name.encode()).hexdigest()[:20]}",
        "form_name": form_name,
        "form_version": form_version,
        "evaluator": "model",
        "evaluation_type": "standard",
        "status": "complete" if isinstance(answers, list) else "failed",
        "criteria": [_criterion(answer, reading) for answer in members(answers) if _is_map(answer)],
        "stated": _stated(block),
    }


def _form(document: dict[str, Any], block: object) -> tuple[str, int]:
    holder = block if inside(block, "qa_template_version") else document
    try:
        form = parse_form_key(str(inside(holder, "qa_template_version")), "qa_template_version")
    except Rejected:
        return DEFAULT_FORM, 1
    take(holder, "qa_template_version")
    return form


def _criterion(answer: dict[str, Any], reading: Reading) -> dict[str, Any]:
    result, raw = read_result(take(answer, "passed"), reading)
    return {
        "criterion_id": take(answer, "id"),
        "question": take(answer, "question"),
        "result": result,
        "result_raw": raw,
        "stated_score": take(answer, "score"),
        "reason": take(answer, "reason"),
    }


def _stated(block: object) -> dict[str, Any] | None:
    failed = [take(entry, "id") for entry in members(inside(block, "failed")) if _is_map(entry)]
    claims = {name: take(block, name) for name in ("total_score", "max_score", "percentage")}
    if not failed and all(value is None for value in claims.values()):
        return None
    return {**claims, "failed": failed}


def _is_map(value: object) -> bool:
    return isinstance(value, dict)
