"""The conformance suite: statements, Trino's recorded answers, and how an engine's compare.

`python -m tests.support.conformance [topic…]` prints what the embedded engine does not answer
alike.
"""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from localaws.athena.failures import ENGINE_HINT, QueryFailed, SyntaxRefused
from localaws.athena.tokens import Cursor

FOLDER = Path(__file__).parents[1] / "unit" / "localaws" / "athena" / "conformance"
RECORDED = FOLDER / "recorded"
ALIKE, REFUSED, WRONG = "alike", "refused", "wrong"
ANSWERED, OTHER_ERROR = "answered where Trino refuses", "other error"
_WRITING = ("CREATE", "INSERT", "UNLOAD", "DELETE", "UPDATE", "MERGE", "DROP", "ALTER")


@dataclass(frozen=True)
class Answer:
    """What a statement came to: columns, types in Trino's words, rows; or the name of its error."""

    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    error: str = ""
    message: str = ""


@dataclass(frozen=True)
class Statement:
    """One entry of the suite; `recorded` is Trino's answer, `expected` Athena's, once recorded."""

    topic: str
    sql: str
    setup: tuple[str, ...] = ()
    then: str = ""
    expected: Answer | None = None
    recorded: Answer | None = None

    @property
    def key(self) -> str:
        return "\n".join(part for part in (*self.setup, self.sql, self.then) if part)

    @property
    def is_script(self) -> bool:
        return bool(self.setup or self.then) or self.sql.split()[0].upper() in _WRITING


def topics() -> list[str]:
    return sorted(file.stem for file in FOLDER.glob("*.yml"))


@cache
def statements(topic: str) -> tuple[Statement, ...]:
    """Return a topic's statements with the answers expected of them."""
    recorded = {entry.pop("key"): entry for entry in read_recorded(topic)}
    entries = yaml.load((FOLDER / f"{topic}.yml").read_text("utf-8"), yaml.CSafeLoader)
    return tuple(_statement(topic, entry, recorded) for entry in entries)


def read_recorded(topic: str) -> list[dict[str, Any]]:
    file = RECORDED / f"{topic}.yml"
    if not file.exists():
        return []
    found = yaml.load(file.read_text("utf-8"), yaml.CSafeLoader) or []
    return [{"key": entry.pop("sql"), **entry} for entry in found]


def every_query() -> list[Statement]:
    return [s for topic in topics() for s in statements(topic) if not s.is_script]


def every_script() -> list[Statement]:
    return [s for topic in topics() for s in statements(topic) if s.is_script]


def outcome(statement: Statement, found: Answer) -> str:
    """Return the class of an engine's answer."""
    expected = statement.expected
    assert expected is not None, f"record the topic {statement.topic}: {statement.sql}"
    if found.error:
        if found.error == expected.error:
            return ALIKE
        return REFUSED if ENGINE_HINT in found.message else OTHER_ERROR
    if expected.error:
        return ANSWERED
    ordered = is_ordered(statement.then or statement.sql)
    return ALIKE if _shape(found, ordered=ordered) == _shape(expected, ordered=ordered) else WRONG


def ask(answer: Callable[[str], Any], sql: str) -> Answer:
    """Ask the embedded engine's `answer` one query; an error becomes an answer too."""
    try:
        found = answer(sql)
    except QueryFailed as error:
        return Answer(error=error.name, message=error.text)
    except SyntaxRefused as error:
        return Answer(error="SYNTAX_ERROR", message=str(error))
    rows = tuple(tuple(row) for row in found.rows)
    return Answer(tuple(found.names), tuple(found.types), rows)


def is_ordered(sql: str) -> bool:
    """Tell whether a query ends in an ORDER BY of its own."""
    depth, words = 0, []
    for token in Cursor(sql).tokens:
        if token.kind == "symbol" and token.value in "()":
            depth += 1 if token.value == "(" else -1
        elif depth == 0 and token.kind == "word":
            words.append(token.value.upper())
    return ("ORDER", "BY") in pairwise(words)


def row_order(row: tuple[str | None, ...]) -> list[tuple[bool, str]]:
    return [(value is None, value or "") for value in row]


def _statement(topic: str, entry: Any, recorded: dict[str, Any]) -> Statement:
    entry = {"sql": entry} if isinstance(entry, str) else entry
    found = Statement(topic, entry["sql"], tuple(entry.get("setup", ())), entry.get("then", ""))
    of_trino = _answer(recorded[found.key]) if found.key in recorded else None
    expected = _answer(entry["athena"]) if "athena" in entry else of_trino
    return replace(found, expected=expected, recorded=of_trino)


def _answer(found: dict[str, Any]) -> Answer:
    rows = tuple(tuple(row) for row in found.get("rows", ()))
    columns, types = tuple(found.get("columns", ())), tuple(found.get("types", ()))
    return Answer(columns, types, rows, found.get("error", ""))


def _shape(answer: Answer, *, ordered: bool) -> Any:
    unordered = [kind for kind in answer.types if "map(" in kind]
    rows = [
        tuple(
            _sorted_entries(value) if value and kind in unordered else value
            for value, kind in zip(row, answer.types, strict=True)
        )
        for row in answer.rows
    ]
    return answer.columns, answer.types, rows if ordered else sorted(rows, key=row_order)


def _sorted_entries(text: str) -> str:
    # A map has no order: its entries are compared sorted, at every depth.
    stack: list[list[str]] = [[""]]
    for sign in text:
        if sign == "{":
            stack.append([""])
        elif sign == "}" and len(stack) > 1:
            inner = ",".join(sorted(part.strip() for part in stack.pop()))
            stack[-1][-1] += "{" + inner + "}"
        elif sign == "," and len(stack) > 1:
            stack[-1].append("")
        else:
            stack[-1][-1] += sign
    return ",".join(part for parts in stack for part in parts)


def main() -> int:
    """Print the statements of the topics that are not alike, then the counts."""
    from tests.support.athena_statements import answer

    counts: Counter[str] = Counter()
    for topic in sys.argv[1:] or topics():
        for statement in statements(topic):
            if statement.is_script:
                continue
            found = ask(answer, statement.sql)
            kind = outcome(statement, found)
            counts[kind] += 1
            if kind != ALIKE:
                wanted = "" if kind == REFUSED else f"    expected {statement.expected}\n"
                sys.stdout.write(f"{kind}: [{topic}] {statement.sql}\n    {found}\n{wanted}")
    sys.stdout.write(f"{dict(counts)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
