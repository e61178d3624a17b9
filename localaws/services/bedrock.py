"""Bedrock's runtime requests -> answers in its own forms, by a stand-in or by a model behind it.

Converse and InvokeModel in Anthropic's form of messages, each whole or as a stream. With
LOCALAWS_MODEL_URL a real model answers and its failure is a failure; the stand-in never steps in
for it.
"""

import base64
import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from localaws import settings
from localaws.answers import Answer
from localaws.caller import Caller
from localaws.errors import not_implemented
from localaws.services import bedrock_converse, bedrock_invoke, faults, model_proxy, stand_in_model
from localaws.services.bedrock_converse import invalid
from localaws.services.event_stream import CONTENT_TYPE, frame
from localaws.services.model_ids import check_model_id
from localaws.services.model_turns import Asked, Reply, Text
from localaws.settings import Settings

_OPERATIONS = {
    "converse": "Converse",
    "converse-stream": "ConverseStream",
    "invoke": "InvokeModel",
    "invoke-with-response-stream": "InvokeModelWithResponseStream",
}
_PATH = re.compile(rf"/model/(.+)/({'|'.join(_OPERATIONS)})")


def answer(path: str, body: bytes, headers: dict[str, str], caller: Caller) -> Answer:  # noqa: ARG001 (every service has one signature)
    """Return status, headers and body; raise ApiError for what AWS refuses and what we lack."""
    return answer_with(path, body, settings.load())


def answer_with(path: str, body: bytes, found: Settings) -> Answer:
    """Do what `answer` does, with given settings."""
    match = _PATH.fullmatch(path)
    if match is None:
        needs = "guardrails, token counts, asynchronous or two-way calls"
        raise not_implemented("bedrock-runtime", path, needs)
    model_id, operation = check_model_id(unquote(match[1])), _OPERATIONS[match[2]]
    request = _json(body)
    form = bedrock_converse if operation.startswith("Converse") else bedrock_invoke
    asked = form.read(operation, model_id, request)
    reply = _spoiled(_reply(asked, found), operation, model_id)
    headers, rendered = _RENDERED[operation](asked, reply)
    provider = "proxy" if found.model_url else stand_in_model.PROVIDER
    return 200, {"x-localaws-provider": provider, **headers}, rendered


def _json(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError as error:
        raise invalid("The request body is not valid JSON.") from error
    if not isinstance(request, dict):
        raise invalid("The request body must be a JSON object.")
    return request


def _reply(asked: Asked, found: Settings) -> Reply:
    if found.model_url:
        return model_proxy.ask(asked, found)
    return stand_in_model.ask(asked)


def _spoiled(reply: Reply, operation: str, model_id: str) -> Reply:
    """Return the reply, its text broken or cut where a test asked for that."""
    blocks = tuple(
        Text(faults.spoiled(f"bedrock:{operation}", model_id, block.text))
        if isinstance(block, Text)
        else block
        for block in reply.blocks
    )
    return replace(reply, blocks=blocks)


def _converse(_asked: Asked, reply: Reply) -> tuple[dict[str, str], bytes]:
    return {"Content-Type": "application/json"}, _text(bedrock_converse.render(reply))


def _converse_stream(_asked: Asked, reply: Reply) -> tuple[dict[str, str], bytes]:
    events = bedrock_converse.stream(reply)
    return {"Content-Type": CONTENT_TYPE}, b"".join(frame(*event) for event in events)


def _invoke(asked: Asked, reply: Reply) -> tuple[dict[str, str], bytes]:
    headers = {
        "Content-Type": "application/json",
        "X-Amzn-Bedrock-Input-Token-Count": str(reply.input_tokens),
        "X-Amzn-Bedrock-Output-Token-Count": str(reply.output_tokens),
    }
    return headers, _text(bedrock_invoke.render(asked, reply))


def _invoke_stream(asked: Asked, reply: Reply) -> tuple[dict[str, str], bytes]:
    chunks = (
        {"bytes": base64.b64encode(_text(event)).decode()}
        for event in bedrock_invoke.stream(asked, reply)
    )
    headers = {"Content-Type": CONTENT_TYPE, "X-Amzn-Bedrock-Content-Type": "application/json"}
    return headers, b"".join(frame("chunk", chunk) for chunk in chunks)


def _text(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


_RENDERED = {
    "Converse": _converse,
    "ConverseStream": _converse_stream,
    "InvokeModel": _invoke,
    "InvokeModelWithResponseStream": _invoke_stream,
}
