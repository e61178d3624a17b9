"""Bedrock's runtime requests -> answers in its own forms, by a stand-in or by a model behind it.

Converse, and InvokeModel in Anthropic's form of messages. With LOCALAWS_MODEL_URL a real model
answers and its failure is a failure; the stand-in never steps in for it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from localaws import settings
from localaws.answers import Answer
from localaws.caller import Caller
from localaws.errors import ApiError, not_implemented
from localaws.services import model_proxy, stand_in_model
from localaws.services.model_ids import check_model_id
from localaws.services.request_checks import check_request
from localaws.settings import Settings

_PATH = re.compile(r"/model/(.+)/(converse|invoke)")
_UNBUILT: Final = {
    "toolConfig": "tools",
    "guardrailConfig": "guardrails",
    "outputConfig": "structured output outside the prompt",
    "promptVariables": "prompt management",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request in no form's words: texts by role, oldest first."""

    system: str
    messages: tuple[tuple[str, str], ...]
    limits: Mapping[str, Any]

    @property
    def text(self) -> str:
        """Return all of it, as a model reads it."""
        return "\n".join([self.system, *(text for _, text in self.messages)])


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said: the text, whether it was cut, and the tokens of both sides."""

    text: str
    is_cut: bool
    input_tokens: int
    output_tokens: int


def answer(path: str, body: bytes, headers: dict[str, str], caller: Caller) -> Answer:  # noqa: ARG001 (every service has one signature)
    """Return status, headers and body; raise ApiError for what AWS refuses and what we lack."""
    return answer_with(path, body, settings.load())


def answer_with(path: str, body: bytes, found: Settings) -> Answer:
    """Do what `answer` does, with given settings."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise not_implemented("bedrock-runtime", path, "streams, guardrails or another operation")
    model_id = check_model_id(unquote(match[1]))
    request = _json(body)
    form = _converse if match[2] == "converse" else _invoke
    document, more = form(model_id, request, found)
    provider = "proxy" if found.model_url else stand_in_model.PROVIDER
    shown = {"Content-Type": "application/json", "x-localaws-provider": provider}
    return 200, {**shown, **more}, json.dumps(document, ensure_ascii=False).encode()


def _json(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError as error:
        raise _invalid("The request body is not valid JSON.") from error
    if not isinstance(request, dict):
        raise _invalid("The request body must be a JSON object.")
    return request


def _invalid(message: str) -> ApiError:
    return ApiError("ValidationException", message)


def _converse(
    model_id: str, request: dict[str, Any], found: Settings
) -> tuple[dict[str, Any], dict[str, str]]:
    check_request(
        "bedrock-runtime", "Converse", {**request, "modelId": model_id}, "ValidationException"
    )
    for field, needs in _UNBUILT.items():
        if request.get(field):
            raise not_implemented("bedrock-runtime", f"Converse({field})", needs)
    limits = request.get("inferenceConfig", {})
    system = "\n".join(_text(block, "Converse") for block in request.get("system", []))
    asked = Asked(system, _messages(request, "Converse"), {**limits, "model": model_id})
    reply = _ask(asked, limits.get("maxTokens"), found)
    message = {"role": "assistant", "content": [{"text": reply.text}]}
    usage = {
        "inputTokens": reply.input_tokens,
        "outputTokens": reply.output_tokens,
        "totalTokens": reply.input_tokens + reply.output_tokens,
    }
    return {
        "output": {"message": message},
        "stopReason": "max_tokens" if reply.is_cut else "end_turn",
        "usage": usage,
        "metrics": {"latencyMs": 1},
    }, {}


def _invoke(
    model_id: str, request: dict[str, Any], found: Settings
) -> tuple[dict[str, Any], dict[str, str]]:
    if ".anthropic." not in f".{model_id}":
        raise not_implemented("bedrock-runtime", f"InvokeModel({model_id})", "Anthropic's form")
    missing = [
        name for name in ("anthropic_version", "max_tokens", "messages") if name not in request
    ]
    if missing:
        raise _invalid(f"Malformed input request: #: required key [{missing[0]}] not found")
    if request.get("tools") or request.get("stop_sequences"):
        raise not_implemented("bedrock-runtime", "InvokeModel(tools)", "tools or stop sequences")
    system = request.get("system", "")
    if not isinstance(system, str):
        system = "\n".join(_text(block, "InvokeModel") for block in system)
    limits = {"maxTokens": request["max_tokens"], "model": model_id}
    if "temperature" in request:
        limits["temperature"] = request["temperature"]
    reply = _ask(
        Asked(system, _messages(request, "InvokeModel"), limits), limits["maxTokens"], found
    )
    usage = {"input_tokens": reply.input_tokens, "output_tokens": reply.output_tokens}
    return {
        "id": "msg_bdrk_localaws",
        "type": "message",
        "role": "assistant",
        "model": model_id,
        "content": [{"type": "text", "text": reply.text}],
        "stop_reason": "max_tokens" if reply.is_cut else "end_turn",
        "stop_sequence": None,
        "usage": usage,
    }, {
        "X-Amzn-Bedrock-Input-Token-Count": str(reply.input_tokens),
        "X-Amzn-Bedrock-Output-Token-Count": str(reply.output_tokens),
    }


def _messages(request: dict[str, Any], operation: str) -> tuple[tuple[str, str], ...]:
    messages = request.get("messages") or []
    if not messages or messages[0].get("role") != "user":
        raise _invalid("A conversation must start with a user message. Try again with one.")
    return tuple((message["role"], _content(message, operation)) for message in messages)


def _content(message: Mapping[str, Any], operation: str) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    if not content:
        raise _invalid("The content field in the message is empty. Add a ContentBlock to it.")
    return "\n".join(_text(block, operation) for block in content)


def _text(block: Mapping[str, Any], operation: str) -> str:
    if set(block) - {"text", "type"} or not isinstance(block.get("text"), str):
        raise not_implemented("bedrock-runtime", f"{operation}(content)", "blocks other than text")
    return str(block["text"])


def _ask(asked: Asked, most_tokens: int | None, found: Settings) -> Reply:
    if found.model_url:
        text, incoming, outgoing, is_cut = model_proxy.ask(
            asked.system, asked.messages, asked.limits, found
        )
        return Reply(text, is_cut, incoming, outgoing)
    text = stand_in_model.reply(asked.text)
    tokens = _tokens(text)
    if most_tokens is not None and tokens > most_tokens:
        kept = text[: len(text) * most_tokens // tokens]
        return Reply(kept, is_cut=True, input_tokens=_tokens(asked.text), output_tokens=most_tokens)
    return Reply(text, is_cut=False, input_tokens=_tokens(asked.text), output_tokens=tokens)


def _tokens(text: str) -> int:
    """Return words x 4/3, rounded up: stable, and near enough for a bill in a test."""
    return -(-len(text.split()) * 4 // 3)
