"""The text of a request to a model -> the parts a stand-in can read: turns, criteria, a schema.

The conversation is cut out first, up to the *last* closing mark, and everything else is looked for
in what remains: whatever somebody says on the telephone, marks included, stays something said.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localaws.errors import ApiError

_LINE = re.compile(r"\[(\d+)\] ([^:\n]{1,40}): ?(.*)")


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the conversation: its number, who spoke, and what, verbatim."""

    number: int
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a request asks; `criteria` and `schema` are None where it names none."""

    turns: tuple[Said, ...]
    criteria: tuple[Mapping[str, Any], ...] | None
    schema: Mapping[str, Any] | None


def read_prompt(text: str) -> Prompt:
    """Return the parts of `text`; raise ModelErrorException when one of them is no JSON."""
    conversation, rest = _cut("transcript", text)
    criteria, rest = _cut("criteria", rest)
    schema, _ = _cut("answer_schema", rest)
    found = None if criteria is None else _json("criteria", criteria)
    rows = found.get("criteria", []) if isinstance(found, dict) else found
    return Prompt(
        tuple(_turns(conversation or "")),
        None if rows is None else tuple(rows),
        None if schema is None else _json("answer_schema", schema),
    )


def _cut(mark: str, text: str) -> tuple[str | None, str]:
    """Return what stands between the marks, on lines of their own if any, and the text without."""
    for pattern in (rf"^<{mark}>[ \t]*$(.*)^</{mark}>[ \t]*$", rf"<{mark}>(.*)</{mark}>"):
        found = re.search(pattern, text, re.MULTILINE | re.DOTALL)
        if found is not None:
            return found[1].strip("\n"), text[: found.start()] + text[found.end() :]
    return None, text


def _turns(conversation: str) -> list[Said]:
    turns: list[Said] = []
    for line in conversation.split("\n"):
        found = _LINE.fullmatch(line)
        if found is not None:
            turns.append(Said(int(found[1]), found[2].strip(), found[3]))
        elif turns:
            last = turns.pop()
            turns.append(Said(last.number, last.speaker, f"{last.text}\n{line}"))
    return turns


def _json(mark: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        message = f"localaws's stand-in cannot read <{mark}>: {error}"
        raise ApiError("ModelErrorException", message, 424) from error
