"""Bedrock's Converse: request -> what is asked; what is said -> its answer, whole or streamed."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from localaws.errors import ApiError, not_implemented
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
from localaws.services.request_checks import check_request
from localaws.services.schema_fill import check_schema

_UNBUILT: Final = {
    "guardrailConfig": "guardrails",
    "promptVariables": "prompt management",
    "additionalModelRequestFields": "fields of one model alone",
    "additionalModelResponseFieldPaths": "fields of one model alone",
}
_LIMITS: Final = {"temperature": "temperature", "topP": "top_p"}


def read(operation: str, model_id: str, request: dict[str, Any]) -> Asked:
    """Return what a request asks; raise ApiError for what AWS refuses and what we lack."""
    code = "ValidationException"
    check_request("bedrock-runtime", operation, {**request, "modelId": model_id}, code)
    for field, needs in _UNBUILT.items():
        if request.get(field):
            raise not_implemented("bedrock-runtime", f"{operation}({field})", needs)
    limits = request.get("inferenceConfig", {})
    tools, forced = _tools(operation, request.get("toolConfig", {}))
    return Asked(
        model=model_id,
        system="\n".join(_only_text(operation, block) for block in request.get("system", [])),
        messages=_messages(operation, request.get("messages") or []),
        max_tokens=limits.get("maxTokens"),
        options={theirs: limits[ours] for ours, theirs in _LIMITS.items() if ours in limits},
        stops=tuple(limits.get("stopSequences", [])),
        tools=tools,
        tool=forced,
        schema=_schema(operation, request.get("outputConfig", {})),
    )


def render(reply: Reply) -> dict[str, Any]:
    """Return the answer of Converse."""
    content = [_shown(block) for block in reply.blocks]
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": reply.ended,
        "usage": _usage(reply),
        "metrics": {"latencyMs": 1},
    }


def stream(reply: Reply) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the events of ConverseStream: start, each block in pieces, stop, what it cost."""
    yield "messageStart", {"role": "assistant"}
    for index, block in enumerate(reply.blocks):
        where = {"contentBlockIndex": index}
        if isinstance(block, ToolUse):
            start = {"toolUse": {"toolUseId": block.id, "name": block.name}}
            yield "contentBlockStart", {"start": start, **where}
            for piece in pieces(json.dumps(block.input, ensure_ascii=False)):
                yield "contentBlockDelta", {"delta": {"toolUse": {"input": piece}}, **where}
        else:
            for piece in pieces(block.text):
                yield "contentBlockDelta", {"delta": {"text": piece}, **where}
        yield "contentBlockStop", where
    yield "messageStop", {"stopReason": reply.ended}
    yield "metadata", {"usage": _usage(reply), "metrics": {"latencyMs": 1}}


def pieces(text: str, size: int = 200) -> Iterator[str]:
    """Yield a text in pieces, as a model says it."""
    for begin in range(0, len(text), size):
        yield text[begin : begin + size]


def one_of(tools: tuple[Tool, ...], name: str, refusal: str) -> str:
    """Return the name of the tool that must be called, "" for none; refuse one not among them."""
    if name and name not in [tool.name for tool in tools]:
        raise invalid(refusal)
    return name


def invalid(message: str) -> ApiError:
    """Return Bedrock's refusal of a request."""
    return ApiError("ValidationException", message)


def _usage(reply: Reply) -> dict[str, int]:
    return {
        "inputTokens": reply.input_tokens,
        "outputTokens": reply.output_tokens,
        "totalTokens": reply.input_tokens + reply.output_tokens,
    }


def _shown(block: Text | ToolUse) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"text": block.text}
    return {"toolUse": {"toolUseId": block.id, "name": block.name, "input": dict(block.input)}}


def _messages(operation: str, messages: list[dict[str, Any]]) -> tuple[Message, ...]:
    if not messages or messages[0].get("role") != "user":
        raise invalid("A conversation must start with a user message. Try again with one.")
    return tuple(_message(operation, message) for message in messages)


def _message(operation: str, message: Mapping[str, Any]) -> Message:
    content = message.get("content")
    if not content:
        raise invalid("The content field in the message is empty. Add a ContentBlock to it.")
    return Message(message["role"], tuple(_block(operation, block) for block in content))


def _block(operation: str, block: Mapping[str, Any]) -> Block:
    if "toolUse" in block:
        use = block["toolUse"]
        return ToolUse(use["toolUseId"], use["name"], use["input"])
    if "toolResult" in block:
        found = block["toolResult"]
        return ToolResult(found["toolUseId"], "\n".join(map(_result_text, found["content"])))
    return Text(_only_text(operation, block))


def _result_text(block: Mapping[str, Any]) -> str:
    if "json" in block:
        return json.dumps(block["json"], ensure_ascii=False)
    return _only_text("Converse", block)


def _only_text(operation: str, block: Mapping[str, Any]) -> str:
    if set(block) != {"text"}:
        other = ", ".join(sorted(set(block) - {"text"}))
        raise not_implemented("bedrock-runtime", f"{operation}({other})", "blocks other than text")
    return str(block["text"])


def _tools(operation: str, config: Mapping[str, Any]) -> tuple[tuple[Tool, ...], str]:
    tools = tuple(_tool(operation, row) for row in config.get("tools", []))
    choice = config.get("toolChoice", {})
    if "any" in choice:
        return tools, ANY_TOOL
    name = choice.get("tool", {}).get("name", "")
    refusal = f"The tool {name} of toolChoice is not among the tools of toolConfig."
    return tools, one_of(tools, name, refusal)


def _tool(operation: str, row: Mapping[str, Any]) -> Tool:
    if "toolSpec" not in row:
        needs = "tools other than toolSpec"
        raise not_implemented("bedrock-runtime", f"{operation}(toolConfig)", needs)
    spec = row["toolSpec"]
    schema = spec["inputSchema"]["json"]
    check_schema(schema, f"tool {spec['name']}")
    return Tool(spec["name"], spec.get("description", ""), schema)


def _schema(operation: str, config: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if config.get("effort"):
        raise not_implemented("bedrock-runtime", f"{operation}(effort)", "models that think longer")
    text_format = config.get("textFormat")
    if text_format is None:
        return None
    try:
        schema = json.loads(text_format["structure"]["jsonSchema"]["schema"])
    except ValueError as error:
        raise invalid(f"The JSON schema of outputConfig is not valid JSON: {error}") from error
    check_schema(schema, "outputConfig")
    found: Mapping[str, Any] = schema
    return found
