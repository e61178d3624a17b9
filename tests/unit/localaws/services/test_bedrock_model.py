"""A model behind Bedrock's door: what it is asked, and that its failure is a failure."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from localaws.errors import ApiError
from localaws.services import bedrock
from localaws.settings import load

MODEL = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"


@pytest.fixture
def model_server() -> Iterator[tuple[str, list[dict[str, Any]], dict[str, Any]]]:
    """A chat endpoint of our own: its address, what it was asked, and what it shall answer."""
    asked: list[dict[str, Any]] = []
    answer: dict[str, Any] = {"status": 200, "body": {}}

    class Chat(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            asked.append({"path": self.path, **json.loads(self.rfile.read(length))})
            self.send_response(answer["status"])
            self.end_headers()
            self.wfile.write(json.dumps(answer["body"]).encode())

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Chat)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1", asked, answer
    server.shutdown()
    server.server_close()


def test_a_model_behind_the_door_gets_system_messages_and_limits(
    model_server: tuple[str, list[dict[str, Any]], dict[str, Any]],
) -> None:
    url, asked, answer = model_server
    answer["body"] = {
        "choices": [{"message": {"content": "real"}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3},
    }
    body = {
        "system": [{"text": "Be brief."}],
        "messages": [{"role": "user", "content": [{"text": "Hello"}]}],
        "inferenceConfig": {"maxTokens": 3, "temperature": 0.0},
    }
    found = load({"LOCALAWS_MODEL_URL": url, "LOCALAWS_MODEL": "small"})
    _, headers, raw = bedrock.answer_with(
        f"/model/{MODEL}/converse", json.dumps(body).encode(), found
    )
    document = json.loads(raw)
    assert headers["x-localaws-provider"] == "proxy"
    assert document["output"]["message"]["content"] == [{"text": "real"}]
    assert document["usage"] == {"inputTokens": 7, "outputTokens": 3, "totalTokens": 10}
    assert document["stopReason"] == "max_tokens"
    assert asked == [
        {
            "path": "/v1/chat/completions",
            "model": "small",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Hello"},
            ],
            "max_tokens": 3,
            "temperature": 0.0,
        }
    ]


@pytest.mark.parametrize(("status", "body"), [(500, {}), (200, {"no": "choices"})])
def test_a_failing_model_is_a_model_error_and_never_the_stand_in(
    model_server: tuple[str, list[dict[str, Any]], dict[str, Any]],
    status: int,
    body: dict[str, Any],
) -> None:
    url, _, answer = model_server
    answer.update(status=status, body=body)
    request = {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}
    with pytest.raises(ApiError) as refused:
        bedrock.answer_with(
            f"/model/{MODEL}/converse",
            json.dumps(request).encode(),
            load({"LOCALAWS_MODEL_URL": url}),
        )
    assert (refused.value.code, refused.value.status) == ("ModelErrorException", 424)
