"""The demo's calls: the same bytes for the same day, and a truth that the words bear out."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from cci.demo_calls import DemoFile, KnownCall, generate, tenant_documents, truth
from cci.demo_conversations import criterion_ids, words
from contracts.forms import load_form, load_settings
from ingestion.roles import assign_roles
from ingestion.transcripts.read import read_transcript
from localaws.services.judge import judge
from localaws.services.media import probe
from localaws.services.prompt_parts import Said
from localaws.services.speech import parse_speech

TODAY = date(2026, 11, 21)
CALLS = 60


@pytest.fixture(scope="module")
def files() -> list[DemoFile]:
    return list(generate(TODAY, CALLS))


@pytest.fixture(scope="module")
def calls() -> list[KnownCall]:
    return list(truth(TODAY, CALLS))


def test_the_same_day_and_seed_give_the_same_bytes_and_another_seed_does_not(
    files: list[DemoFile],
) -> None:
    assert list(generate(TODAY, CALLS)) == files
    assert list(generate(TODAY, 3, seed=8)) != list(generate(TODAY, 3))


def test_every_known_call_is_a_file_and_every_file_belongs_to_one(
    files: list[DemoFile], calls: list[KnownCall]
) -> None:
    known = {(call.tenant, call.door, call.path) for call in calls}
    assert len(known) == len(calls) == 3 * CALLS
    assert known <= {(file.tenant, file.door, file.path) for file in files}
    for file in files:
        base = file.path.removesuffix(".transcript.json")
        base = base.removesuffix(".json") if file.door == "meta" else base
        assert any((file.tenant, door, base) in known for door in ("audio", "transcripts"))


def test_the_look_alike_tenants_share_names_and_provider_ids_but_no_call(
    files: list[DemoFile],
) -> None:
    one, other = (
        {file.path: file.body for file in files if (file.tenant, file.door) == (tenant, "meta")}
        for tenant in ("acme", "acme-uk")
    )
    assert one.keys() == other.keys()
    shared = [path for path in one if one[path] != other[path]]
    assert len(shared) > CALLS / 2
    for path in shared:
        ids = {json.loads(body[path])["provider_call_id"] for body in (one, other)}
        assert len(ids) == 1


def test_a_form_judges_every_call_as_its_story_tells(
    files: list[DemoFile], calls: list[KnownCall]
) -> None:
    heard = {(file.tenant, file.door, file.path): file.body for file in files}
    criteria = words("criteria")["criterion"]
    seen: Counter[str] = Counter()
    for call in calls:
        if call.results is None:
            continue
        side_car = ".transcript.json" if call.door == "audio" else ""
        turns = list(_turns(json.loads(heard[call.tenant, call.door, call.path + side_car])))
        found = {row["criterion_id"]: judge(row, turns).verdict for row in criteria}
        assert found == call.results, (call.tenant, call.path, call.story)
        seen.update(found.values())
    assert set(seen) == {"passed", "failed", "not_applicable"}


def test_every_awkward_story_is_told_to_every_tenant(calls: list[KnownCall]) -> None:
    stories = Counter((call.tenant, call.story) for call in calls)
    for tenant in ("acme", "acme-uk", "globex"):
        for story in words("awkward"):
            assert stories[tenant, story] == 1
    by_story = {call.story: call for call in calls if call.tenant == "acme"}
    assert by_story["empty"].state == "quarantined"
    assert by_story["no_metadata"].agent_id is None
    assert {"+", " ", "ö", "%"} <= set(by_story["odd_name"].path)
    results = by_story["all_passed"].results or {}
    assert set(results.values()) == {"passed", "not_applicable"}
    dictated = by_story["prompt_injection"].results or {}
    assert dictated["greeting"] == dictated["closing"] == "failed"


def test_a_redelivered_file_comes_twice_with_the_same_bytes(files: list[DemoFile]) -> None:
    twice = Counter((file.tenant, file.door, file.path, file.body) for file in files)
    assert sorted(count for count in twice.values() if count > 1) == [2] * 6


def test_calls_lie_on_the_ninety_days_before_today_and_never_on_a_sunday(
    calls: list[KnownCall],
) -> None:
    days = [call.call_date for call in calls if call.call_date is not None]
    assert min(days) >= TODAY - timedelta(days=91)
    assert max(days) < TODAY
    assert all(day.weekday() != 6 for day in days)


def test_conversations_are_short_and_their_times_ascend(files: list[DemoFile]) -> None:
    for file in files:
        if file.door != "transcripts":
            continue
        document = json.loads(file.body)
        if "cci_transcript" in document:
            turns = document["turns"]
            starts = [turn["start_seconds"] for turn in turns]
            assert starts == sorted(starts)
            assert len(turns) <= 25


def test_habits_show_one_agent_is_worse_and_one_criterion_got_worse() -> None:
    known = [call for call in truth(TODAY, 600) if call.tenant == "acme" and call.results]
    assert _rate(known, "empathy", agent="102") > 2 * _rate(known, "empathy", agent="101")
    lately = [c for c in known if c.call_date and c.call_date >= TODAY - timedelta(days=28)]
    before = [c for c in known if c.call_date and c.call_date < TODAY - timedelta(days=28)]
    assert _rate(lately, "resolution") > 1.8 * _rate(before, "resolution")
    assert abs(_rate(lately, "closing") - _rate(before, "closing")) < 0.12


def test_a_recording_lasts_as_long_as_what_it_says(files: list[DemoFile]) -> None:
    side_cars = {
        (file.tenant, file.path): file.body
        for file in files
        if file.path.endswith(".wav.transcript.json")
    }
    recordings = [file for file in files if file.path.endswith(".wav") and file.door == "audio"]
    assert {probe(file.body).channels for file in recordings} == {1, 2}
    for file in recordings:
        media = probe(file.body)
        speech = parse_speech(side_cars[file.tenant, f"{file.path}.transcript.json"], file.path)
        assert 0 <= media.seconds - speech.turns[-1].end <= 1


def test_whoever_transcribed_elsewhere_lets_the_roles_be_heard(files: list[DemoFile]) -> None:
    results = [file for file in files if b'"results"' in file.body]
    assert results
    for file in results:
        transcript = read_transcript(file.body)
        roles = assign_roles(transcript, None, "en-GB")
        assert roles.speakers == {"spk_0": "agent", "spk_1": "customer"}, file.path


def test_tenant_documents_are_valid_settings_and_forms() -> None:
    documents = list(tenant_documents())
    assert [one["tenant_id"] for one in documents] == ["acme", "acme-uk", "globex"]
    for document in documents:
        owner = {"pk": f"TENANT#{document['tenant_id']}"}
        load_settings({**document["settings"], **owner, "sk": "META#v1"})
        form = load_form({**document["forms"][0], **owner, "sk": "FORM#default#v1"})
        assert tuple(one.criterion_id for one in form.criteria) == criterion_ids()


def _turns(document: dict[str, Any]) -> Iterator[Said]:
    """Yield the turns of any shape; in a Transcribe result the first speaker is the agent."""
    if "results" in document:
        names = {"spk_0": "agent", "spk_1": "customer"}
        for number, segment in enumerate(document["results"]["audio_segments"], 1):
            yield Said(number, names[segment["speaker_label"]], segment["transcript"])
        return
    for number, turn in enumerate(document["turns"], 1):
        yield Said(number, turn.get("speaker") or turn["party"], turn["text"])


def _rate(calls: list[KnownCall], criterion: str, agent: str | None = None) -> float:
    results = [(call.results or {})[criterion] for call in calls if agent in (None, call.agent_id)]
    return results.count("failed") / len(results)
