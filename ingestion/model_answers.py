"""A prompt -> the model's stored answer, and the stored answer -> a JSON object or none.

The raw answer is written before anything is read from it and only the stored one counts: two
deliveries see one answer, and a scoring change needs no second call. An answer is input from a
stranger; broken JSON is extracted, never guessed at (security.md §8).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from contracts.document_bytes import clean
from contracts.keys import WorkKey
from contracts.ledger import Call
from ingestion.ports import Ports
from ingestion.prompts import Prompt

Purpose = Literal["summarise", "evaluate"]
ParseStatus = Literal["ok", "repaired", "raw", "failed"]

_FENCED: Final = re.compile(r"```(?:json)?\s*(\{.*?\})\s*```", re.DOTALL)
_CONTROL: Final = re.compile(r"[\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """A model's answer as it lies in `tmp/`, with what it cost."""

    text: str
    stop_reason: str
    model_id: str
    prompt_version: str
    usage: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an answer says; `value` is None unless the status is ok or repaired."""

    status: ParseStatus
    value: dict[str, Any] | None


def ask(ports: Ports, call: Call, purpose: Purpose, prompt: Prompt, model_id: str) -> StoredAnswer:
    """Return the answer to a prompt about a call, asking only when none is stored yet."""
    digest = hashlib.sha256(f"{model_id}\0{prompt.text}".encode()).hexdigest()
    name = f"answer-{purpose}-r{call.revision}-{digest[:8]}.json"
    key = str(WorkKey(call.tenant, call.call_id, name))
    stored = ports.results.get(key)
    if stored is None:
        answer = ports.model.ask(model_id, prompt.text)
        kept = {
            "text": answer.text,
            "stop_reason": answer.stop_reason,
            "model_id": model_id,
            "prompt_version": prompt.version,
            "usage": {
                "service": "bedrock",
                "purpose": purpose,
                "model_id": model_id,
                "region": ports.settings.region,
                "input_tokens": answer.input_tokens,
                "output_tokens": answer.output_tokens,
                "units": None,
                "audio_seconds": None,
            },
        }
        stored = ports.results.put_once(key, json.dumps(kept).encode())
    return StoredAnswer(**clean(json.loads(stored.body), set()))


def parse(answer: StoredAnswer) -> Parsed:
    """Return the one JSON object of an answer.

    ok: the text is the object. repaired: it stood in a fence or among words, or held control
    characters. raw: text without one. failed: nothing, or the model was stopped.
    """
    text = answer.text.strip()
    if not text or answer.stop_reason != "end_turn":
        return Parsed("failed", None)
    value = _load(text)
    if value is not None:
        return Parsed("ok", value)
    fenced = _FENCED.search(text)
    braced = text[text.find("{") : text.rfind("}") + 1]
    for candidate in (fenced[1] if fenced else "", braced):
        value = _load(_CONTROL.sub(" ", candidate))
        if value is not None:
            return Parsed("repaired", value)
    return Parsed("raw", None)


def _load(text: str) -> dict[str, Any] | None:
    """Return a strict reading: no repeated keys, no NaN, nothing after the object."""
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return clean(value, set()) if isinstance(value, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a key is repeated")
    return dict(pairs)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
