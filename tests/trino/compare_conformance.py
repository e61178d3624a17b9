"""The conformance suite through the Athena API: Trino answers as recorded, DuckDB alike or not."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.support.athena_api import ask, ask_script
from tests.support.athena_scripts import kind_of
from tests.support.conformance import (
    ALIKE,
    REFUSED,
    Answer,
    Statement,
    every_query,
    every_script,
)
from tests.support.localaws_server import LocalAws

AT_ONCE = 4
LEAST = 0.85
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
        return _kind(statement, answer, engine), statement, answer

    # Where only Athena's answer is known, nothing tells what Trino should say.
    suite = [s for s in SUITE if engine != "trino" or s.recorded is not None]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        outcomes = list(threads.map(found, suite))
    different = [
        f"{kind}: [{s.topic}] {s.key}\n  {a}\n  expected {s.expected}"
        for kind, s, a in outcomes
        if kind not in fine
    ]
    assert not different, "\n".join(different)
    assert sum(kind == ALIKE for kind, _, _ in outcomes) >= LEAST * len(suite)


def _kind(statement: Statement, answer: Answer, engine: str) -> str:
    """Return the class of an answer; where Athena differs, Trino may answer as either."""
    kind = kind_of(statement, answer)
    if engine != "trino" or kind == ALIKE or statement.recorded == statement.expected:
        return kind
    return kind_of(replace(statement, expected=statement.recorded), answer)
