"""Bedrock's InvokeModel in Anthropic's form: request -> what is asked; reply -> its answer."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from localaws.errors import not_implemented
from localaws.services.bedrock_converse import invalid, one_of, pieces
from localaws.services.model_turns import (
    ANY_TOOL,
    Asked,
    Block,
    Message,
    Reply,
    Text,
    Tool,
    ToolResult,
    ToolUse,
)
from localaws.services.schema_fill import check_schema

_NEEDED: Final = ("anthropic_version", "max_tokens", "messages")
_KNOWN: Final = frozenset([
    *_NEEDED, "system", "temperature", "top_p", "stop_sequences", "tools", "tool_choice",
    "output_config", "metadata",
])  # fmt: skip
_LIMITS: Final = ("temperature", "top_p")


def read(operation: str, model_id: str, request: dict[str, Any]) -> Asked:
    """Return what a request asks; raise ApiError for what AWS refuses and what we lack."""
    if ".anthropic." not in f".{model_id}":
        raise not_implemented("bedrock-runtime", f"{operation}({model_id})", "Anthropic's form")
    missing = [name for name in _NEEDED if name not in request]
    if missing:
        raise invalid(f"Malformed input request: #: required key [{missing[0]}] not found")
    for name in sorted(set(request) - _KNOWN):
        raise not_implemented("bedrock-runtime", f"{operation}({name})", "that field")
    system = request.get("system", "")
    tools, forced = _tools(request)
    return Asked(
        model=model_id,
        system=system if isinstance(system, str) else _joined(operation, system),
        messages=_messages(operation, request["messages"]),
        max_tokens=request["max_tokens"],
        options={name: request[name] for name in _LIMITS if name in request},
        stops=tuple(request.get("stop_sequences", [])),
        tools=tools,
        tool=forced,
        schema=_schema(operation, request.get("output_config", {})),
    )


def render(asked: Asked, reply: Reply) -> dict[str, Any]:
    """Return the body of InvokeModel."""
    return {
        **_head(asked),
        "content": [_shown(block) for block in reply.blocks],
        "stop_reason": reply.ended,
        "stop_sequence": reply.stop,
        "usage": _usage(reply),
    }


def stream(asked: Asked, reply: Reply) -> Iterator[dict[str, Any]]:
    """Yield the events of InvokeModelWithResponseStream, as Anthropic names them."""
    usage = {"input_tokens": reply.input_tokens, "output_tokens": 1}
    head = {**_head(asked), "content": [], "stop_reason": None, "stop_sequence": None}
    yield {"type": "message_start", "message": {**head, "usage": usage}}
    for index, block in enumerate(reply.blocks):
        yield from _block_events(index, block)
    ended = {"stop_reason": reply.ended, "stop_sequence": reply.stop}
    yield {
        "type": "message_delta",
        "delta": ended,
        "usage": {"output_tokens": reply.output_tokens},
    }
    metrics = {"inputTokenCount": reply.input_tokens, "outputTokenCount": reply.output_tokens}
    yield {"type": "message_stop", "amazon-bedrock-invocationMetrics": metrics}


def _head(asked: Asked) -> dict[str, Any]:
    return {
        "id": "msg_bdrk_localaws",
        "type": "message",
        "role": "assistant",
        "model": asked.model,
    }


def _usage(reply: Reply) -> dict[str, int]:
    return {"input_tokens": reply.input_tokens, "output_tokens": reply.output_tokens}


def _shown(block: Text | ToolUse) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"type": "text", "text": block.text}
    return {"type": "tool_use", "id": block.id, "name": block.name, "input": dict(block.input)}


def _block_events(index: int, block: Text | ToolUse) -> Iterator[dict[str, Any]]:
    is_text = isinstance(block, Text)
    empty: dict[str, Any] = {"text": ""} if is_text else {"input": {}}
    start = {**_shown(block), **empty}
    yield {"type": "content_block_start", "index": index, "content_block": start}
    said = block.text if isinstance(block, Text) else json.dumps(block.input, ensure_ascii=False)
    kind, field = ("text_delta", "text") if is_text else ("input_json_delta", "partial_json")
    for piece in pieces(said):
        delta = {"type": kind, field: piece}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def _messages(operation: str, messages: list[dict[str, Any]]) -> tuple[Message, ...]:
    if not messages or messages[0].get("role") != "user":
        raise invalid("messages: first message must use the user role")
    return tuple(_message(operation, message) for message in messages)


def _message(operation: str, message: Mapping[str, Any]) -> Message:
    content = message.get("content")
    if not content:
        raise invalid("messages: all messages must have non-empty content")
    if isinstance(content, str):
        return Message(message["role"], (Text(content),))
    return Message(message["role"], tuple(_block(operation, block) for block in content))


def _block(operation: str, block: Mapping[str, Any]) -> Block:
    if block.get("type") == "tool_use":
        return ToolUse(block["id"], block["name"], block["input"])
    if block.get("type") == "tool_result":
        content = block.get("content", "")
        text = content if isinstance(content, str) else _joined(operation, content)
        return ToolResult(block["tool_use_id"], text)
    return Text(_text(operation, block))


def _joined(operation: str, blocks: list[dict[str, Any]]) -> str:
    return "\n".join(_text(operation, block) for block in blocks)


def _text(operation: str, block: Mapping[str, Any]) -> str:
    if set(block) - {"text", "type", "cache_control"} or not isinstance(block.get("text"), str):
        kind = block.get("type", "content")
        raise not_implemented("bedrock-runtime", f"{operation}({kind})", "blocks other than text")
    return str(block["text"])


def _tools(request: Mapping[str, Any]) -> tuple[tuple[Tool, ...], str]:
    tools = tuple(
        Tool(row["name"], row.get("description", ""), row["input_schema"])
        for row in request.get("tools", [])
    )
    for tool in tools:
        check_schema(tool.schema, f"tool {tool.name}")
    choice = request.get("tool_choice", {})
    if choice.get("type") == "any":
        return tools, ANY_TOOL
    name = choice.get("name", "") if choice.get("type") == "tool" else ""
    return tools, one_of(tools, name, f"tool_choice: tool {name} is not among the tools")


def _schema(operation: str, config: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for name in sorted(set(config) - {"format"}):
        raise not_implemented("bedrock-runtime", f"{operation}({name})", "that field")
    if "format" not in config:
        return None
    schema: Mapping[str, Any] = config["format"]["schema"]
    check_schema(schema, "output_config")
    return schema
