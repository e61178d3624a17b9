"""Lines of text files by serde: what is NULL, what is text, what fails. Measured on Trino 476."""

import bz2
import datetime as dt
import gzip
import zlib
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from localaws.athena.failures import QueryFailed
from localaws.athena.hive_json import HIVE_JSON
from localaws.athena.lazy_simple import LAZY_SIMPLE
from localaws.athena.open_csv import OPEN_CSV
from localaws.athena.openx_json import OPENX_JSON
from localaws.athena.text_files import line_parser
from localaws.athena.text_lines import snappy_blocks, unpacked
from localaws.athena.text_values import value_of
from localaws.athena.trino_types import parse

REGEX = "org.apache.hadoop.hive.serde2.RegexSerDe"
COLUMNS = (("call_id", parse("string")), ("turns", parse("int")), ("note", parse("string")))
COLLECTIONS = (
    ("tags", parse("array<string>")),
    ("labels", parse("map<string,int>")),
    ("agent", parse("struct<name:string,age:int>")),
)
DEEP = (
    ("turns", parse("array<struct<number:int,party:string>>")),
    ("counts", parse("map<string,array<int>>")),
)
COMMA = {"field.delim": ","}
ESCAPED = {"field.delim": ",", "escape.delim": "\\"}

LINES: list[tuple[str, dict[str, str], str, list[Any]]] = [
    (LAZY_SIMPLE, COMMA, "c1,3,\\N", ["c1", 3, None]),
    (LAZY_SIMPLE, COMMA, 'c1,three,"x', ["c1", None, '"x']),
    (LAZY_SIMPLE, COMMA, "c1", ["c1", None, None]),
    (LAZY_SIMPLE, COMMA, "c1,3,x,more", ["c1", 3, "x"]),
    (LAZY_SIMPLE, COMMA, "", ["", None, None]),
    (LAZY_SIMPLE, {}, "c1\x013\x01", ["c1", 3, ""]),
    (LAZY_SIMPLE, {"field.delim": "9"}, "c1\t3\tx", ["c1", 3, "x"]),
    (LAZY_SIMPLE, {"field.delim": "||"}, "c1|3|x", ["c1", 3, "x"]),
    (LAZY_SIMPLE, ESCAPED, "a\\,b,3,x\\\\y", ["a,b", 3, "x\\y"]),
    (LAZY_SIMPLE, ESCAPED, "q\\nz,3\\1,\\N", ["qnz", None, None]),
    (
        LAZY_SIMPLE,
        {**COMMA, "serialization.last.column.takes.rest": "true"},
        "c1,3,x,y",
        ["c1", 3, "x,y"],
    ),
    (LAZY_SIMPLE, {**COMMA, "serialization.null.format": "NA"}, "NA,3,\\N", [None, 3, "\\N"]),
    (OPEN_CSV, {}, '"c,1","3","say ""hi"""', ["c,1", 3, 'say "hi"']),
    (OPEN_CSV, {}, "c1,1,a\\\\b", ["c1", 1, "a\\b"]),
    (OPEN_CSV, {}, '"a\\"b",1,\\N', ['a"b', 1, "N"]),
    (OPEN_CSV, {}, "c1", ["c1", None, None]),
    (OPEN_CSV, {}, "", [None, None, None]),
    (OPEN_CSV, {}, 'c1,1,"open', ["c1", 1, None]),
    (OPEN_CSV, {}, 'plain "q" mid,1,"x"y', ['plain "q" mid', 1, 'x"y']),
    (OPEN_CSV, {"separatorChar": ";", "quoteChar": "'"}, "'c;1';3;'it''s'", ["c;1", 3, "it's"]),
    (REGEX, {"input.regex": r"(\w+)-(\d+)-(.*)"}, "c1-3-x y", ["c1", 3, "x y"]),
    (REGEX, {"input.regex": r"(\w+)-(\d+)-(.*)"}, "broken", [None, None, None]),
]
COLLECTION_LINES: list[tuple[Any, dict[str, str], str, list[Any]]] = [
    (COLLECTIONS, {}, "a\x02b\x02\x01k\x031\x02j\x032\x01x\x02 7", [
        ["a", "b", ""], [("k", 1), ("j", 2)], {"name": "x", "age": None}]),
    (COLLECTIONS, {}, "\x01\x01", [[], [], {"name": "", "age": None}]),
    (COLLECTIONS, {}, "\\N\x01\\N\x01\\N", [None, None, None]),
    (COLLECTIONS, {}, "a\x02\\N\x01k\x03\\N\x02k\x035\x01x", [
        ["a", None], [("k", None)], {"name": "x", "age": None}]),
    (DEEP, {}, "1\x03a\x022\x03b\x01k\x031\x042\x02l\x033", [
        [{"number": 1, "party": "a"}, {"number": 2, "party": "b"}], [("k", [1, 2]), ("l", [3])]]),
]  # fmt: skip
NESTED = (("sentiment", parse("struct<label:string>")), ("turns", parse("int")))
BOTH = (OPENX_JSON, HIVE_JSON)
JSON_LINES: list[tuple[tuple[str, ...], str, list[Any]]] = [
    (BOTH, '{"Sentiment":{"Label":"x"},"TURNS":7}', [{"label": "x"}, 7]),
    (BOTH, '{"turns": 1.5} and what follows', [None, 1]),
    (BOTH, "{}", [None, None]),
    ((OPENX_JSON,), '{"turns":"7"}', [None, 7]),
    ((OPENX_JSON,), '{"turns":"seven"}', [None, None]),
    ((OPENX_JSON,), '{"turns":99999999999}', [None, None]),
    ((OPENX_JSON,), '{"a":1,"turns":1,"TURNS":3}', [None, 3]),
    ((OPENX_JSON,), '[{"label":"x"},2]', [{"label": "x"}, 2]),
    ((OPENX_JSON,), '{"sentiment":["x"]}', [{"label": "x"}, None]),
    ((OPENX_JSON,), '{"sentiment":{"label":{"b":1.50,"a":[1,null]}}}', [
        {"label": '{"b":1.50,"a":[1,null]}'}, None]),
]  # fmt: skip
FAILING = [
    (HIVE_JSON, '{"turns":"7"}'),
    (HIVE_JSON, '{"turns":99999999999}'),
    (HIVE_JSON, '{"turns":1,"Turns":2}'),
    (HIVE_JSON, '{"sentiment":{"label":{"b":1}}}'),
    (HIVE_JSON, "[1]"),
    (OPENX_JSON, '{"turns":{"a":1}}'),
    (OPENX_JSON, '{"sentiment":5}'),
]
VALUES = [
    ("int", " 7", None),
    ("int", "1.9", 1),
    ("int", "2147483648", None),
    ("double", " 1.5d ", 1.5),
    ("double", "inf", None),
    ("boolean", "tRuE", True),
    ("boolean", "1", None),
    ("decimal(5,2)", "1.005", Decimal("1.01")),
    ("decimal(5,2)", "1000", None),
    ("date", "2026-1-5", dt.date(2026, 1, 5)),
    ("date", "2026-02-30", dt.date(2026, 3, 2)),
    ("date", "2026-01-01x", None),
    ("timestamp", "2026-01-31 10:00:00.9996", dt.datetime(2026, 1, 31, 10, 0, 1)),  # noqa: DTZ001 -- no zone
    ("timestamp", "2026-01-31 10:00", None),
    ("varchar(2)", "abc", "ab"),
    ("char(3)", "a", "a  "),
    ("binary", "QUJD", b"ABC"),
    ("binary", "!!", b"!!"),
]


@pytest.mark.parametrize(("serde", "options", "line", "values"), LINES)
def test_a_line_of_text(serde: str, options: dict[str, str], line: str, values: list[Any]) -> None:
    assert line_parser(serde, options, COLUMNS)(line) == values


@pytest.mark.parametrize(("columns", "options", "line", "values"), COLLECTION_LINES)
def test_collections_are_cut_by_the_separator_of_their_depth(
    columns: Any, options: dict[str, str], line: str, values: list[Any]
) -> None:
    assert line_parser(LAZY_SIMPLE, options, columns)(line) == values


@pytest.mark.parametrize(("serdes", "line", "values"), JSON_LINES)
def test_a_line_of_json(serdes: tuple[str, ...], line: str, values: list[Any]) -> None:
    for serde in serdes:
        assert line_parser(serde, {}, NESTED)(line) == values


@pytest.mark.parametrize(("serde", "line"), FAILING)
def test_json_that_does_not_fit_its_column_ends_the_query(serde: str, line: str) -> None:
    with pytest.raises(QueryFailed, match="HIVE_CURSOR_ERROR"):
        line_parser(serde, {}, NESTED)(line)


@pytest.mark.parametrize("serde", BOTH)
@pytest.mark.parametrize("line", ["{broken", ""])
def test_a_broken_line_of_json_fails_unless_the_table_forgives(serde: str, line: str) -> None:
    with pytest.raises(QueryFailed, match="HIVE_CURSOR_ERROR"):
        line_parser(serde, {}, NESTED)(line)
    forgiving = {"ignore.malformed.json": "true"}
    if serde == OPENX_JSON:
        assert line_parser(serde, forgiving, NESTED)(line) == [None, None]


def test_openx_takes_keys_from_other_names() -> None:
    columns = (("moment", parse("string")), ("a_b", parse("int")))
    options = {"mapping.moment": "Time Stamp", "dots.in.keys": "true"}
    line = '{"time stamp":"x","a.b":1}'
    assert line_parser(OPENX_JSON, options, columns)(line) == ["x", 1]
    exact = {"case.insensitive": "false"}
    assert line_parser(OPENX_JSON, exact, columns)('{"Moment":"x","a_b":1}') == [None, 1]


def test_a_line_that_is_almost_json_is_refused_not_guessed() -> None:
    with pytest.raises(QueryFailed, match=r"NOT_SUPPORTED.*--engine trino"):
        line_parser(OPENX_JSON, {}, NESTED)("{'turns': 1}")


@pytest.mark.parametrize(("kind", "text", "value"), VALUES)
def test_a_field_is_read_leniently(kind: str, text: str, value: Any) -> None:
    assert value_of(text, parse(kind)) == value


def test_a_bad_number_under_opencsv_is_bad_data() -> None:
    for line in ("c1,three,x", "c1,,x"):
        with pytest.raises(QueryFailed, match="HIVE_BAD_DATA"):
            line_parser(OPEN_CSV, {}, COLUMNS)(line)


def test_an_unknown_serde_is_refused_by_name() -> None:
    with pytest.raises(QueryFailed, match=r"NOT_SUPPORTED: the serde com.example.Odd"):
        line_parser("com.example.Odd", {}, COLUMNS)


def test_an_object_is_unpacked_by_its_suffix() -> None:
    codec = pa.Codec("snappy")
    chunk = codec.compress(b"x\n", asbytes=True)
    framed = (2).to_bytes(4, "big") + len(chunk).to_bytes(4, "big") + chunk
    assert unpacked("a.gz", gzip.compress(b"x\n") + gzip.compress(b"y\n")) == b"x\ny\n"
    assert unpacked("a.bz2", bz2.compress(b"x\n")) == b"x\n"
    assert unpacked("a.deflate", zlib.compress(b"x\n")) == b"x\n"
    assert unpacked("a.zst", pa.Codec("zstd").compress(b"x\n", asbytes=True)) == b"x\n"
    assert unpacked("a.snappy", framed) == b"x\n"
    assert snappy_blocks(framed + framed) == b"x\nx\n"
    with pytest.raises(QueryFailed, match=r"NOT_SUPPORTED.*\.lz4"):
        unpacked("a.lz4", b"x\n")
