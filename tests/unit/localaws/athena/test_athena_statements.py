"""Which statement a text is, and which texts Athena refuses when they are started."""

import pytest

from localaws.athena import statements as s
from localaws.athena.failures import SyntaxRefused
from localaws.athena.grammar import read_statement
from localaws.athena.statements import substituted

KINDS = {
    "-- a comment ; with create\nselect ')' as x;": s.Select,
    "(select 1)": s.Select,
    "create table a.b with (format = 'PARQUET') as select 1 as x": s.CreateTableAs,
    "insert into t (x) (select 1)": s.Insert,
    "unload (select ')') to 's3://b/k' with (format = 'PARQUET')": s.Unload,
    "explain (type validate) select 1": s.Explain,
    "create or replace view v as select 1 as x": s.CreateView,
    "create database if not exists `my-db`": s.CreateDatabase,
    "drop schema if exists d cascade": s.Drop,
    "alter table `d`.`t` set tblproperties ('classification' = 'csv')": s.AlterTable,
    "msck repair table t": s.Repair,
    "show partitions d.t": s.Show,
    "describe t": s.Describe,
    "execute p using 'a, b', 2": s.Prepared,
    "explain analyze select 1": s.Explain,
    "merge into t using u on t.a = u.a when matched then delete": s.ChangeRows,
    "delete from d.t where a = ';';": s.ChangeRows,
    "update t set a = 1": s.ChangeRows,
    "optimize t rewrite data using bin_pack where a = 1": s.Optimize,
    "vacuum d.t;": s.Vacuum,
}
REFUSED = {
    "selec 1": "line 1:1: mismatched input 'selec'",
    "select 1; select 2": "Only one sql statement is allowed",
    "call x()": "Queries of this type are not supported",
    "use d": "Queries of this type are not supported",
    "create table t (x int)": "External keyword required for table type HIVE",
    "merge t using u on t.a = u.a when matched then delete": "Expecting: INTO",
    "optimize t": "Expecting: REWRITE DATA USING BIN_PACK",
    "create table t (x int) tblproperties ('table_type'='ICEBERG')": "needs a LOCATION",
    "select 'a": "mismatched input '''",
}
EXTERNAL = """
create external table if not exists `d`.`t` (
    `a` int comment 'it''s, so',
    b array<struct<c: string, d: decimal(9, 2)>>
) partitioned by (tenant_id string)
row format delimited fields terminated by '\\t' escaped by '\\\\'
stored as textfile
location 's3://lake/t/'
tblproperties ('skip.header.line.count' = '1')
"""


@pytest.mark.parametrize(("text", "kind"), KINDS.items())
def test_a_statement_is_recognised_by_its_tokens(text: str, kind: type) -> None:
    assert isinstance(read_statement(text, "lake"), kind)


@pytest.mark.parametrize(("text", "words"), REFUSED.items())
def test_a_text_athena_does_not_run_is_refused_at_the_start(text: str, words: str) -> None:
    with pytest.raises(SyntaxRefused) as caught:
        read_statement(text, "lake")
    assert words in str(caught.value)


def test_a_query_keeps_its_lines_and_columns() -> None:
    found = read_statement("create view v as\nselect 1 as x", "lake")
    assert isinstance(found, s.CreateView)
    assert found.query == " " * 16 + "\nselect 1 as x"


def test_hive_clauses_are_read() -> None:
    found = read_statement(EXTERNAL, "lake")
    assert isinstance(found, s.CreateTable)
    assert found.columns[0] == ("a", "int", "it's, so")
    assert found.columns[1][1] == "array<struct<c:string,d:decimal(9,2)>>"
    assert found.keys == (("tenant_id", "string", ""),)
    assert found.serde_properties["field.delim"] == "\t"
    assert found.serde_properties["escape.delim"] == "\\"
    assert found.properties == {"skip.header.line.count": "1"}


def test_parameters_replace_marks_outside_literals_and_comments() -> None:
    text = "select ? as x, '?' as y -- ?\nwhere z = ?"
    assert substituted(text, ["'it''s'", "2"]) == (
        "select 'it''s' as x, '?' as y -- ?\nwhere z = 2"
    )


def test_a_wrong_number_of_parameters_is_refused() -> None:
    with pytest.raises(SyntaxRefused, match="expected 1 but found 2"):
        substituted("select ?", ["1", "2"])


def test_texts_of_hive_statements_know_escapes_and_those_of_queries_do_not() -> None:
    found = read_statement(
        r"create external table t (a int comment 'it\'s') location 's3://b/k/' "
        r"tblproperties ('a' = 'x\\y\t\001\u00e9', 'b' = 'it''s')",
        "lake",
    )
    assert isinstance(found, s.CreateTable)
    assert found.columns == (("a", "int", "it's"),)
    assert found.properties == {"a": "x\\y\t\x01é", "b": "it's"}
    query = read_statement(r"select '\' as x, '\n' as y", "lake")
    assert isinstance(query, s.Select)
    assert query.query == r"select '\' as x, '\n' as y"
