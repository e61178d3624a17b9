"""A request to a model -> the answer of a real one, behind an OpenAI-compatible chat endpoint."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import urllib3
from jsonschema import Draft202012Validator

from localaws.errors import ApiError
from localaws.services.model_turns import (
    ANY_TOOL,
    Asked,
    Message,
    Reply,
    Text,
    ToolResult,
    ToolUse,
)
from localaws.settings import Settings

TIMEOUT: Final = urllib3.Timeout(connect=5, read=120)

_POOL = urllib3.PoolManager(retries=False, timeout=TIMEOUT)
_ENDED: Final = {"length": "max_tokens", "tool_calls": "tool_use"}


def ask(asked: Asked, found: Settings) -> Reply:
    """Return what the model says.

    Raise ModelErrorException for whatever goes wrong on the way, an answer outside the schema that
    was asked for included; no stand-in answers instead.
    """
    body: dict[str, Any] = {
        "model": found.model or asked.model,
        "messages": [*_system(asked), *(row for m in asked.messages for row in _rows(m))],
        **asked.options,
    }
    if asked.max_tokens is not None:
        body["max_tokens"] = asked.max_tokens
    if asked.stops:
        body["stop"] = list(asked.stops)
    reply = _read(_post({**body, **_tools(asked), **_format(asked)}, found))
    _check(asked, reply)
    return reply


def _system(asked: Asked) -> list[dict[str, str]]:
    return [{"role": "system", "content": asked.system}] if asked.system else []


def _rows(message: Message) -> Iterator[dict[str, Any]]:
    """Yield a message in the chat's form: a tool's answer is a message of its own."""
    for block in message.blocks:
        if isinstance(block, ToolResult):
            yield {"role": "tool", "tool_call_id": block.id, "content": block.text}
    said = [block.text for block in message.blocks if isinstance(block, Text)]
    calls = [_call(block) for block in message.blocks if isinstance(block, ToolUse)]
    if said or calls:
        row: dict[str, Any] = {"role": message.role, "content": "\n".join(said) if said else None}
        yield {**row, "tool_calls": calls} if calls else row


def _call(block: ToolUse) -> dict[str, Any]:
    function = {"name": block.name, "arguments": json.dumps(dict(block.input))}
    return {"id": block.id, "type": "function", "function": function}


def _tools(asked: Asked) -> dict[str, Any]:
    if not asked.tools:
        return {}
    listed = [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.schema),
            },
        }
        for tool in asked.tools
    ]
    if not asked.tool:
        return {"tools": listed}
    named = {"type": "function", "function": {"name": asked.tool}}
    return {"tools": listed, "tool_choice": "required" if asked.tool == ANY_TOOL else named}


def _format(asked: Asked) -> dict[str, Any]:
    if asked.schema is None:
        return {}
    schema = {"name": "answer", "schema": dict(asked.schema), "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _post(body: dict[str, Any], found: Settings) -> bytes:
    address = found.model_url.rstrip("/").removesuffix("/chat/completions") + "/chat/completions"
    headers = {"Content-Type": "application/json"}
    if found.model_key:
        headers["Authorization"] = f"Bearer {found.model_key}"
    try:
        response = _POOL.request("POST", address, body=json.dumps(body).encode(), headers=headers)
    except urllib3.exceptions.HTTPError as error:
        raise _failed(f"cannot be reached ({type(error).__name__})") from error
    if response.status != 200:
        raise _failed(f"answered status {response.status}")
    return response.data


def _read(data: bytes) -> Reply:
    try:
        document = json.loads(data)
        choice, usage = document["choices"][0], document["usage"]
        blocks = tuple(_blocks(choice["message"]))
        spent = int(usage["prompt_tokens"]), int(usage["completion_tokens"])
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise _failed(f"answered something else than a chat completion ({error!r})") from error
    return Reply(blocks, _ENDED.get(choice.get("finish_reason"), "end_turn"), *spent)


def _blocks(message: Mapping[str, Any]) -> Iterator[Text | ToolUse]:
    calls = message.get("tool_calls") or []
    if message.get("content") is not None or not calls:
        yield Text(str(message["content"]))
    for call in calls:
        function = call["function"]
        yield ToolUse(call["id"], function["name"], json.loads(function["arguments"]))


def _check(asked: Asked, reply: Reply) -> None:
    if asked.schema is None or reply.ended == "max_tokens":
        return
    text = "".join(block.text for block in reply.blocks if isinstance(block, Text))
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _failed(f"answered no JSON where a schema was given ({error})") from error
    fault = next(Draft202012Validator(asked.schema).iter_errors(document), None)
    if fault is not None:
        raise _failed(f"answered outside the schema ({fault.message[:200]})")


def _failed(what: str) -> ApiError:
    message = f"The model behind LOCALAWS_MODEL_URL {what}; see its log, or unset the variable."
    return ApiError("ModelErrorException", message, 424)
