"""Chunks by bytes, answers by index, merges by weight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.sentiment import analyse, comprehend_language, cut, merge
from tests.support.ingestion_fakes import FakeComprehend


def scores(**given: float) -> dict:
    all_four = dict.fromkeys(("Positive", "Negative", "Neutral", "Mixed"), 0.0)
    return {"SentimentScore": {**all_four, **given}}


@given(st.text(alphabet=st.sampled_from("aä漢 .\n?"), max_size=400), st.integers(8, 60))
def test_chunks_join_to_the_text_and_none_is_too_long(text, limit):
    chunks = cut(text, limit)
    assert "".join(chunks) == text
    assert all(len(chunk.encode()) <= limit for chunk in chunks)


def test_45000_characters_of_two_bytes_are_cut_by_bytes():
    chunks = cut("ä" * 45_000)
    assert len(chunks) == 18
    assert max(len(chunk.encode()) for chunk in chunks) == 5_000


def test_chunks_end_with_whole_turns_else_sentences_else_words():
    assert cut("one turn\nanother turn", 12) == ["one turn\n", "another turn"]
    assert cut("One. Two is long", 8) == ["One.", " Two is ", "long"]


def test_a_merge_weighs_by_code_points():
    merged = merge(["x" * 30, "ä" * 10], [scores(Positive=1.0), scores(Negative=1.0)])
    assert merged["scores"] == {"mixed": 0.0, "negative": 0.25, "positive": 0.75, "neutral": 0.0}
    assert merged["label"] == "positive"


@pytest.mark.parametrize(
    ("tied", "label"),
    [
        (("Mixed", "Negative"), "mixed"),
        (("Negative", "Positive"), "negative"),
        (("Positive", "Neutral"), "positive"),
    ],
)
def test_ties_go_to_the_stronger_word(tied, label):
    assert merge(["x"], [scores(**dict.fromkeys(tied, 0.5))])["label"] == label


def test_under_half_of_the_text_gives_no_label():
    assert merge(["x" * 60, "y" * 40], [None, scores(Positive=1.0)])["label"] is None
    assert merge(["x" * 40, "y" * 60], [None, scores(Positive=1.0)])["label"] == "positive"


def test_answers_are_matched_by_index_and_a_failed_part_is_asked_once_more():
    comprehend = FakeComprehend(failing={"bad"})
    insight = analyse(["good", "bad", "fine"], "en-GB", comprehend, with_turns=True)
    assert [turn["label"] for turn in insight.turns] == ["neutral", None, "neutral"]
    assert "comprehend_part_failed" in insight.warnings
    asked = [texts for question, texts in comprehend.calls if question == "sentiment"]
    assert asked == [("good\nbad\nfine", "good", "bad", "fine"), ("bad",)]
    sentiment = next(entry for entry in insight.usage if entry["purpose"] == "sentiment")
    assert sentiment["units"] == 5 * 3


def test_at_most_25_texts_go_at_a_time_and_blank_ones_never():
    comprehend = FakeComprehend()
    analyse(["word"] * 60 + [" "], "en", comprehend, with_turns=True)
    sizes = [len(texts) for question, texts in comprehend.calls if question == "sentiment"]
    assert sizes == [25, 25, 11]


def test_an_unsupported_language_is_not_sent():
    comprehend = FakeComprehend()
    insight = analyse(["Dzień dobry"], "pl-PL", comprehend, with_turns=True)
    assert insight.sentiment == {"label": None, "scores": None}
    assert not comprehend.calls
    assert [comprehend_language(code) for code in ("en-GB", "zh-TW", "zh-CN", None)] == [
        "en",
        "zh-TW",
        "zh",
        None,
    ]


def test_masks_are_no_key_phrases_and_repeats_are_counted():
    class Phrases(FakeComprehend):
        def detect(self, question, texts, language):
            found = super().detect(question, texts, language)
            if question == "key_phrases":
                said = ("The refund", "the refund", "The  refund", "my [PII]", "*** code")
                phrases = [{"Text": text, "Score": 0.5} for text in said]
                found.results[0]["KeyPhrases"] = phrases
            return found

    insight = analyse(["text"], "en", Phrases(), with_turns=False)
    assert insight.key_phrases == [{"text": "The refund", "score": 0.5, "count": 3}]


def test_people_without_a_key_to_hash_them_are_only_counted():
    insight = analyse(["text"], "en", FakeComprehend(), with_turns=False)
    (entity,) = insight.entities
    assert (entity["text"], entity["text_hash"], entity["count"]) == (None, None, 1)
    assert "hash_key_missing" in insight.warnings
