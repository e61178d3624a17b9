"""The embedded engine answers the conformance suite as Athena does, or refuses by name."""

from collections import Counter
from functools import cache

import pytest

from tests.support.athena_statements import answer
from tests.support.conformance import (
    ALIKE,
    ANSWERED,
    OTHER_ERROR,
    REFUSED,
    WRONG,
    Answer,
    Statement,
    ask,
    every_query,
    is_ordered,
    outcome,
)
from tests.support.conformance_page import PAGE, counts_of, render

SUITE = every_query()


def _name(statement: Statement) -> str:
    return f"{statement.topic}: {' '.join(statement.sql.split())[:70]}"


@pytest.mark.parametrize("statement", SUITE, ids=_name)
def test_a_query_is_answered_as_athena_does_or_refused_by_name(statement: Statement) -> None:
    found = _found(statement.sql)
    assert outcome(statement, found) in (ALIKE, REFUSED), (found, statement.expected)


def test_most_of_the_suite_is_answered_and_nothing_wrong() -> None:
    classes = Counter(outcome(statement, _found(statement.sql)) for statement in SUITE)
    assert (classes[WRONG], classes[ANSWERED], classes[OTHER_ERROR]) == (0, 0, 0)
    assert classes[ALIKE] >= 0.85 * len(SUITE), classes


def test_the_published_figures_claim_no_more_than_is_so_and_lag_little_behind() -> None:
    counts: dict[str, Counter[str]] = {}
    for statement in SUITE:
        kind = outcome(statement, _found(statement.sql))
        counts.setdefault(statement.topic, Counter())[kind] += 1
    published = counts_of(PAGE.read_text(encoding="utf-8"))
    told = "run python -m tests.support.conformance_page"
    claimed = {topic: found[ALIKE] for topic, found in published.items()}
    assert {t for t, n in claimed.items() if n > counts.get(t, Counter())[ALIKE]} == set(), told
    assert sum(found.total() for found in published.values()) >= 0.9 * len(SUITE), told


def test_a_page_is_read_as_it_was_written() -> None:
    counts = {"casts": Counter({ALIKE: 7, REFUSED: 2}), "text": Counter({ALIKE: 1})}
    assert counts_of(render(counts, "2026-01-31"))["casts"] == counts["casts"]


def test_no_statement_stands_twice_in_the_suite() -> None:
    counts = Counter(statement.key for statement in SUITE)
    assert [key for key, count in counts.items() if count > 1] == []


ONE = Answer(("n",), ("integer",), (("1",),))


@pytest.mark.parametrize(
    ("expected", "found", "kind"),
    [
        (ONE, ONE, ALIKE),
        (ONE, Answer(("n",), ("bigint",), (("1",),)), WRONG),
        (ONE, Answer(("m",), ("integer",), (("1",),)), WRONG),
        (ONE, Answer(("n",), ("integer",), (("1",), ("1",))), WRONG),
        (Answer(error="TYPE_MISMATCH"), ONE, ANSWERED),
        (Answer(error="TYPE_MISMATCH"), Answer(error="TYPE_MISMATCH", message="other"), ALIKE),
        (Answer(error="TYPE_MISMATCH"), Answer(error="NOT_SUPPORTED", message="no"), OTHER_ERROR),
        (ONE, Answer(error="NOT_SUPPORTED", message="x: run it with --engine trino"), REFUSED),
    ],
)
def test_an_answer_falls_into_one_class(expected: Answer, found: Answer, kind: str) -> None:
    assert outcome(Statement("t", "select 1", expected=expected), found) == kind


def test_rows_without_an_order_and_entries_of_a_map_compare_as_sets() -> None:
    kinds = ("map(varchar, integer)",)
    expected = Answer(("m",), kinds, (("{a=1, b=2}",), ("{c=[x, y]}",)))
    found = Answer(("m",), kinds, (("{c=[x, y]}",), ("{b=2, a=1}",)))
    other = Answer(("m",), kinds, (("{c=[y, x]}",), ("{b=2, a=1}",)))
    assert outcome(Statement("t", "select m from t", expected=expected), found) == ALIKE
    assert outcome(Statement("t", "select m from t", expected=expected), other) == WRONG
    ordered = "select m from (select m from t order by 1) order by 1"
    assert outcome(Statement("t", ordered, expected=expected), found) == WRONG


def test_an_order_inside_a_query_does_not_order_it() -> None:
    assert is_ordered("select a from t order /* x */ by a limit 1")
    assert not is_ordered("select a from (select a from t order by a) as t")
    assert not is_ordered("select 'order by', array_agg(a order by a) from t -- order by")


@cache
def _found(sql: str) -> Answer:
    return ask(answer, sql)
