"""Lines of text files by serde: what is NULL, what is text, what fails."""

import json
from typing import Any

import pytest

from localaws.athena.failures import QueryFailed
from localaws.athena.text_files import (
    HIVE_JSON,
    LAZY_SIMPLE,
    OPEN_CSV,
    OPENX_JSON,
    line_parser,
)
from localaws.athena.trino_types import parse

COLUMNS = (("call_id", parse("string")), ("turns", parse("int")), ("note", parse("string")))
NESTED = (("sentiment", parse("struct<label:string>")), ("turns", parse("int")))

LINES = [
    (LAZY_SIMPLE, {"field.delim": ","}, "c1,3,\\N", ["c1", "3", None]),
    (LAZY_SIMPLE, {"field.delim": ","}, 'c1,three,"x', ["c1", None, '"x']),
    (LAZY_SIMPLE, {"field.delim": ","}, "c1", ["c1", None, None]),
    (LAZY_SIMPLE, {}, "c1\x013\x01", ["c1", "3", ""]),
    (LAZY_SIMPLE, {"field.delim": ",", "escape.delim": "\\"}, "a\\,b,3,x", ["a,b", "3", "x"]),
    (OPEN_CSV, {}, '"c,1","3","say ""hi"""', ["c,1", "3", 'say "hi"']),
    (OPEN_CSV, {}, "c1,,a\\\\b", ["c1", None, "a\\b"]),
    (OPEN_CSV, {"separatorChar": ";"}, "c1;3", ["c1", "3", ""]),
]
JSON_LINES = [
    (OPENX_JSON, {"Sentiment": {"Label": "x"}, "TURNS": "7"}, [{"label": "x"}, "7"]),
    (OPENX_JSON, {"turns": 1.5}, [None, "1"]),
    (HIVE_JSON, {"Sentiment": {"label": "x"}, "turns": 2}, [{"label": "x"}, "2"]),
]


@pytest.mark.parametrize(("serde", "options", "line", "values"), LINES)
def test_a_line_of_text(serde: str, options: dict[str, str], line: str, values: list[Any]) -> None:
    assert line_parser(serde, options, COLUMNS)(line) == values


@pytest.mark.parametrize(("serde", "document", "values"), JSON_LINES)
def test_a_line_of_json_matches_keys_whatever_their_case(
    serde: str, document: dict[str, Any], values: list[Any]
) -> None:
    assert line_parser(serde, {}, NESTED)(json.dumps(document)) == values


@pytest.mark.parametrize("serde", [OPENX_JSON, HIVE_JSON])
def test_a_broken_line_of_json_fails_unless_the_table_forgives(serde: str) -> None:
    with pytest.raises(QueryFailed, match="HIVE_CURSOR_ERROR"):
        line_parser(serde, {}, NESTED)("{broken")
    forgiving = {"ignore.malformed.json": "true"}
    if serde == OPENX_JSON:
        assert line_parser(serde, forgiving, NESTED)("{broken") == [None, None]


def test_a_bad_number_under_opencsv_is_bad_data() -> None:
    with pytest.raises(QueryFailed, match="HIVE_BAD_DATA"):
        line_parser(OPEN_CSV, {}, COLUMNS)("c1,three,x")


def test_an_unknown_serde_is_refused_by_name() -> None:
    with pytest.raises(QueryFailed, match=r"NOT_SUPPORTED: the serde com.example.Odd"):
        line_parser("com.example.Odd", {}, COLUMNS)
