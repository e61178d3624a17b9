"""Texts Trino's grammar has no place for are refused at their place, before anything reads them."""

import pytest

from localaws.athena.failures import SyntaxRefused
from localaws.athena.syntax import check_query

REFUSED = {
    "select 1 limit 1 offset 1": "line 1:18: mismatched input 'offset'",
    "select 1::bigint": "line 1:9: mismatched input ':'",
    "select 1 from a join b": "line 1:23: mismatched input '<EOF>'",
    "select 1 = 1 = true": "line 1:14: mismatched input '='",
    "select 1\nfrom a group\nwhere true": "line 3:1: mismatched input 'where'",
    "select 1 as x, from a": "line 1:16: mismatched input 'from'",
    "select `a` from b": "line 1:8: mismatched input 'a'",
    "select 1 as end": "line 1:13: mismatched input 'end'",
    "select 1a": "line 1:8: identifiers must not start with a digit",
    "select x'6'": "line 1:8: Binary literal must contain an even number of digits",
    "select U&'\\zz'": "line 1:10: Invalid Unicode escape sequence",
    "select 9223372036854775808": "line 1:8: Invalid numeric literal: 9223372036854775808",
    "select 1 from a.b.c.d": "line 1:15: Too many dots in table name",
    "select (select 1 from a where)": "line 1:30: mismatched input ')'",
    "with a as (select 1) select 1 union (with b as (select 1) table b)":
        "line 1:38: mismatched input 'with'",
}  # fmt: skip
READ = [
    "select ((select 1) + 1), ((a, b)), (x, y) -> x + y from (values 1, (2)) as t (limit)",
    "select date, count, first from lake.t offset where offset.date > date '2026-01-01'",
    "select a.b.c[1].d, -9223372036854775808, .5, 5., 0x1F, 1_000, U&'\\00e9' from a",
    "select * from a join b join c on b.x = c.x on a.x = b.x, ((a)), (b cross join c)",
    "select sum(x) filter (where x > 1) over (w partition by y rows 2 preceding) from t "
    "window w as ()",
    "select a.*, b.* as (x, y), row(1, 2).field0 from a for version as of 3 "
    "group by all rollup (a)",
    "select cast(x as array(row(a int, b double precision, c timestamp(3) with time zone))) from t",
    "select json_value(x, 'lax $.a' returning varchar null on error), "
    "listagg(a) within group (order by a)",
    "select x from t where a is not distinct from b and c not like 'x' escape '#' "
    "or not d in (table u)",
    "(select 1 union all (select 2 limit 1)) except values 3 order by 1 fetch first row with ties",
]


@pytest.mark.parametrize(("text", "words"), REFUSED.items())
def test_a_text_outside_the_grammar_is_refused_at_its_place(text: str, words: str) -> None:
    with pytest.raises(SyntaxRefused) as caught:
        check_query(text)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize("text", READ)
def test_a_text_of_the_grammar_is_let_through(text: str) -> None:
    check_query(text)


def test_brackets_without_end_are_read_in_reasonable_time() -> None:
    check_query(f"select {'(' * 60}1{')' * 60}")
