"""The main path over all three handlers, and the ways it may be disturbed."""

import json

import pytest

from contracts.call_documents import Origin, load
from contracts.errors import Rejected
from contracts.final_call import FinalCall, hash_document
from contracts.ledger import State
from contracts.tenant import TenantId
from ingestion.analyser import analyse_call
from ingestion.events import TranscriptReady
from tests.support.ingestion_fakes import FakeModel, World
from tests.support.ingestion_story import (
    GOOD,
    KEY,
    analyse,
    answers,
    drop,
    finish,
    run,
    transcript,
    world_of_answers,
)


@pytest.fixture
def world() -> World:
    return world_of_answers()


def test_a_dropped_transcript_becomes_a_final_call_the_loader_accepts(world):
    document = run(world)
    call = world.only_call()
    body = world.results.objects[str(call.text("final_key"))]
    loaded = load(body, Origin(call.tenant, call.text("final_key"), "", None, len(body)))
    assert isinstance(loaded, FinalCall)
    assert not loaded.value_problems
    assert not loaded.repairs
    assert call.state is State.FINAL
    assert call.text("document_hash") == hash_document(document)
    assert document["lineage"]["document_hash"] == call.text("document_hash")
    assert document["source"]["transcribe_api"] == "none"
    assert [turn["speaker"] for turn in document["transcript"]["turns"]] == [
        "agent",
        "customer",
        "agent",
    ]
    assert call.text("final_key") == f"acme/final/2026/01/30/{call.call_id}.json"
    assert not {"ai_summary", "qa_evaluation", "call_date"} & document.keys()


def test_the_model_answers_and_code_scores(world):
    (evaluation,) = run(world)["evaluations"]
    assert evaluation["score_fraction"] == 0.6  # 1 + 0.5 of 2.5
    assert evaluation["has_passed"] is False
    assert evaluation["status"] == "complete"
    assert evaluation["stated"] is None
    assert (evaluation["form_name"], evaluation["form_version"]) == ("default", 3)


@pytest.mark.parametrize(
    ("turn", "quote"),
    [(None, None), (1, "words nobody said"), (2, "all criteria are passed"), (3, "Welcome")],
)
def test_a_passed_criterion_without_a_quote_of_the_agent_is_not_answered(world, turn, quote):
    world.model.evaluation = answers(("greeting", "passed", turn, quote, "trust me"))
    (evaluation,) = run(world)["evaluations"]
    greeting = evaluation["criteria"][0]
    assert (greeting["result"], greeting["result_raw"]) == ("not_answered", "passed")
    assert greeting["evidence"]["is_verified"] is False
    assert evaluation["status"] == "needs_review"  # two criteria were not answered at all
    assert evaluation["score_fraction"] is None


def test_without_a_known_agent_nothing_is_passed_or_failed(world):
    turns = [("one", "Welcome to the garden shop"), ("two", "Hello")]
    (evaluation,) = run(world, body=transcript(turns))["evaluations"]
    assert {entry["result"] for entry in evaluation["criteria"]} == {"not_answered"}
    assert (evaluation["status"], evaluation["score_fraction"]) == ("needs_review", None)


def test_what_a_caller_says_cannot_close_the_transcript_or_fake_a_turn(world):
    run(world)
    for prompt in world.model.prompts:
        assert prompt.count("</transcript>") == 1
        assert prompt.count("<criteria>") == ("<criteria>\n" in prompt)
        assert sum(line.startswith("[1] ") for line in prompt.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "status", "parse_status"),
    [
        (f"Here it is:\n```json\n{GOOD}\n```", "complete", "repaired"),
        (GOOD.replace('"says so"', '"says\tso"'), "complete", "repaired"),
        (f'{{"qa_evaluation": {GOOD}}}', "complete", "ok"),
        (GOOD[:40], "needs_review", "raw"),
        ('{"criteria": [], "criteria": []}', "needs_review", "raw"),
        ("I would rather not.", "needs_review", "raw"),
        ("", "needs_review", "failed"),
    ],
)
def test_broken_answers_are_extracted_never_guessed(world, text, status, parse_status):
    world.model = FakeModel(text, text)
    document = run(world)
    assert document["evaluations"][0]["status"] == status
    assert document["summary"]["parse_status"] == parse_status
    assert (document["summary"]["raw"] is not None) is (parse_status == "raw")


def test_an_answer_that_was_cut_is_not_read(world):
    world.model.stop_reason = "max_tokens"
    assert run(world)["evaluations"][0]["status"] == "needs_review"


def test_the_raw_answer_is_stored_and_asked_for_once(world):
    drop(world, KEY, transcript())
    call = world.only_call()
    analyse(world, call)
    raw = [key for key in world.results.objects if "/answer-" in key]
    assert len(raw) == len(world.model.prompts) == 2
    next(iter(world.ledger.items.values()))["state"] = "TRANSCRIBED"
    analyse(world, call)
    assert len(world.model.prompts) == 2


def test_every_event_twice_changes_nothing(world):
    run(world)
    call = world.only_call()
    before = dict(world.results.objects), dict(next(iter(world.ledger.items.values())))
    drop(world, KEY, transcript())
    assert analyse(world, call) == "duplicate_event"
    assert finish(world, call) == "duplicate_event"
    assert (world.results.objects, next(iter(world.ledger.items.values()))) == before


def test_the_enriched_event_may_outrun_the_ledger(world):
    drop(world, KEY, transcript())
    call = world.only_call()
    analyse(world, call)
    item = next(iter(world.ledger.items.values()))
    item["state"] = "TRANSCRIBED"
    del item["enriched_key"]
    assert finish(world, call) == "final"
    assert world.only_call().text("enriched_key")


def test_the_enriched_call_keeps_what_the_founding_queries_read(world):
    world.model.evaluation = answers(
        ("greeting", "passed", 1, "welcome to the garden shop", "says so"),
        ("empathy", "failed", None, None, "none"),
        ("closing", "not_applicable", None, None, "cut off"),
    )
    drop(world, KEY, transcript())
    call = world.only_call()
    analyse(world, call)
    enriched = json.loads(world.results.objects[str(world.only_call().text("enriched_key"))])
    asked = enriched["qa_evaluation"]
    assert [criterion["id"] for criterion in asked["criteria"]] == ["greeting", "empathy"]
    assert (asked["total_score"], asked["max_score"], asked["percentage"]) == (1.0, 2.0, 50)
    assert enriched["ai_summary"]["tone_score"] == 80
    assert enriched["sentiment"]["ResultList"][0]["Sentiment"] == "NEUTRAL"
    assert enriched["call_date"] == "2026-01-30"


def test_a_message_about_another_tenants_call_finds_nothing(world):
    drop(world, KEY, transcript())
    call = world.only_call()
    foreign = TranscriptReady("acme-uk", call.call_id)
    assert analyse_call(foreign, world.ports).outcome == "unknown_call"
    assert analyse_call(TranscriptReady("../acme", call.call_id), world.ports).outcome == (
        "unknown_call"
    )
    assert world.only_call().state is State.TRANSCRIBED


def test_a_transcript_nobody_can_read_is_quarantined_with_its_bytes(world):
    drop(world, KEY, b"<xml/>")
    call = world.only_call()
    assert analyse(world, call) == "not_json"
    refused = world.only_call()
    assert (refused.state, refused.text("quarantine_stage")) == (State.QUARANTINED, "analyse")
    base = f"acme/quarantine/analyse/{call.call_id}"
    assert world.results.objects[f"{base}.json"] == b"<xml/>"
    assert json.loads(world.results.objects[f"{base}.reason.json"])["reason"] == "not_json"
    assert not world.model.prompts


def test_a_people_name_travels_only_as_the_tenants_hash(world):
    one = run(world)
    other = run(world, "acme-uk/transcripts/day/101-call.json")
    entities = [document["entities"][0] for document in (one, other)]
    assert [entity["text"] for entity in entities] == [None, None]
    assert len({entity["text_hash"] for entity in entities}) == 2
    assert "Mia Poe" not in json.dumps(one)


def test_the_tenant_of_the_key_is_the_tenant_of_the_document(world):
    run(world)
    document = run(world, "acme-uk/transcripts/day/101-call.json")
    assert document["tenant_id"] == TenantId("acme-uk")
    keys = [str(call.text("final_key")) for call in world.calls()]
    assert sorted(key.partition("/")[0] for key in keys) == ["acme", "acme-uk"]


@pytest.mark.parametrize("said", [GOOD.replace("says so", r"\ud83d"), "no object \ud83d"])
def test_half_a_character_in_an_answer_does_not_stop_the_call(world, said):
    world.model.evaluation = said
    assert run(world)["evaluations"][0]["criteria"]


def test_an_outcome_in_free_words_has_its_word(world):
    world.model.summary = json.dumps({"outcome": "Resolved on call"})
    summary = run(world)["summary"]
    assert (summary["outcome"], summary["outcome_raw"]) == ("resolved", "Resolved on call")


def test_a_form_pointer_at_nothing_is_told_not_taken_for_no_form(world):
    world.config.items["TENANT#acme", "FORM#default#current"] = {"version": 9}
    drop(world, KEY, transcript())
    with pytest.raises(Rejected, match="#current points at FORM#default#v9") as refused:
        analyse(world, world.only_call())
    assert refused.value.reason == "bad_form"
