"""Every column says what it is and where it comes from, and agrees with the document it reads."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from contracts import words
from contracts.column_types import (
    ArrayType,
    ColumnType,
    DecimalType,
    Scalar,
    StructType,
    athena_type,
    glue_type,
    parse_type,
)
from contracts.columns import GLUE_COMMENT_LIMIT, Column, Table
from contracts.datasets import DATASETS, Dataset, dataset_named
from contracts.fields import Field, Many, Node, Record
from contracts.final_call import DOCUMENT
from contracts.scoring import RESULTS
from contracts.tables import COPY_TABLES, LAKE_TABLES, athena_ddl, glue_table_input, table_named
from contracts.verdicts import VERDICTS, worst

MARTS = Path(__file__).parents[3] / "dbt_project" / "models" / "marts"
TABLES = (*LAKE_TABLES, *COPY_TABLES, VERDICTS)
COLUMNS = [(table, column) for table in TABLES for column in table.columns]
EVERY_COLUMN = pytest.mark.parametrize(
    ("table", "column"), COLUMNS, ids=[f"{t.name}.{c.name}" for t, c in COLUMNS]
)
EVERY_TABLE = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@EVERY_COLUMN
def test_a_column_has_a_description_that_glue_takes_and_a_path(
    table: Table, column: Column
) -> None:
    assert column.description.endswith("."), table.name
    assert len(column.description) <= GLUE_COMMENT_LIMIT
    assert "\n" not in column.description
    assert column.path
    assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
    parse_type(column.type)


@EVERY_COLUMN
def test_a_score_has_limits_and_a_duration_a_unit(table: Table, column: Column) -> None:
    if column.name.endswith(("_score", "_fraction", "_confidence", "_shift", "_pct")):
        claimed = column.name.startswith("stated_") and column.name != "stated_pct"
        assert column.minimum is not None, table.name
        assert column.maximum is not None or claimed, table.name
    if column.name.endswith("_seconds"):
        assert column.unit == "seconds"


@EVERY_TABLE
def test_no_data_column_is_a_partition_column(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(names) == len(set(names))
    assert not set(names) & set(table.partitions)
    assert set(table.sort) <= set(names)
    assert set(table.key) <= set(names)
    assert table.partitions[0] == "tenant_id"


def test_every_lake_table_but_rejects_begins_with_the_identity_of_call_and_document() -> None:
    for table in LAKE_TABLES:
        begins = [column.name for column in table.columns[:3]]
        if table.name != "rejects":
            assert begins == ["call_id", "document_key", "call_date"]
            assert not any(table.column(name).nullable for name in (*begins, *table.key))


@pytest.mark.parametrize(
    ("table", "column"),
    [(t, c) for t, c in COLUMNS if t in LAKE_TABLES and not c.path.startswith("@")],
    ids=lambda value: value.name,
)
def test_a_column_promises_what_the_document_promises(table: Table, column: Column) -> None:
    field = _field(DOCUMENT, column.path)
    if column.name == "document_key" or not isinstance(field, Field):
        return
    of_exports = {"deleted"} if (table.name, column.name) == ("evaluations", "status") else set()
    assert set(column.words) == set(field.words) | of_exports
    assert column.pattern == field.pattern
    for ours, theirs in ((column.minimum, field.minimum), (column.maximum, field.maximum)):
        assert ours is None or ours == theirs
    if not column.nullable and not column.path.endswith("[]") and column.path not in _SETTLED:
        assert field.is_required or field.default is not None


_SETTLED = {
    "call_id",
    "lineage.document_hash",
    "lineage.processed_at",
    "lineage.schema_version_detected",
    "lineage.detection_rule",
    "transcript.turns[].turn",
}


def _field(node: Node, path: str) -> Node:
    for step in path.replace("[]", ".[]").split("."):
        if step == "[]":
            assert isinstance(node, Many), path
            node = node.item
        elif step:
            assert isinstance(node, Record), path
            node = node.fields[step]
    return node


@EVERY_TABLE
def test_a_glue_table_says_what_the_contract_says(table: Table) -> None:
    found = glue_table_input(table, "s3://lake/tables/")
    storage = found["StorageDescriptor"]
    assert [column["Name"] for column in storage["Columns"]] == [c.name for c in table.columns]
    assert [key["Name"] for key in found["PartitionKeys"]] == list(table.partitions)
    assert storage["Location"] == f"s3://lake/tables/{table.name}/"
    assert found["Parameters"]["classification"] == "parquet"
    statement = athena_ddl(table, "cci_lite_lake", "s3://lake/tables")
    assert statement.count("COMMENT") == len(table.columns) + 1
    assert storage["Location"] in statement


def test_a_quote_in_a_description_does_not_end_the_statement() -> None:
    table = Table(
        "t", "One row's grain.", (), (Column("a", "int", "It's one.", "a"),), (), "detail"
    )
    assert "'It''s one.'" in athena_ddl(table, "d", "s3://b")


def test_a_table_is_found_by_name() -> None:
    assert table_named("calls") is LAKE_TABLES[0]
    assert table_named("config_access").column("user_name").type == "string"
    with pytest.raises(KeyError, match="no column 'x'"):
        table_named("calls").column("x")


KINDS: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(
        ["string", "boolean", "int", "bigint", "double", "date", "timestamp", "decimal(9,4)"]
    ),
    lambda inner: st.one_of(
        inner.map(lambda kind: f"array<{kind}>"),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda kinds: "struct<" + ",".join(f"f{i}:{k}" for i, k in enumerate(kinds)) + ">"
        ),
    ),
    max_leaves=8,
)


@given(KINDS)
def test_a_type_word_reads_back_from_its_parts(text: str) -> None:
    assert _word(parse_type(text)) == text == glue_type(text)


def _word(kind: ColumnType) -> str:
    if isinstance(kind, Scalar):
        return kind.name
    if isinstance(kind, DecimalType):
        return f"decimal({kind.precision},{kind.scale})"
    if isinstance(kind, ArrayType):
        return f"array<{_word(kind.item)}>"
    assert isinstance(kind, StructType)
    return "struct<" + ",".join(f"{name}:{_word(inner)}" for name, inner in kind.fields) + ">"


def test_athena_writes_types_in_its_own_words() -> None:
    assert athena_type("array<struct<a:string,b:decimal(9,4),c:timestamp>>") == (
        "array(row(a varchar, b decimal(9,4), c timestamp(3)))"
    )


@pytest.mark.parametrize("text", ["varchar", "array<", "array<x>", "struct<A:int>", "decimal(9)"])
def test_a_word_outside_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        parse_type(text)


def test_every_dataset_is_listed_once_with_a_key() -> None:
    names = [dataset.name for dataset in DATASETS]
    assert len(names) == len(set(names))
    assert all(dataset.key for dataset in DATASETS)
    assert [dataset.name for dataset in DATASETS if dataset.is_alone] == ["rls_rules"]
    assert dataset_named("fct_calls").has_month
    with pytest.raises(KeyError):
        dataset_named("stg_lake__calls")


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_a_dataset_has_the_key_and_columns_of_its_mart(dataset: Dataset) -> None:
    found = sorted(MARTS.rglob(f"{dataset.name}.yml"))
    assert len(found) == 1, f"{dataset.name}: expected one YAML file below {MARTS}"
    model = yaml.safe_load(found[0].read_text())["models"][0]
    columns = [column["name"] for column in model["columns"]]
    keys = [
        set(test["unique_together"]["arguments"]["columns"])
        for test in model["data_tests"]
        if "unique_together" in test
    ]
    assert keys == [{"tenant_id", *dataset.key}]
    assert ("call_month" in columns) is dataset.has_month
    assert set(dataset.text_columns) <= set(columns)


def test_the_worst_verdict_wins_and_silence_is_a_failure() -> None:
    assert worst(["PASS", "ERROR", "WARN", "FAIL"]) == "ERROR"
    assert worst(["PASS", "WARN"]) == "WARN"
    assert worst([]) == "FAIL"


def test_results_are_the_same_four_words_everywhere() -> None:
    assert words.RESULTS == RESULTS
