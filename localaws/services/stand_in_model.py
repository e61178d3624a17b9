"""The text of a request -> the text a language model answers, made by rule and saying so."""

import json
from collections.abc import Sequence
from typing import Any, Final

from localaws.services.judge import Judgement, judge
from localaws.services.prompt_parts import Prompt, read_prompt
from localaws.services.schema_fill import Known, Schema, fill_schema
from localaws.services.summary import summarise

PROVIDER: Final = "localaws"


def reply(text: str) -> str:
    """Return JSON that the prompt's schema accepts, or a plain sentence when it names none."""
    prompt = read_prompt(text)
    if prompt.schema is None:
        issue = summarise(prompt.turns)["issue"][0]
        return f"[stand-in by {PROVIDER}: no model was asked] {issue}".strip()
    document = fill_schema(prompt.schema, *_known(prompt))
    if isinstance(document, dict) and _takes_more(prompt.schema):
        document["provider"] = PROVIDER
    return json.dumps(document, ensure_ascii=False)


def _known(prompt: Prompt) -> tuple[Known, Sequence[Known]]:
    if prompt.criteria is None:
        return summarise(prompt.turns), ()
    return {}, [_row(judge(criterion, prompt.turns)) for criterion in prompt.criteria]


def _row(found: Judgement) -> dict[str, tuple[Any, ...]]:
    """Return the judgement under the names a schema may use for its parts."""
    turn = () if found.turn is None else (found.turn,)
    quote = () if found.quote is None else (found.quote,)
    evidence = () if found.turn is None else ({"turn": found.turn, "quote": found.quote},)
    return {
        "criterion_id": (found.criterion_id,),
        **dict.fromkeys(("verdict", "result", "answer"), (found.verdict, "failed")),
        **dict.fromkeys(("turn", "turn_number"), turn),
        "quote": quote,
        "evidence": (*evidence, *quote),
        **dict.fromkeys(("reason", "explanation"), (found.reason,)),
    }


def _takes_more(schema: Schema) -> bool:
    return "provider" in schema.get("properties", {}) or schema.get("additionalProperties", True)
