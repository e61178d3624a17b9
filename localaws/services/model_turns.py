"""What a model is asked and what it says, in no API's words: texts, tool calls, their results."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

ANY_TOOL: Final = "*"


@dataclass(frozen=True, slots=True)
class Text:
    """Something said."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A call of a tool the model asks for."""

    id: str
    name: str
    input: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool answered, as text; JSON answers are their JSON."""

    id: str
    text: str


Block = Text | ToolUse | ToolResult


@dataclass(frozen=True, slots=True)
class Message:
    """One turn; `role` is user or assistant."""

    role: str
    blocks: tuple[Block, ...]

    @property
    def text(self) -> str:
        """Return everything in it as a model reads it."""
        return "\n".join(
            json.dumps(block.input) if isinstance(block, ToolUse) else block.text
            for block in self.blocks
        )


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool the model may call; `schema` is the JSON schema of its input."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: messages oldest first.

    `tool` is the name of the tool that must be called, ANY_TOOL for any of them, "" for none;
    `schema` what the answer's JSON must satisfy, None where it is free.
    """

    model: str
    system: str
    messages: tuple[Message, ...]
    max_tokens: int | None = None
    options: Mapping[str, float] = field(default_factory=dict)
    stops: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()
    tool: str = ""
    schema: Mapping[str, Any] | None = None

    @property
    def text(self) -> str:
        """Return all of it, as a model reads it."""
        return "\n".join([self.system, *(message.text for message in self.messages)])

    @property
    def forced_tool(self) -> Tool | None:
        """Return the tool that must be called: the one named, or the first where any will do."""
        if not self.tool:
            return None
        return next(tool for tool in self.tools if self.tool in (tool.name, ANY_TOOL))


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said, why it `ended` in Bedrock's words, and the tokens of both sides."""

    blocks: tuple[Text | ToolUse, ...]
    ended: str
    input_tokens: int
    output_tokens: int
    stop: str | None = None
