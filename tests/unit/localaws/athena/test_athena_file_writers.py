"""Files as INSERT, CTAS and UNLOAD write them, and the forms they refuse."""

import gzip
import io
from pathlib import Path
from typing import Any

import duckdb
import fastavro
import pytest
from pyarrow import orc

from localaws.athena.failures import QueryFailed
from localaws.athena.file_forms import Form, of_properties, of_table
from localaws.athena.file_writers import write
from localaws.athena.hive_json import HIVE_JSON
from localaws.athena.insertions import insertion
from localaws.athena.lazy_simple import LAZY_SIMPLE
from localaws.athena.text_files import line_parser
from localaws.athena.trino_types import parse

COLUMNS = (
    ("call_id", parse("varchar")),
    ("turns", parse("integer")),
    ("cost", parse("decimal(9,4)")),
    ("score", parse("double")),
    ("started_at", parse("timestamp(3)")),
    ("call_date", parse("date")),
    ("tags", parse("array(varchar)")),
    ("labels", parse("map(varchar, integer)")),
    ("agent", parse("row(name varchar, age integer)")),
)
ROW = (
    "'c,1', 3, 1.5::DECIMAL(9,4), 1e10, TIMESTAMP '2026-01-31 10:00:00.120', DATE '2026-01-31', "
    "['x', NULL], MAP {'k': 1}, {'name': 'a', 'age': NULL}"
)


def written(form: Form, folder: Path) -> bytes:
    names = ", ".join(name for name, _ in COLUMNS)
    nulls = ", ".join(["NULL"] * len(COLUMNS))
    query = f"SELECT * FROM (VALUES ({ROW}), ({nulls})) AS t({names})"
    with duckdb.connect() as connection:
        write(connection, query, COLUMNS, form, folder / "file")
    return (folder / "file").read_bytes()


def test_delimited_text_is_what_hive_writes(tmp_path: Path) -> None:
    options = {"field.delim": ",", "escape.delim": "\\"}
    lines = written(Form("TEXTFILE", "NONE", options), tmp_path).decode().splitlines()
    assert lines[0] == (
        "c\\,1,3,1.5000,1.0E10,2026-01-31 10:00:00.12,2026-01-31,"
        "x\x02\\N,k\x031,a\x02\\N"
    )  # fmt: skip
    assert lines[1] == ",".join(["\\N"] * 9)


def test_json_is_what_hive_writes(tmp_path: Path) -> None:
    body = gzip.decompress(written(Form("JSON", "GZIP"), tmp_path)).decode()
    assert body.splitlines()[0] == (
        '{"call_id":"c,1","turns":3,"cost":1.5000,"score":1.0E10,'
        '"started_at":"2026-01-31 10:00:00.12","call_date":"2026-01-31",'
        '"tags":["x",null],"labels":{"k":1},"agent":{"name":"a","age":null}}'
    )


@pytest.mark.parametrize(("library", "form"), [(LAZY_SIMPLE, "TEXTFILE"), (HIVE_JSON, "JSON")])
def test_text_that_was_written_is_read_back(library: str, form: str, tmp_path: Path) -> None:
    lines = written(Form(form, "NONE"), tmp_path).decode().splitlines()
    first, second = map(line_parser(library, {}, COLUMNS), lines)
    assert (first[0], first[3], first[6], first[7]) == ("c,1", 1e10, ["x", None], [("k", 1)])
    assert second == [None] * 9


def test_orc_and_avro_hold_every_type_and_null_maps(tmp_path: Path) -> None:
    found = orc.ORCFile(io.BytesIO(written(Form("ORC", "ZLIB"), tmp_path))).read().to_pylist()
    assert (found[0]["labels"], found[1]["labels"]) == ([("k", 1)], None)
    rows: list[Any] = list(fastavro.reader(io.BytesIO(written(Form("AVRO", "GZIP"), tmp_path))))
    assert (rows[0]["labels"], rows[1]["labels"]) == ({"k": 1}, None)
    assert rows[0]["agent"] == {"name": "a", "age": None}


def test_a_form_is_read_from_properties_and_from_a_table() -> None:
    assert of_properties({}) == Form("PARQUET", "GZIP")
    assert of_properties({"format": "orc", "orc_compression": "snappy"}) == Form("ORC", "SNAPPY")
    assert (
        of_properties({"format": "TEXTFILE", "field_delimiter": ","}).options["field.delim"] == ","
    )
    storage = {"InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
               "SerdeInfo": {"SerializationLibrary": HIVE_JSON}}  # fmt: skip
    assert of_table({"StorageDescriptor": storage}) == Form("JSON", "GZIP")


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ({"format": "XML"}, "INVALID_TABLE_PROPERTY"),
        ({"write_compression": "NONSENSE"}, "INVALID_TABLE_PROPERTY"),
        ({"field_delimiter": ","}, "INVALID_TABLE_PROPERTY"),
        ({"format": "TEXTFILE", "compression": "LZ4"}, "NOT_SUPPORTED"),
        ({"bucketed_by": ["a"], "bucket_count": 2}, "NOT_SUPPORTED"),
    ],
)
def test_a_form_athena_does_not_know_or_we_cannot_write_is_refused(
    properties: dict[str, Any], name: str
) -> None:
    with pytest.raises(QueryFailed, match=name):
        of_properties(properties)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("integer", "bigint", "assigned"),
        ("decimal(38,4)", "decimal(9,4)", "assigned"),
        ("varchar(3)", "varchar", "assigned"),
        ("bigint", "integer", "narrowed"),
        ("double", "bigint", "narrowed"),
        ("array(bigint)", "array(integer)", "narrowed"),
        ("integer", "varchar", "mismatched"),
        ("varchar", "date", "mismatched"),
        ("array(varchar)", "array(integer)", "mismatched"),
    ],
)
def test_insert_assigns_refuses_or_leaves_to_trino(source: str, target: str, expected: str) -> None:
    assert insertion(parse(source), parse(target)) == expected
