"""v1.3, the shape of today: only values that a loose writer may have put differently."""

import hashlib
import re
from typing import Any, Final

from contracts import detection
from contracts.final_call import hash_document
from contracts.shapes.taking import Place, inside, members
from contracts.summary_values import read_action_items
from contracts.values import Reading, read_result
from contracts.words import HASH_PATTERN, RESULTS

VERSION: Final = detection.V1_3


def upgrade(document: dict[str, Any], place: Place, reading: Reading) -> dict[str, Any]:  # noqa: ARG001 all shapes alike
    """Return the document with its results and action items in one form."""
    summary = document.get("summary")
    if isinstance(summary, dict):
        items = read_action_items(summary.get("action_items"), "summary.action_items", reading)
        document = {**document, "summary": {**summary, "action_items": items}}
    for evaluation in members(document.get("evaluations")):
        for criterion in members(inside(evaluation, "criteria")):
            _settle_result(criterion, reading)
    return document


def identity(document: dict[str, Any]) -> str:
    """Return the document's own hash, or the one it should have carried."""
    stated = inside(document.get("lineage"), "document_hash")
    if isinstance(stated, str) and re.fullmatch(HASH_PATTERN, stated):
        return stated
    return hash_document(document)


def identity_of_bytes(body: bytes) -> str:
    """Return the identity of a document of another shape: the hash of its bytes."""
    return hashlib.sha256(body).hexdigest()


def _settle_result(criterion: object, reading: Reading) -> None:
    if isinstance(criterion, dict) and criterion.get("result") not in RESULTS:
        result, raw = read_result(criterion.get("result"), reading)
        criterion |= {"result": result, "result_raw": criterion.get("result_raw") or raw}
