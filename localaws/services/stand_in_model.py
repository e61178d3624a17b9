"""A request to a model -> what a stand-in says, made by rule and saying so.

It reads the conversation, the criteria and the JSON schema of the request; a tool it must call gets
the input its schema asks for. Where it may choose, it calls no tool.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

from localaws.services.judge import Judgement, judge
from localaws.services.model_turns import Asked, Reply, Text, ToolUse
from localaws.services.prompt_parts import Prompt, read_prompt
from localaws.services.schema_fill import Known, Schema, fill_schema
from localaws.services.summary import summarise

PROVIDER: Final = "localaws"


def ask(asked: Asked) -> Reply:
    """Return the stand-in's answer; raise ModelErrorException for a schema it cannot fill."""
    prompt = read_prompt(asked.text)
    tool = asked.forced_tool
    if tool is not None:
        return _called(asked, tool.name, _filled(tool.schema, prompt))
    schema = asked.schema if asked.schema is not None else prompt.schema
    if schema is None:
        issue = summarise(prompt.turns)["issue"][0]
        text = f"[stand-in by {PROVIDER}: no model was asked] {issue}".strip()
    else:
        text = json.dumps(_filled(schema, prompt), ensure_ascii=False)
    return _said(asked, text)


def tokens(text: str) -> int:
    """Return words x 4/3, rounded up: stable, and near enough for a bill in a test."""
    return -(-len(text.split()) * 4 // 3)


def _called(asked: Asked, name: str, document: Any) -> Reply:
    text = json.dumps(document, ensure_ascii=False)
    spent, limit = tokens(text), asked.max_tokens
    number = hashlib.sha256(f"{name}/{asked.text}".encode()).hexdigest()[:22]
    if limit is not None and spent > limit:
        block = ToolUse(f"tooluse_{number}", name, {})  # what was cut is no JSON
        return Reply((block,), "max_tokens", tokens(asked.text), limit)
    block = ToolUse(f"tooluse_{number}", name, document)
    return Reply((block,), "tool_use", tokens(asked.text), spent)


def _said(asked: Asked, text: str) -> Reply:
    spent, limit, ended = tokens(text), asked.max_tokens, "end_turn"
    places = {word: text.find(word) for word in asked.stops if word in text}
    stop = min(places, key=lambda word: places[word], default=None)
    if stop is not None:
        text, ended = text[: places[stop]], "stop_sequence"
        spent = tokens(text)
    if limit is not None and spent > limit:
        text, ended, stop = text[: len(text) * limit // spent], "max_tokens", None
        spent = limit
    return Reply((Text(text),), ended, tokens(asked.text), spent, stop)


def _filled(schema: Schema, prompt: Prompt) -> Any:
    document = fill_schema(schema, *_known(prompt))
    if isinstance(document, dict) and _takes_more(schema):
        document["provider"] = PROVIDER
    return document


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
