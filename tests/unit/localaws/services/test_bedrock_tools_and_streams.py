"""Bedrock beyond plain text: forced tools, JSON schemas, streams as botocore reads them."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.eventstream import EventStreamBuffer
from jsonschema import Draft202012Validator

from localaws.errors import ApiError
from localaws.services import bedrock, faults
from localaws.services.model_proxy import _rows
from localaws.services.model_turns import Message, Text, ToolResult, ToolUse
from localaws.settings import load
from tests.support.transcribe_bench import check_answer

MODEL = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["issue", "count"],
    "properties": {"issue": {"type": "string"}, "count": {"type": "integer", "minimum": 1}},
}
TOOL = {"toolSpec": {"name": "note", "inputSchema": {"json": SCHEMA}}}
ASKED: dict[str, Any] = {"messages": [{"role": "user", "content": [{"text": "Note it."}]}]}
INVOKED = {**ASKED, "anthropic_version": "bedrock-2023-05-31", "max_tokens": 500}
ANTHROPIC_TOOL = {"name": "note", "input_schema": SCHEMA}


@pytest.fixture(autouse=True)
def no_faults() -> Iterator[None]:
    faults.clear()
    yield
    faults.clear()


def ask(verb: str, body: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    _, headers, answer = bedrock.answer_with(
        f"/model/{MODEL}/{verb}", json.dumps(body).encode(), load({})
    )
    return headers, answer


def converse(**more: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(ask("converse", {**ASKED, **more})[1])
    check_answer("bedrock-runtime", "Converse", document)
    return document


def streamed(verb: str, body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return (event type, payload) as botocore reads the frames and checks their sums."""
    headers, answer = ask(verb, body)
    assert headers["Content-Type"] == "application/vnd.amazon.eventstream"
    buffer = EventStreamBuffer()
    buffer.add_data(answer)
    return [(event.headers[":event-type"], json.loads(event.payload)) for event in buffer]


@pytest.mark.parametrize("choice", [{"tool": {"name": "note"}}, {"any": {}}])
def test_a_forced_tool_is_called_with_an_input_its_schema_takes(choice: dict[str, Any]) -> None:
    answer = converse(toolConfig={"tools": [TOOL], "toolChoice": choice})
    (block,) = answer["output"]["message"]["content"]
    assert (answer["stopReason"], block["toolUse"]["name"]) == ("tool_use", "note")
    Draft202012Validator(SCHEMA).validate(block["toolUse"]["input"])
    assert block["toolUse"]["input"]["count"] == 1


def test_where_it_may_choose_the_stand_in_answers_in_words() -> None:
    answer = converse(toolConfig={"tools": [TOOL], "toolChoice": {"auto": {}}})
    assert answer["stopReason"] == "end_turn"
    assert "stand-in" in answer["output"]["message"]["content"][0]["text"]


def test_a_tool_call_over_the_limit_is_cut_and_says_so() -> None:
    answer = converse(
        toolConfig={"tools": [TOOL], "toolChoice": {"any": {}}}, inferenceConfig={"maxTokens": 1}
    )
    assert answer["stopReason"] == "max_tokens"
    assert answer["output"]["message"]["content"][0]["toolUse"]["input"] == {}


def test_structured_output_satisfies_the_schema_of_the_request() -> None:
    structure = {"jsonSchema": {"schema": json.dumps(SCHEMA), "name": "note"}}
    answer = converse(outputConfig={"textFormat": {"type": "json_schema", "structure": structure}})
    said = json.loads(answer["output"]["message"]["content"][0]["text"])
    Draft202012Validator(SCHEMA).validate(said)
    assert answer["stopReason"] == "end_turn"


@pytest.mark.parametrize(
    "more",
    [
        {"toolConfig": {"tools": [TOOL], "toolChoice": {"tool": {"name": "other"}}}},
        {"toolConfig": {"tools": [{"toolSpec": {"name": "t", "inputSchema": {"json": {}}}}]}},
        {
            "outputConfig": {
                "textFormat": {
                    "type": "json_schema",
                    "structure": {"jsonSchema": {"schema": "{not json"}},
                }
            }
        },
        {
            "outputConfig": {
                "textFormat": {
                    "type": "json_schema",
                    "structure": {"jsonSchema": {"schema": '{"type": "objekt"}'}},
                }
            }
        },
    ],
)
def test_a_tool_or_schema_that_cannot_be_used_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as refused:
        converse(**more)
    assert refused.value.code == "ValidationException"


def test_the_result_of_a_tool_is_read_as_part_of_the_conversation() -> None:
    use = {"toolUse": {"toolUseId": "1", "name": "note", "input": {"issue": "x", "count": 1}}}
    found = {"toolResult": {"toolUseId": "1", "content": [{"json": {"saved": True}}]}}
    messages = [
        *ASKED["messages"],
        {"role": "assistant", "content": [use]},
        {"role": "user", "content": [found]},
    ]
    longer = converse(messages=messages)["usage"]["inputTokens"]
    assert longer > converse()["usage"]["inputTokens"]


def test_a_stop_sequence_ends_the_text_before_it() -> None:
    answer = converse(inferenceConfig={"stopSequences": ["no model"]})
    assert answer["stopReason"] == "stop_sequence"
    assert answer["output"]["message"]["content"] == [{"text": "[stand-in by localaws: "}]


def test_a_stream_of_converse_says_what_the_whole_answer_says() -> None:
    whole = converse()
    events = streamed("converse-stream", ASKED)
    said = "".join(
        payload["delta"]["text"] for kind, payload in events if kind == "contentBlockDelta"
    )
    assert said == whole["output"]["message"]["content"][0]["text"]
    assert [kind for kind, _ in events if kind != "contentBlockDelta"] == [
        "messageStart", "contentBlockStop", "messageStop", "metadata",
    ]  # fmt: skip
    assert events[-1][1]["usage"] == whole["usage"]


def test_a_streamed_tool_call_comes_in_pieces_of_json() -> None:
    body = {**ASKED, "toolConfig": {"tools": [TOOL], "toolChoice": {"any": {}}}}
    events = streamed("converse-stream", body)
    pieces = [p["delta"]["toolUse"]["input"] for k, p in events if k == "contentBlockDelta"]
    Draft202012Validator(SCHEMA).validate(json.loads("".join(pieces)))
    assert events[-2] == ("messageStop", {"stopReason": "tool_use"})


def test_every_event_of_a_stream_is_one_of_the_model() -> None:
    shape = (
        botocore.session.get_session()
        .get_service_model("bedrock-runtime")
        .operation_model("ConverseStream")
        .output_shape.members["stream"]
    )
    for kind, payload in streamed("converse-stream", ASKED):
        assert set(payload) <= set(shape.members[kind].members)
        assert set(shape.members[kind].required_members) <= set(payload)


def test_anthropics_form_calls_a_forced_tool() -> None:
    body = {**INVOKED, "tools": [ANTHROPIC_TOOL], "tool_choice": {"type": "tool", "name": "note"}}
    document = json.loads(ask("invoke", body)[1])
    (block,) = document["content"]
    assert (document["stop_reason"], block["type"], block["name"]) == (
        "tool_use", "tool_use", "note",
    )  # fmt: skip
    Draft202012Validator(SCHEMA).validate(block["input"])


def test_anthropics_stream_adds_up_to_its_whole_answer() -> None:
    whole = json.loads(ask("invoke", INVOKED)[1])
    headers, answer = ask("invoke-with-response-stream", INVOKED)
    assert headers["X-Amzn-Bedrock-Content-Type"] == "application/json"
    buffer = EventStreamBuffer()
    buffer.add_data(answer)
    events = [json.loads(base64.b64decode(json.loads(e.payload)["bytes"])) for e in buffer]
    assert [event["type"] for event in events][:2] == ["message_start", "content_block_start"]
    said = "".join(e["delta"]["text"] for e in events if e["type"] == "content_block_delta")
    assert said == whole["content"][0]["text"]
    assert (
        events[-1]["amazon-bedrock-invocationMetrics"]["outputTokenCount"]
        == (whole["usage"]["output_tokens"])
    )


def test_a_real_model_gets_tool_calls_and_results_in_the_chats_form() -> None:
    use = ToolUse("1", "note", {"issue": "x"})
    assert list(_rows(Message("assistant", (Text("Noting."), use)))) == [
        {
            "role": "assistant",
            "content": "Noting.",
            "tool_calls": [
                {
                    "id": "1",
                    "type": "function",
                    "function": {"name": "note", "arguments": '{"issue": "x"}'},
                }
            ],
        }
    ]
    assert list(_rows(Message("user", (ToolResult("1", "saved"),)))) == [
        {"role": "tool", "tool_call_id": "1", "content": "saved"}
    ]


@pytest.mark.parametrize("kind", ["broken_json", "cut_json"])
def test_a_fault_spoils_the_first_two_answers_and_no_third(kind: str) -> None:
    structure = {"jsonSchema": {"schema": json.dumps(SCHEMA), "name": "note"}}
    wanted = {"textFormat": {"type": "json_schema", "structure": structure}}
    faults.add({"kind": kind, "operation": "bedrock:Converse", "first": 2})
    for _ in range(2):
        text = converse(outputConfig=wanted)["output"]["message"]["content"][0]["text"]
        with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting|Extra"):
            json.loads(text)
    text = converse(outputConfig=wanted)["output"]["message"]["content"][0]["text"]
    Draft202012Validator(SCHEMA).validate(json.loads(text))
    assert (faults.listed()[0]["met"], faults.listed()[0]["struck"]) == (3, 2)
