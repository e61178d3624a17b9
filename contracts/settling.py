"""A document whose values are read -> one that keeps the promises between its values.

What one field says about another, whatever shape it came from: the call has an identity and a
date, turns have unique numbers, an outcome has its word, people's names are only hashes.
"""

from typing import Any

from contracts.call_ids import CALL_ID
from contracts.errors import Rejected
from contracts.shapes.taking import Place
from contracts.summary_values import outcome_word
from contracts.values import Reading, format_time
from contracts.words import PII_ENTITY_TYPES, SCHEMA_VERSION


def settle(document: dict[str, Any], place: Place, reading: Reading) -> None:
    """Complete `document` in place.

    Raise Rejected: no_call_identity or no_call_date.
    """
    document["schema_version"] = SCHEMA_VERSION
    document["tenant_id"] = place.tenant
    if not CALL_ID.fullmatch(document["call_id"] or ""):
        raise Rejected(
            "no_call_identity", "call_id must be a readable part, - and 10 or 20 hex", "call_id"
        )
    _settle_date(document["call"], place)
    _settle_turns(document["transcript"]["turns"], reading)
    _settle_entities(document["entities"], reading)
    document["evaluations"] = _newest_of_each(document["evaluations"], reading)
    summary, lineage = document["summary"], document["lineage"]
    summary["outcome"] = summary["outcome"] or outcome_word(summary["outcome_raw"])
    if lineage["processed_at"] is None and place.written_at:
        lineage["processed_at"] = format_time(place.written_at)
    document["extra"] = _extra(document["extra"], reading)


def _settle_date(call: dict[str, Any], place: Place) -> None:
    if call["call_date"]:
        return
    if call["started_at"]:
        call["call_date"] = call["started_at"][:10]
    elif place.key_date:
        call |= {"call_date": place.key_date.isoformat(), "started_at_source": "path"}
    elif place.written_at:
        written = format_time(place.written_at)
        call |= {"call_date": written[:10], "started_at_source": "object_time"}
    else:
        raise Rejected("no_call_date", "neither document nor key nor object has a date", "call")


def _settle_turns(turns: list[dict[str, Any]], reading: Reading) -> None:
    for position, turn in enumerate(turns, 1):
        turn["turn"] = turn["turn"] or position
    if len({turn["turn"] for turn in turns}) < len(turns):
        reading.repairs.add("turns_renumbered")
        for position, turn in enumerate(turns, 1):
            turn["turn"] = position


def _settle_entities(entities: list[dict[str, Any]], reading: Reading) -> None:
    for entity in entities:
        if entity["type"] not in PII_ENTITY_TYPES or entity["text"] is None:
            continue
        if reading.hash_text:
            entity["text_hash"] = entity["text_hash"] or reading.hash_text(entity["text"])
        elif entity["text_hash"] is None:
            reading.repairs.add("pii_text_dropped")
        entity["text"] = None


def _newest_of_each(evaluations: list[dict[str, Any]], reading: Reading) -> list[dict[str, Any]]:
    """Return the evaluations, each id once: the last of an id replaces those before it."""
    newest = {evaluation["evaluation_id"]: evaluation for evaluation in evaluations}
    if len(newest) < len(evaluations):
        reading.repairs.add("evaluation_replaced")
        older = [each for each in evaluations if newest[each["evaluation_id"]] is not each]
        reading.keep("evaluations", older)
    return list(newest.values())


def _extra(stated: object, reading: Reading) -> dict[str, Any]:
    if isinstance(stated, dict):
        return {**stated, **reading.extra}
    reading.keep("extra", stated)
    return dict(reading.extra)
