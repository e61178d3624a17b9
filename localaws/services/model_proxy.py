"""A request to a model -> the answer of a real one, behind an OpenAI-compatible chat endpoint."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import urllib3

from localaws.errors import ApiError
from localaws.settings import Settings

TIMEOUT: Final = urllib3.Timeout(connect=5, read=120)

_POOL = urllib3.PoolManager(retries=False, timeout=TIMEOUT)


def ask(
    system: str,
    messages: Sequence[tuple[str, str]],
    limits: Mapping[str, Any],
    found: Settings,
) -> tuple[str, int, int, bool]:
    """Return text, input tokens, output tokens and whether it was cut at the limit.

    Raise ModelErrorException for whatever goes wrong on the way; no stand-in answers instead.
    """
    spoken = [("system", system)] if system else []
    body: dict[str, Any] = {
        "model": found.model or limits["model"],
        "messages": [{"role": role, "content": text} for role, text in (*spoken, *messages)],
    }
    for ours, theirs in (("maxTokens", "max_tokens"), ("temperature", "temperature")):
        if ours in limits:
            body[theirs] = limits[ours]
    return _read(_post(body, found))


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


def _read(data: bytes) -> tuple[str, int, int, bool]:
    try:
        document = json.loads(data)
        choice, usage = document["choices"][0], document["usage"]
        text = choice["message"]["content"]
        tokens = int(usage["prompt_tokens"]), int(usage["completion_tokens"])
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise _failed(f"answered something else than a chat completion ({error!r})") from error
    return str(text), *tokens, choice.get("finish_reason") == "length"


def _failed(what: str) -> ApiError:
    message = f"The model behind LOCALAWS_MODEL_URL {what}; see its log, or unset the variable."
    return ApiError("ModelErrorException", message, 424)
