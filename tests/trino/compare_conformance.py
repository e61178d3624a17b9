"""The conformance suite through the Athena API: Trino answers as recorded, DuckDB alike or not."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from localaws.athena.failures import QueryFailed
from localaws.athena.trino_types import parse
from localaws.athena.values import type_word
from tests.support.athena_api import ask, ask_script
from tests.support.conformance import (
    ALIKE,
    REFUSED,
    Answer,
    Statement,
    every_query,
    every_script,
    outcome,
)
from tests.support.localaws_server import LocalAws

AT_ONCE = 4
SUITE = [*every_query(), *every_script()]


@pytest.mark.parametrize(("engine", "fine"), [("trino", {ALIKE}), ("duckdb", {ALIKE, REFUSED})])
def test_an_engine_answers_through_the_api_as_the_suite_says(
    engines: dict[str, LocalAws], engine: str, fine: set[str]
) -> None:
    aws = engines[engine]
    aws.client("athena")

    def found(statement: Statement) -> tuple[str, Statement, Answer]:
        asked = ask_script(aws.client, statement) if statement.is_script else None
        answer = asked or ask(aws.client, statement.sql)
        return outcome(_in_words(statement, engine), answer), statement, answer

    with ThreadPoolExecutor(AT_ONCE) as threads:
        outcomes = list(threads.map(found, SUITE))
    different = [
        (kind, s.topic, s.sql, a, s.expected) for kind, s, a in outcomes if kind not in fine
    ]
    assert different == []


def _in_words(statement: Statement, engine: str) -> Statement:
    # The API names types without their parameters; Trino's own answer stands for Trino.
    own = engine == "trino" and not statement.is_script
    expected = statement.recorded if own else statement.expected
    assert expected is not None, statement.sql
    return replace(statement, expected=replace(expected, types=tuple(map(_word, expected.types))))


def _word(text: str) -> str:
    try:
        return type_word(parse(text))
    except QueryFailed:
        return text.partition("(")[0]
