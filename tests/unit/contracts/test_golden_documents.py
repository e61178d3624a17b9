"""Documents of every version, in and out: `in.json` read gives exactly `document.json`.

The outcomes were read by a person; `python -m tests.support.golden_documents` writes them again.
"""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts.call_documents import load
from contracts.canonical import canonical_bytes
from contracts.final_call import FinalCall, to_document
from contracts.json_schemas import final_call_schema
from tests.support.call_documents import GOLDEN, TENANTS, body, origin, story
from tests.support.golden_documents import outcome, read_story

STORIES = sorted(folder.name for folder in GOLDEN.iterdir() if folder.is_dir())
# What the loader leaves out, because it says nothing about the call (lake.md 3.2).
DROPPED = {"ResponseMetadata", "Index"}
# Values that stand in another form: a person's name, a version, times, numbers and lists as text.
MENDED = {
    "Alice",
    "cci-lite-v1.0",
    "2026-01-30T13:00:00.123456+01:00",
    "99%",
    "71%",
    "n/a",
    "QA_TEMPLATE#sales",
    "   ",
    "1. Email Bob\n2) Call back",
}


@pytest.mark.parametrize("name", STORIES)
def test_a_story_reads_as_it_was_reviewed(name: str) -> None:
    assert outcome(read_story(name)) == story(name, "document")


@pytest.mark.parametrize("name", STORIES)
def test_every_story_becomes_a_valid_v1_3_document(name: str) -> None:
    Draft202012Validator(final_call_schema()).validate(to_document(read_story(name)))


@pytest.mark.parametrize("name", STORIES)
def test_reading_what_was_written_changes_nothing_more(name: str) -> None:
    first = read_story(name)
    again = load(canonical_bytes(to_document(first)), origin(first.document["tenant_id"]))
    assert isinstance(again, FinalCall)
    lineage = first.document["lineage"] | {
        "schema_version_detected": "cci-lite-v1.3",
        "detection_rule": "field",
    }
    assert again.document == {**first.document, "lineage": lineage}


def test_a_complete_document_is_left_as_it_is() -> None:
    found = read_story("v1_3_complete")
    assert to_document(found) == story("v1_3_complete")
    assert (found.repairs, found.value_problems) == ((), ())


@pytest.mark.parametrize("name", STORIES)
def test_no_value_of_a_document_is_lost(name: str) -> None:
    kept = " ".join(_written(leaf) for _, leaf in _leaves(read_story(name).document))
    lost = {
        leaf
        for path, leaf in _leaves(story(name))
        if not DROPPED & set(path) and _written(leaf) not in kept
    }
    assert lost <= MENDED


def test_the_v1_0_and_all_v1_1_and_v1_2_examples_give_one_sentiment_label() -> None:
    founding = [name for name in STORIES if not name.startswith("v1_3") and "drift" not in name]
    assert len(founding) == 5
    assert {read_story(name).document["sentiment"]["label"] for name in founding} == {"neutral"}


@pytest.mark.parametrize("name", ["v1_1_as_written", "v1_1_example", "v1_1_summary_raw"])
def test_pitfall_34_the_three_forms_of_v1_1_are_one_call(name: str) -> None:
    found = read_story(name)
    assert found.call_id == "cci-demo-tenant-sample-wav-b72a3b7655"
    assert found.document["key_phrases"][0]["text"] == "order number"
    assert (found.document["entities"][0]["type"], found.document["entities"][0]["text"]) == (
        "PERSON",
        None,
    )


@pytest.mark.parametrize("name", STORIES)
def test_cut_anywhere_a_document_is_refused_with_a_word(name: str) -> None:
    whole = (GOLDEN / name / "in.json").read_bytes().rstrip()
    tenant = story(name)["tenant_id"]
    reasons = {
        getattr(load(whole[:at], origin(tenant)), "reason", None) for at in range(len(whole))
    }
    assert reasons <= {"truncated", "empty", "bad_utf8"}


def test_one_document_under_two_tenants_is_two_calls() -> None:
    document = {key: value for key, value in story("v1_2").items() if key != "tenant_id"}
    ids = set()
    for tenant in TENANTS:
        found = load(body(document), origin(tenant))
        assert isinstance(found, FinalCall)
        ids.add(found.call_id)
        assert found.document["tenant_id"] == tenant
    assert len(ids) == 2


def _leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in _leaves(inner, path)]
    return [] if value is None else [(path, value)]


def _written(leaf: Any) -> str:
    return str(int(leaf) if isinstance(leaf, float) and leaf.is_integer() else leaf).casefold()
