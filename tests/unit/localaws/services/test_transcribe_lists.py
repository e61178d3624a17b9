"""Vocabularies, filters and categories: kept, checked when named, and what they do to a result."""

from collections.abc import Iterator
from typing import Any

import pytest

from localaws import state
from localaws.errors import ApiError
from localaws.services.call_categories import matched
from tests.support.transcribe_bench import Bench, bench, wav
from tests.support.transcribe_jobs import ROLES

HEARD: dict[str, Any] = {
    "language": "en-US",
    "turns": [
        {"party": "agent", "start": 0.0, "end": 4.0, "text": "Good morning, damn line today."},
        {"party": "customer", "start": 10.0, "end": 14.0, "text": "I am angry and I will cancel."},
        {"party": "agent", "start": 14.5, "end": 18.0, "text": "Thank you for calling, goodbye."},
    ],
}
WORDS = {"VocabularyFilterName": "rude", "LanguageCode": "en-US", "Words": ["Damn", "angry"]}


@pytest.fixture(autouse=True)
def no_lists() -> Iterator[None]:
    state.clear()
    yield
    state.clear()


def start(aws: Bench, **settings: Any) -> dict[str, Any]:
    aws.call(
        "StartTranscriptionJob",
        TranscriptionJobName="job",
        LanguageCode="en-US",
        OutputBucketName="out-bucket",
        Media={"MediaFileUri": aws.land("a.wav", wav(20.0), HEARD)},
        Settings=settings,
    )
    return aws.finish("job")


def analysed(aws: Bench, **settings: Any) -> dict[str, Any]:
    aws.call(
        "StartCallAnalyticsJob",
        CallAnalyticsJobName="job",
        OutputLocation="s3://out-bucket/tmp/",
        Settings={"LanguageOptions": ["en-US"], **settings},
        ChannelDefinitions=ROLES,
        Media={"MediaFileUri": aws.land("a.wav", wav(20.0), HEARD)},
    )
    aws.finish("job", "CallAnalyticsJob")
    return aws.document("tmp/analytics/job.json")


def points(*rules: dict[str, Any]) -> list[tuple[int, int]] | None:
    """Return where a category of these rules finds something in the call, None if it does not."""
    document = analysed(bench())
    found = matched(document, [{"CategoryName": "c", "Rules": list(rules)}])
    if not found["MatchedCategories"]:
        return None
    stretches = found["MatchedDetails"]["c"]["PointsOfInterest"]
    return [(row["BeginOffsetMillis"], row["EndOffsetMillis"]) for row in stretches]


def test_a_vocabulary_is_kept_changed_listed_and_deleted() -> None:
    aws = bench()
    made = aws.call(
        "CreateVocabulary", VocabularyName="names", LanguageCode="en-US", Phrases=["Roe"]
    )
    assert (made["VocabularyName"], made["VocabularyState"]) == ("names", "READY")
    with pytest.raises(ApiError) as used:
        aws.call("CreateVocabulary", VocabularyName="names", LanguageCode="en-US", Phrases=["x"])
    assert used.value.code == "ConflictException"
    aws.call("UpdateVocabulary", VocabularyName="names", LanguageCode="de-DE", Phrases=["Roe"])
    assert aws.call("GetVocabulary", VocabularyName="names")["LanguageCode"] == "de-DE"
    assert [v["VocabularyName"] for v in aws.call("ListVocabularies")["Vocabularies"]] == ["names"]
    aws.call("DeleteVocabulary", VocabularyName="names")
    with pytest.raises(ApiError) as gone:
        aws.call("GetVocabulary", VocabularyName="names")
    assert gone.value.code == "NotFoundException"


def test_lists_come_in_pages_and_by_a_part_of_their_name() -> None:
    aws = bench()
    for number in range(7):
        name = f"{'acme' if number % 2 else 'other'}-{number}"
        aws.call(
            "CreateVocabularyFilter", VocabularyFilterName=name, LanguageCode="en-US", Words=["x"]
        )
    first = aws.call("ListVocabularyFilters")
    second = aws.call("ListVocabularyFilters", NextToken=first["NextToken"])
    assert (len(first["VocabularyFilters"]), len(second["VocabularyFilters"])) == (5, 2)
    assert "NextToken" not in second
    found = aws.call("ListVocabularyFilters", NameContains="ACME")["VocabularyFilters"]
    assert [row["VocabularyFilterName"] for row in found] == ["acme-1", "acme-3", "acme-5"]


def test_the_words_of_a_filter_may_lie_in_s3() -> None:
    aws = bench()
    uri = aws.land("words.txt", "damn\nangry\n".encode("utf-8-sig"))
    aws.call(
        "CreateVocabularyFilter",
        VocabularyFilterName="rude",
        LanguageCode="en-US",
        VocabularyFilterFileUri=uri,
    )
    start(aws, VocabularyFilterName="rude", VocabularyFilterMethod="remove")
    assert "damn" not in aws.document("job.json")["results"]["transcripts"][0]["transcript"]


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        ({"VocabularyFilterName": "f", "LanguageCode": "en-US"}, "exactly one"),
        ({**WORDS, "VocabularyFilterFileUri": "s3://in-bucket/x"}, "exactly one"),
        (
            {
                "VocabularyFilterName": "f",
                "LanguageCode": "en-US",
                "VocabularyFilterFileUri": "s3://in-bucket/none",
            },
            "can't be accessed",
        ),
    ],
)
def test_a_list_without_words_is_refused(request_: dict[str, Any], word: str) -> None:
    with pytest.raises(ApiError, match=word) as refused:
        bench().call("CreateVocabularyFilter", **request_)
    assert refused.value.code == "BadRequestException"


@pytest.mark.parametrize(
    ("method", "said"),
    [
        (
            "mask",
            "Good morning *** line today. I am *** and I will cancel. "
            "Thank you for calling goodbye.",
        ),
        (
            "remove",
            "Good morning line today. I am and I will cancel. Thank you for calling goodbye.",
        ),
    ],
)
def test_a_filter_masks_or_removes_its_words_whatever_their_case(method: str, said: str) -> None:
    aws = bench()
    aws.call("CreateVocabularyFilter", **WORDS)
    start(aws, VocabularyFilterName="rude", VocabularyFilterMethod=method)
    found = aws.document("job.json")["results"]["transcripts"][0]["transcript"]
    assert found.replace(",", "") == said


@pytest.mark.parametrize(
    "settings",
    [
        {"VocabularyName": "nothing"},
        {"VocabularyFilterName": "nothing", "VocabularyFilterMethod": "mask"},
        {"VocabularyFilterName": "rude"},
        {"VocabularyFilterMethod": "mask"},
        {"VocabularyFilterName": "german", "VocabularyFilterMethod": "mask"},
    ],
)
def test_a_job_that_names_a_list_it_cannot_use_is_refused(settings: dict[str, Any]) -> None:
    aws = bench()
    aws.call("CreateVocabularyFilter", **WORDS)
    german = {"VocabularyFilterName": "german", "LanguageCode": "de-DE"}
    aws.call("CreateVocabularyFilter", **{**WORDS, **german})
    with pytest.raises(ApiError) as refused:
        start(aws, **settings)
    assert refused.value.code == "BadRequestException"


def test_a_filter_that_tags_is_refused_by_name() -> None:
    aws = bench()
    aws.call("CreateVocabularyFilter", **WORDS)
    with pytest.raises(ApiError, match="VocabularyFilterMethod=tag") as refused:
        start(aws, VocabularyFilterName="rude", VocabularyFilterMethod="tag")
    assert refused.value.status == 501


def test_call_analytics_filters_too_and_matches_the_accounts_categories() -> None:
    aws = bench()
    aws.call("CreateVocabularyFilter", **WORDS)
    rules = [{"TranscriptFilter": {"TranscriptFilterType": "EXACT", "Targets": ["will cancel"]}}]
    made = aws.call("CreateCallAnalyticsCategory", CategoryName="churn", Rules=rules)
    assert made["CategoryProperties"]["CategoryName"] == "churn"
    document = analysed(aws, VocabularyFilterName="rude", VocabularyFilterMethod="mask")
    assert "***" in document["Transcript"][1]["Content"]
    assert document["Categories"]["MatchedCategories"] == ["churn"]
    listed = aws.call("ListCallAnalyticsCategories")["Categories"]
    assert [row["Rules"] for row in listed] == [rules]


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ({"TranscriptFilter": {"Targets": ["good morning"]}}, [(0, 1600)]),
        ({"TranscriptFilter": {"Targets": ["morning good"]}}, None),
        ({"TranscriptFilter": {"Targets": ["goodbye"], "ParticipantRole": "CUSTOMER"}}, None),
        ({"TranscriptFilter": {"Targets": ["goodbye"], "Negate": True}}, None),
        ({"TranscriptFilter": {"Targets": ["sorry"], "Negate": True}}, []),
        (
            {"TranscriptFilter": {"Targets": ["goodbye"], "AbsoluteTimeRange": {"First": 9000}}},
            None,
        ),
        (
            {"TranscriptFilter": {"Targets": ["goodbye"], "AbsoluteTimeRange": {"Last": 4000}}},
            [(17300, 18000)],
        ),
        (
            {
                "TranscriptFilter": {
                    "Targets": ["goodbye"],
                    "RelativeTimeRange": {"StartPercentage": 90, "EndPercentage": 100},
                }
            },
            [(17300, 18000)],
        ),
        ({"NonTalkTimeFilter": {"Threshold": 6000}}, [(4000, 10000)]),
        ({"NonTalkTimeFilter": {"Threshold": 6001}}, None),
        ({"InterruptionFilter": {"Threshold": 1}}, None),
        ({"InterruptionFilter": {"Threshold": 1, "Negate": True}}, []),
        (
            {"SentimentFilter": {"Sentiments": ["NEGATIVE"], "ParticipantRole": "CUSTOMER"}},
            [(10000, 14000)],
        ),
    ],
)
def test_a_rule_points_at_what_it_finds_within_its_range(
    rule: dict[str, Any], found: list[tuple[int, int]] | None
) -> None:
    assert points(rule) == found


def test_every_rule_of_a_category_must_match() -> None:
    silence = {"NonTalkTimeFilter": {"Threshold": 6000}}
    said = {"TranscriptFilter": {"Targets": ["goodbye"]}}
    assert points(silence, said) == [(4000, 10000), (17300, 18000)]
    assert points(silence, {"TranscriptFilter": {"Targets": ["sorry"]}}) is None


def test_a_category_of_live_calls_is_not_asked_of_recorded_ones() -> None:
    aws = bench()
    rules = [{"TranscriptFilter": {"TranscriptFilterType": "EXACT", "Targets": ["goodbye"]}}]
    aws.call("CreateCallAnalyticsCategory", CategoryName="live", Rules=rules, InputType="REAL_TIME")
    assert analysed(aws)["Categories"] == {"MatchedDetails": {}, "MatchedCategories": []}
