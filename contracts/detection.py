"""A decoded document -> the schema version to read it as, and the rule that said so.

Only v1.0 and v1.3 name their version; the others are known by their shape. Rules stand in order,
the first that fires wins (lake.md §3.1).
"""

from collections.abc import Callable
from typing import Any, Final

from contracts.errors import Rejected

V1_0: Final = "cci-lite-v1.0"
V1_1: Final = "cci-lite-v1.1"
V1_2: Final = "cci-lite-v1.2"
V1_3: Final = "cci-lite-v1.3"

_BLOCKS: Final = ("sentiment", "key_phrases", "entities")
_DIRECT: Final = {"sentiment": "Sentiment", "key_phrases": "KeyPhrases", "entities": "Entities"}


def detect(document: dict[str, Any]) -> tuple[str, str]:
    """Return (schema version, detection rule).

    Raise Rejected: unknown_version, raw_transcript or unknown_shape, each with what to do.
    """
    stated = document.get("schema_version")
    if isinstance(stated, str) and stated.startswith("cci-lite-v"):
        if stated not in (V1_0, V1_1, V1_2, V1_3):
            raise Rejected(
                "unknown_version", f"{stated[:40]}: replay it once this version reads it"
            )
        return stated, "field"
    if _is_raw_transcript(document):
        raise Rejected("raw_transcript", "a transcript, no call document: land it as a transcript")
    for rule, version, fires in _RULES:
        if fires(document):
            return version, f"shape:{rule}"
    raise Rejected("unknown_shape", "no rule knows this shape; see the runbook for what is read")


def _is_raw_transcript(document: dict[str, Any]) -> bool:
    members = document.get("Transcript")
    if isinstance(members, list) and not _is_contact_lens(document, members):
        return True
    results = document.get("results")
    return isinstance(results, dict) and "transcripts" in results


def _is_contact_lens(document: dict[str, Any], members: list[Any]) -> bool:
    return isinstance(document.get("CustomerMetadata"), dict) or any(
        isinstance(member, dict) and "ParticipantId" in member for member in members
    )


def _has_summary_raw(document: dict[str, Any]) -> bool:
    return "summary_raw" in _inside(document, "ai_summary")


def _has_result_list(document: dict[str, Any]) -> bool:
    return any("ResultList" in _inside(document, block) for block in _BLOCKS)


def _is_direct(document: dict[str, Any]) -> bool:
    return isinstance(document.get("ai_summary"), dict) and any(
        key in _inside(document, block) for block, key in _DIRECT.items()
    )


def _is_excerpt(document: dict[str, Any]) -> bool:
    return (
        isinstance(document.get("summary"), str)
        and "Sentiment" in _inside(document, "sentiment")
        and "ai_summary" not in document
    )


def _is_final(document: dict[str, Any]) -> bool:
    return isinstance(document.get("call"), dict) and isinstance(document.get("lineage"), dict)


def _inside(document: dict[str, Any], name: str) -> dict[str, Any]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


_RULES: Final[tuple[tuple[str, str, Callable[[dict[str, Any]], bool]], ...]] = (
    ("qa_evaluation", V1_2, lambda document: "qa_evaluation" in document),
    ("summary_raw", V1_1, _has_summary_raw),
    ("result_list", V1_1, _has_result_list),
    ("direct", V1_1, _is_direct),
    ("excerpt", V1_0, _is_excerpt),
    ("final", V1_3, _is_final),
)
