"""Comprehend's stand-in: AWS's limits and shapes, scores that sum to 1, offsets that slice back."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localaws.errors import ApiError
from localaws.services import comprehend
from tests.support.transcribe_bench import CALLER, check_answer

SENTENCE = (
    "the parcel was lost great thanks my name is Jane Roe call +44 20 7946 0000 Größe 🙂 . , "
    "on July 31st for £24.50 at 12 Main Street jane@example.com terrible not happy"
)
WORDS = st.sampled_from(SENTENCE.split())
TEXTS = st.one_of(
    st.lists(WORDS, min_size=1, max_size=40).map(" ".join), st.text(min_size=1, max_size=200)
)


def ask(operation: str, **request: Any) -> dict[str, Any]:
    answer = comprehend.answer(operation, request, CALLER)
    check_answer("comprehend", operation, answer)
    return answer


def batch(operation: str, texts: list[str], **more: Any) -> dict[str, Any]:
    return ask(operation, TextList=texts, LanguageCode="en", **more)


@settings(deadline=None)
@given(TEXTS)
def test_sentiment_scores_sum_to_one_and_the_label_is_the_largest(text: str) -> None:
    found = batch("BatchDetectSentiment", [text])["ResultList"][0]
    scores = found["SentimentScore"]
    assert abs(sum(scores.values()) - 1) < 1e-9
    assert scores[found["Sentiment"].capitalize()] == max(scores.values())


@settings(deadline=None)
@given(TEXTS)
def test_offsets_slice_back_to_the_text_and_never_overlap(text: str) -> None:
    for operation, field in (
        ("DetectKeyPhrases", "KeyPhrases"),
        ("DetectEntities", "Entities"),
        ("DetectPiiEntities", "Entities"),
    ):
        end = 0
        for found in ask(operation, Text=text, LanguageCode="en")[field]:
            assert end <= found["BeginOffset"] < found["EndOffset"] <= len(text)
            end = found["EndOffset"]
            if "Text" in found:
                assert text[found["BeginOffset"] : end] == found["Text"]


def test_all_four_labels_occur() -> None:
    texts = ["This is great.", "This is terrible.", "Great, but it is broken.", "It is blue."]
    found = batch("BatchDetectSentiment", texts)["ResultList"]
    assert [row["Sentiment"] for row in found] == ["POSITIVE", "NEGATIVE", "MIXED", "NEUTRAL"]


def test_a_kind_word_denied_is_unkind() -> None:
    found = ask("DetectSentiment", Text="I am not happy with it.", LanguageCode="en")
    assert found["Sentiment"] == "NEGATIVE"


@pytest.mark.parametrize(
    "operation", ["BatchDetectSentiment", "BatchDetectKeyPhrases", "BatchDetectEntities"]
)
def test_a_document_over_5000_bytes_fails_alone_under_its_index(operation: str) -> None:
    found = batch(operation, ["one", "ü" * 2501, "three"])
    assert [row["Index"] for row in found["ResultList"]] == [0, 2]
    assert [row["Index"] for row in found["ErrorList"]] == [1]
    assert batch(operation, ["ü" * 2500])["ErrorList"] == []


def test_more_than_25_documents_are_refused() -> None:
    with pytest.raises(ApiError) as refused:
        batch("BatchDetectSentiment", ["a"] * 26)
    assert refused.value.code == "BatchSizeLimitExceededException"


def test_a_single_text_over_its_limit_is_refused() -> None:
    with pytest.raises(ApiError) as refused:
        ask("DetectSentiment", Text="a" * 5001, LanguageCode="en")
    assert refused.value.code == "TextSizeLimitExceededException"
    ask("DetectPiiEntities", Text="a" * 5001, LanguageCode="en")


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("DetectSentiment", {"Text": "a", "LanguageCode": "sv"}, "ValidationException"),
        ("DetectSentiment", {"Text": "", "LanguageCode": "en"}, "ValidationException"),
        ("DetectPiiEntities", {"Text": "a", "LanguageCode": "de"}, "UnsupportedLanguageException"),
        (
            "DetectTargetedSentiment",
            {"Text": "a", "LanguageCode": "en"},
            "NotImplementedException",
        ),
    ],
)
def test_what_aws_refuses_or_we_lack_is_refused(
    operation: str, request_: dict[str, Any], code: str
) -> None:
    with pytest.raises(ApiError) as refused:
        ask(operation, **request_)
    assert refused.value.code == code


def test_a_refusal_never_repeats_the_text() -> None:
    with pytest.raises(ApiError) as refused:
        ask("BatchDetectSentiment", TextList=["", "my secret"], LanguageCode="en")
    assert "secret" not in refused.value.message


def test_pii_is_found_and_answered_without_its_text() -> None:
    text = "My name is Jane Roe, card 4111 1111 1111 1111, mail jane@example.com"
    found = ask("DetectPiiEntities", Text=text, LanguageCode="en")["Entities"]
    kinds = {row["Type"]: text[row["BeginOffset"] : row["EndOffset"]] for row in found}
    assert kinds == {
        "NAME": "Jane Roe",
        "CREDIT_DEBIT_NUMBER": "4111 1111 1111 1111",
        "EMAIL": "jane@example.com",
    }
    labels = ask("ContainsPiiEntities", Text=text, LanguageCode="en")["Labels"]
    assert [row["Name"] for row in labels] == sorted(kinds)


@pytest.mark.parametrize(
    ("text", "code"),
    [("I have the bill and it is wrong", "en"), ("Ich habe die Rechnung und wir warten", "de")],
)
def test_the_dominant_language_is_told_by_its_commonest_words(text: str, code: str) -> None:
    found = ask("BatchDetectDominantLanguage", TextList=[text])["ResultList"][0]["Languages"]
    assert found[0]["LanguageCode"] == code
    assert abs(sum(row["Score"] for row in found) - 1) < 1e-5
