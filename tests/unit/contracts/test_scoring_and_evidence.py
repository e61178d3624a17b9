"""The worked numbers of one evaluation, and what proves a pass."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest

from contracts.evidence import is_verified
from contracts.forms import load_form
from contracts.scoring import Result, Scored, rounded, score
from tests.support.call_documents import GOLDEN, story

HALF = Fraction(1, 2)
THRESHOLD = Fraction(7, 10)


def sample(*, critical: bool = False, only_required: bool = False) -> list[Scored]:
    """The founding v1.2 example with the weights of its founding form."""
    form = load_form(json.loads((GOLDEN / "qa_template_v1.json").read_bytes()))
    answers = {item["id"]: item["passed"] for item in story("v1_2")["qa_evaluation"]["criteria"]}
    return [
        Scored(
            each.criterion_id,
            "passed" if answers[each.criterion_id] else "failed",
            Fraction(each.weight),
            is_critical=critical and each.criterion_id == "compliance_05",
        )
        for each in form.criteria
        if each.is_required or not only_required
    ]


def test_the_founding_example_scores_five_ninths_and_fails() -> None:
    found = score(sample(), THRESHOLD)
    assert found.score_fraction == Fraction(5, 9)
    assert rounded(found.score_fraction) == 0.555555556
    assert (found.has_passed, found.has_critical_failure) == (False, False)


def test_pitfall_47_the_four_numbers_of_the_sample_are_four_measures() -> None:
    required = score(sample(only_required=True), THRESHOLD)
    assert required.score_fraction == HALF
    passed = [item.result for item in sample()].count("passed")
    assert Fraction(passed, len(sample())) == Fraction(3, 5)
    assert story("v1_2")["qa_evaluation"]["percentage"] == 71


def test_a_critical_failure_zeroes_the_final_score_and_keeps_the_score() -> None:
    found = score(sample(critical=True), THRESHOLD)
    assert (found.score_fraction, found.final_score_fraction) == (Fraction(5, 9), 0)
    assert (found.has_passed, found.has_critical_failure) == (False, True)


def test_exactly_the_threshold_passes() -> None:
    found = score(
        [
            Scored("a", "passed", Fraction("2.1")),
            Scored("b", "failed", Fraction("0.9")),
        ],
        Fraction(Decimal("0.7")),
    )
    assert found.has_passed is True


@pytest.mark.parametrize("word", ["not_applicable", "not_answered"])
def test_pitfall_51_what_is_not_scored_is_on_neither_side(word: Result) -> None:
    found = score([Scored("a", "passed", Fraction(1)), Scored("b", word, Fraction(9))], THRESHOLD)
    assert (found.score_fraction, found.possible_weight) == (1, 1)


@pytest.mark.parametrize(
    "criteria",
    [
        [],
        [Scored("a", "not_applicable", Fraction(1))],
        [Scored("a", "passed", None), Scored("b", "passed", Fraction(1))],
    ],
)
def test_nothing_to_divide_gives_no_score_rather_than_a_wrong_one(criteria: list[Scored]) -> None:
    found = score(criteria, THRESHOLD)
    assert (found.score_fraction, found.final_score_fraction, found.has_passed) == (None,) * 3
    assert rounded(found.score_fraction) is None


def test_all_failed_is_zero_not_unknown() -> None:
    assert score([Scored("a", "failed", Fraction(1))], THRESHOLD).score_fraction == 0


def test_partial_credit_of_an_export_counts_in_part() -> None:
    found = score([Scored("a", "passed", Fraction(2), credit=Fraction(3, 4))], THRESHOLD)
    assert found.score_fraction == Fraction(3, 4)


def test_a_criterion_answered_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="'a' is answered twice"):
        score([Scored("a", "passed", HALF), Scored("a", "failed", HALF)], THRESHOLD)


TURNS = [
    {"turn": 1, "speaker": "agent", "text": "Good morning \u2014 you\u2019re through to claims."},
    {"turn": 2, "speaker": "customer", "text": "Good morning, I know."},
    {"turn": 3, "speaker": "agent", "text": None},
    {
        "turn": 4,
        "speaker": "agent",
        "text": "\u5c11\u3005\u304a\u5f85\u3061\u304f\u3060\u3055\u3044\u3002",
    },
]


@pytest.mark.parametrize(
    ("quote", "turn", "stands"),
    [
        ("Good morning", 1, True),
        ("good  morning, you're through", 1, True),
        ("\u201cyou\u2019re through to claims\u201d", 1, True),
        ("\uff27ood morning", 1, True),
        ("\u304a\u5f85\u3061", 4, True),
        ("Good morning", 2, False),  # the customer's words prove nothing about the agent
        ("Good morning", 3, False),
        ("Good morning", 9, False),
        ("Good morning", None, False),
        ("Good evening", 1, False),
        ("morning through", 1, False),
        ("laims", 1, False),  # inside a word
        ("...", 1, False),
        ("", 1, False),
        (None, 1, False),
    ],
)
def test_a_quote_is_proof_only_where_the_agent_said_it(
    quote: str | None, turn: int | None, stands: bool
) -> None:
    assert is_verified(quote, turn, TURNS) is stands
