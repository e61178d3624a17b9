"""Gate and publishing on an AWS of dictionaries: who sees what, and what a night writes."""

import json
from dataclasses import replace

from contracts.ledger import State
from contracts.tenant import parse_tenant
from tests.support.mart_rows import RUN_ID, good_rows
from tests.support.publish_nights import ACME, SECOND, agents, change, poison, run_night
from tests.support.publish_world import new_world


def test_two_tenants_with_the_same_call_ids_are_published_each_with_its_own_rows() -> None:
    world = new_world()
    outcome = run_night(world)
    assert outcome["published"] == ["acme", "acme-uk"]
    for tenant in ("acme", "acme-uk"):
        assert len(world.shown("fct_calls", tenant) or []) == 3
        assert world.state_of(tenant, "g1-0123456789") is State.PUBLISHED
        assert world.items[tenant, "g1-0123456789"]["published_run_id"] == RUN_ID


def test_a_second_night_with_nothing_new_writes_no_object_and_moves_no_row() -> None:
    world = new_world()
    run_night(world)
    objects, items, effects = dict(world.objects), dict(world.items), world.power.spent
    outcome = run_night(world, SECOND)
    assert (outcome["published"], outcome["unchanged"]) == ([], ["acme", "acme-uk"])
    assert (world.objects, world.items, world.power.spent) == (objects, items, effects)


def test_a_poisoned_tenant_keeps_its_last_run_and_the_other_moves() -> None:
    world = new_world()
    run_night(world)
    poison(world, "acme")
    change(world, "acme-uk")
    outcome = run_night(world, SECOND)
    assert outcome["published"] == ["acme-uk"]
    assert agents(world, "acme") == ["a-1"] * 3
    assert agents(world, "acme-uk") == ["a-2", "a-1", "a-1"]
    blocked = outcome["blocked"]
    assert [(each["tenant"], each["dataset"], each["expectation"]) for each in blocked] == [
        ("acme", "fct_calls", "duration_within_a_day")
    ]
    assert blocked[0]["rows"] == 1
    assert "mapping" in blocked[0]["what_to_do"]


def test_a_tenant_blocked_twice_for_the_same_reason_writes_nothing_the_second_time() -> None:
    world = new_world()
    poison(world, "acme")
    run_night(world)
    objects = dict(world.objects)
    assert run_night(world, SECOND)["blocked"]
    assert world.objects == objects


def test_both_tenants_can_read_why_one_is_blocked_only_in_their_own_rows() -> None:
    world = new_world()
    poison(world, "acme")
    run_night(world)
    pages = {key for key in world.objects if key.startswith("quality/reports/tenant_id=")}
    own = world.objects[f"quality/reports/tenant_id=acme-uk/{RUN_ID}.html"].decode()
    assert len(pages) == 2
    assert "held back" not in own
    assert "183400" not in "".join(world.objects[page].decode() for page in pages)


def test_bad_access_rules_block_every_tenant() -> None:
    world = new_world()
    run_night(world)
    world.objects = {k: v for k, v in world.objects.items() if not k.startswith("build/rls_rules")}
    change(world, "acme-uk")
    outcome = run_night(world, SECOND)
    assert outcome["published"] == []
    assert {each["dataset"] for each in outcome["blocked"]} == {"rls_rules"}
    assert agents(world, "acme-uk") == ["a-1"] * 3


def test_an_unchanged_partition_stays_where_it_lies() -> None:
    world = new_world()
    run_night(world)
    change(world, "acme")
    before = set(world.objects)
    run_night(world, SECOND)
    new = {key for key in world.objects if key.startswith("published/") and key not in before}
    assert {key.split("/")[1] for key in new} == {"fct_calls", "manifests"}
    assert len(world.shown("fct_evaluations", "acme") or []) == 3


def test_a_mart_that_is_not_built_is_an_error_for_everybody() -> None:
    world = new_world()
    del world.tables["cci_lite_build", "rpt_qa_daily"]
    outcome = run_night(world)
    assert {(each["tenant"], each["dataset"]) for each in outcome["errors"]} == {
        ("acme", "rpt_qa_daily"),
        ("acme-uk", "rpt_qa_daily"),
    }
    assert world.shown("fct_calls", "acme") is None


def test_an_empty_mart_blocks_a_tenant_with_calls_and_not_one_without() -> None:
    world = new_world()
    for key in world.keys("build/fct_calls/tenant_id=acme/"):
        del world.objects[key]
    new_tenant = parse_tenant("globex")
    world.registered[new_tenant] = "active"
    outcome = run_night(world)
    assert ("acme", "fct_calls") in {
        (each["tenant"], each["dataset"]) for each in outcome["blocked"]
    }
    assert outcome["empty"] == ["globex"]


def test_a_suspended_tenant_is_left_alone() -> None:
    world = new_world()
    world.registered[ACME] = "suspended"
    assert run_night(world)["published"] == ["acme-uk"]


def test_a_partition_under_no_tenant_id_is_an_error_and_stops_nobody() -> None:
    world = new_world()
    world.build("fct_calls", "acme_uk", good_rows("fct_calls"))
    outcome = run_night(world)
    assert [each["tenant"] for each in outcome["errors"]] == ["acme_uk"]
    assert outcome["published"] == ["acme", "acme-uk"]


def test_a_tenant_without_calls_is_told_once_and_a_night_like_the_last_writes_nothing() -> None:
    world = new_world()
    run_night(world)
    world.registered[parse_tenant("newco")] = "active"
    assert run_night(world, SECOND)["empty"] == ["newco"]
    assert f"quality/runs/{SECOND.run_id}.json" in world.objects
    before = dict(world.objects)
    run_night(world, replace(SECOND, run_id="20260201T020000Z-abcdef"))
    assert world.objects == before


def test_a_call_whose_newest_document_is_not_shown_stays_flattened() -> None:
    world = new_world()
    world.items["acme", "g1-0123456789"]["document_hash"] = "cd" * 32
    run_night(world)
    assert world.state_of("acme", "g1-0123456789") is State.FLATTENED
    assert world.state_of("acme-uk", "g1-0123456789") is State.PUBLISHED


def test_the_outcome_is_kept_once_and_is_json() -> None:
    world = new_world()
    run_night(world)
    run_night(world, SECOND)
    kept = world.keys("quality/runs/")
    assert [key.rpartition("/")[2] for key in kept] == [f"{RUN_ID}.json"]
    assert json.loads(world.objects[kept[0]])["published"] == ["acme", "acme-uk"]
