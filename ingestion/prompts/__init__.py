"""Versioned prompt texts: a changed prompt is a new file, its version travels in every call.

The transcript is a numbered data block; whatever a turn says, it cannot close the block or fake a
line. Wording is no control: `ingestion/evaluations.py` and `contracts/evidence.py` hold.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, Final

_TAG: Final = re.compile(r"<(?=\s*/?\s*(?:transcript|criteria|answer_schema)\b)", re.IGNORECASE)
_HARMLESS: Final = "\u2039"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One filled prompt and the version of its text, such as `evaluate-1`."""

    version: str
    text: str


def fill_prompt(
    version: str,
    turns: Sequence[Mapping[str, Any]],
    schema: Mapping[str, Any],
    criteria: Sequence[Mapping[str, Any]] = (),
) -> Prompt:
    """Return the prompt of that version over the document's turns."""
    path = Path(__file__).with_name(f"{version}.txt")
    text = Template(path.read_text(encoding="utf-8")).substitute(
        transcript="\n".join(map(_line, turns)),
        criteria=json.dumps(criteria, ensure_ascii=False),
        answer_schema=json.dumps(schema, ensure_ascii=False),
    )
    return Prompt(version, text)


def _line(turn: Mapping[str, Any]) -> str:
    text = _TAG.sub(_HARMLESS, " ".join(str(turn["text"]).split()))
    return f"[{turn['turn']}] {turn['speaker']}: {text}"
