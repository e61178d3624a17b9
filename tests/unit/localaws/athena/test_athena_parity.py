"""Statements with the answer Trino gives: columns, types, rows, or the name of the error."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.athena_statements import answer, error_name

FILES = sorted((Path(__file__).parent / "parity").glob("*.yml"))
CASES = [case for file in FILES for case in yaml.safe_load(file.read_text())]
ANSWERED = [case for case in CASES if "error" not in case]
REFUSED = [case for case in CASES if "error" in case]


def _name(case: dict[str, Any]) -> str:
    return " ".join(case["sql"].split())[:70]


@pytest.mark.parametrize("case", ANSWERED, ids=_name)
def test_a_statement_is_answered_as_trino_does(case: dict[str, Any]) -> None:
    found = answer(case["sql"])
    assert found.rows == case["rows"]
    assert found.types == case["types"]


@pytest.mark.parametrize("case", REFUSED, ids=_name)
def test_a_statement_fails_with_the_name_trino_gives_or_is_refused(case: dict[str, Any]) -> None:
    assert error_name(case["sql"]) == case["error"]
