"""Gate and publishing on an AWS of dictionaries: who sees what, after which accident."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cci.jobs.publish import publish_night
from contracts.ledger import State
from contracts.run_manifests import parse_manifest, render_manifest
from contracts.tenant import parse_tenant
from expectations import gate
from expectations.judgement import Run
from expectations.ports import ItemResult
from expectations.suite_files import read_suites
from serving.ports import PublishError
from serving.publish import publish_run
from serving.runs import flip, read_pointer
from tests.support.mart_rows import NOW, PARAMETERS, RUN_ID, good_rows
from tests.support.publish_world import PowerCut, World, gate_ports, new_world, serving_ports

SUITES = read_suites()
FIRST = Run(RUN_ID, "2026-01-30T02:00:00Z", "1", PARAMETERS, lambda: 0.0)
SECOND = replace(FIRST, run_id="20260131T020000Z-abcdef", recorded_at="2026-01-31T02:00:00Z")
ACME = parse_tenant("acme")


def judge_durations(suite: Any, frame: Any, key: Any, parameters: Any) -> tuple[ItemResult, ...]:
    """Stand in for Great Expectations: only one claim of one suite can fail."""
    del key, parameters
    durations = frame.column("duration_seconds").to_pylist() if suite.name == "fct_calls" else []
    bad = sum(value > 86400 for value in durations)
    return tuple(
        ItemResult(item, "failed", len(durations), bad)
        if bad and item.id == "duration_within_a_day"
        else ItemResult(item, "passed", frame.num_rows, 0)
        for item in suite.items
    )


def run_night(world: World, run: Run = FIRST) -> dict[str, Any]:
    night = gate.audit_night(gate_ports(world, judge_durations), SUITES, run)
    now = NOW if run is FIRST else NOW + timedelta(days=1)
    return publish_night(world, serving_ports(world), night, now)


def poison(world: World, tenant: str) -> None:
    first, *others = good_rows("fct_calls")
    world.build("fct_calls", tenant, [{**first, "duration_seconds": 183400.0}, *others])


def change(world: World, tenant: str) -> None:
    first, *others = good_rows("fct_calls")
    world.build("fct_calls", tenant, [{**first, "agent_id": "a-2"}, *others])


def agents(world: World, tenant: str) -> list[str]:
    return [row["agent_id"] for row in world.shown("fct_calls", tenant) or []]


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


def test_a_missing_verdict_row_is_never_a_pass() -> None:
    world = new_world()
    run_night(world)
    del world.objects[f"quality/verdicts/tenant_id=acme/run_month=2026-01/{RUN_ID}.parquet"]
    with pytest.raises(PublishError, match="no pass for rls_rules, fct_calls"):
        publish_run(serving_ports(world), ACME, RUN_ID, now=NOW, code_version="1")


def test_a_build_rewritten_after_it_was_judged_is_not_published() -> None:
    world = new_world()
    night = gate.audit_night(gate_ports(world, judge_durations), SUITES, FIRST)
    key = world.keys("build/fct_calls/tenant_id=acme/")[0]
    world.objects[key] += b" "
    outcome = publish_night(world, serving_ports(world), night, NOW)
    assert [each["tenant"] for each in outcome["errors"]] == ["acme"]
    assert outcome["published"] == ["acme-uk"]
    assert world.shown("fct_calls", "acme") is None


def test_rules_rewritten_after_they_were_judged_hold_everybody_back_and_end_no_night() -> None:
    world = new_world()
    night = gate.audit_night(gate_ports(world, judge_durations), SUITES, FIRST)
    world.objects[world.keys("build/rls_rules/")[0]] += b" "
    outcome = publish_night(world, serving_ports(world), night, NOW)
    assert [(each["tenant"], each["dataset"]) for each in outcome["errors"]] == [("*", "rls_rules")]
    assert (outcome["published"], world.shown("fct_calls", "acme")) == ([], None)


def test_a_tenant_without_calls_is_told_once_and_a_night_like_the_last_writes_nothing() -> None:
    world = new_world()
    run_night(world)
    world.registered[parse_tenant("newco")] = "active"
    assert run_night(world, SECOND)["empty"] == ["newco"]
    assert f"quality/runs/{SECOND.run_id}.json" in world.objects
    before = dict(world.objects)
    run_night(world, replace(SECOND, run_id="20260201T020000Z-abcdef"))
    assert world.objects == before


def test_a_read_back_that_differs_is_not_shown() -> None:
    world = new_world()
    run_night(world)
    change(world, "acme")
    night = gate.audit_night(gate_ports(world, judge_durations), SUITES, SECOND)
    audit = next(each for each in night.audits if each.tenant_id == "acme")
    gate.record(world, audit, SECOND, is_news=True)
    key = f"quality/audit/{SECOND.run_id}/tenant_id=acme.json"
    manifest = parse_manifest(world.objects[key])
    totals = (replace(manifest.totals[0], row_count=4), *manifest.totals[1:])
    world.objects[key] = render_manifest(replace(manifest, totals=totals))
    with pytest.raises(PublishError, match="reads back"):
        publish_run(serving_ports(world), ACME, SECOND.run_id, now=NOW, code_version="1")
    assert agents(world, "acme") == ["a-1"] * 3


def test_a_call_erased_since_the_build_is_not_shown_again() -> None:
    world = new_world()
    night = gate.audit_night(gate_ports(world, judge_durations), SUITES, FIRST)
    world.items["acme", "g2-0123456789"]["state"] = State.ERASED.value
    outcome = publish_night(world, serving_ports(world), night, NOW)
    assert "erased_since_build" in outcome["errors"][0]["why"]
    assert world.shown("fct_calls", "acme") is None


def test_an_older_run_never_replaces_a_newer_one() -> None:
    world = new_world()
    run_night(world)
    change(world, "acme")
    run_night(world, SECOND)
    with pytest.raises(PublishError, match="newer"):
        publish_run(serving_ports(world), ACME, RUN_ID, now=NOW, code_version="1")


def test_a_call_whose_newest_document_is_not_shown_stays_flattened() -> None:
    world = new_world()
    world.items["acme", "g1-0123456789"]["document_hash"] = "cd" * 32
    run_night(world)
    assert world.state_of("acme", "g1-0123456789") is State.FLATTENED
    assert world.state_of("acme-uk", "g1-0123456789") is State.PUBLISHED


def _lasting(world: World) -> dict[str, bytes]:
    """Leave out what tells operators of one process's night: a dead one tells nothing."""
    told = ("quality/runs/", f"quality/reports/{SECOND.run_id}")
    return {key: body for key, body in world.objects.items() if not key.startswith(told)}


def test_killed_after_any_effect_a_rerun_of_the_same_run_converges() -> None:
    calm = new_world()
    run_night(calm)
    change(calm, "acme")
    calm.power.spent = 0
    run_night(calm, SECOND)
    points = calm.power.spent
    assert points >= 12
    start = new_world()
    run_night(start)
    change(start, "acme")
    for point in range(1, points + 1):
        world = deepcopy(start)
        world.power.spent, world.power.effects = 0, point
        with pytest.raises(PowerCut):
            run_night(world, SECOND)
        assert agents(world, "acme") in (["a-1"] * 3, ["a-2", "a-1", "a-1"])
        world.power.effects = None
        run_night(world, SECOND)
        assert _lasting(world) == _lasting(calm), f"killed after effect {point}"
        assert world.partitions == calm.partitions
        assert world.items == calm.items


def test_killed_after_any_effect_the_next_night_shows_the_new_rows() -> None:
    third = replace(SECOND, run_id="20260201T020000Z-abcdef")
    start = new_world()
    for point in range(1, 60, 5):
        world = deepcopy(start)
        world.power.effects = point
        with pytest.raises(PowerCut):
            run_night(world, FIRST)
        world.power.effects = None
        outcome = run_night(world, third)
        assert outcome["errors"] == outcome["blocked"] == []
        for tenant in ("acme", "acme-uk"):
            assert len(world.shown("fct_calls", tenant) or []) == 3
            assert world.state_of(tenant, "g3-0123456789") is State.PUBLISHED


def test_two_publishers_one_wins() -> None:
    world = new_world()
    run_night(world)
    change(world, "acme")
    night = gate.audit_night(gate_ports(world, judge_durations), SUITES, SECOND)
    audit = next(each for each in night.audits if each.tenant_id == "acme")
    gate.record(world, audit, SECOND, is_news=True)
    ports = serving_ports(world)
    real = ports.queries

    class Rival:
        def run(self, sql: str) -> list[dict[str, str | None]]:
            other = replace(audit.manifest, run_id="20260131T030000Z-abcdef")
            assert flip(world, other, read_pointer(world, ACME), now=NOW, code_version="1")
            return real.run(sql)

    with pytest.raises(PublishError, match="another publisher"):
        publish_run(replace(ports, queries=Rival()), ACME, SECOND.run_id, now=NOW, code_version="1")


def test_a_flip_whose_answer_was_lost_is_a_flip() -> None:
    world = new_world()
    run_night(world)
    change(world, "acme")
    night = gate.audit_night(gate_ports(world, judge_durations), SUITES, SECOND)
    audit = next(each for each in night.audits if each.tenant_id == "acme")
    gate.record(world, audit, SECOND, is_news=True)

    class Forgetful:
        """Does what it is told and says that it did not, as a retry after a lost answer does."""

        def __getattr__(self, name: str) -> Any:
            return getattr(world, name)

        def put_if(self, key: str, body: bytes, etag: str | None) -> bool:
            world.put_if(key, body, etag)
            return False

    ports = replace(serving_ports(world), objects=Forgetful())
    publish_run(ports, ACME, SECOND.run_id, now=NOW, code_version="1")
    assert agents(world, "acme") == ["a-2", "a-1", "a-1"]


def test_the_outcome_is_kept_once_and_is_json() -> None:
    world = new_world()
    run_night(world)
    run_night(world, SECOND)
    kept = world.keys("quality/runs/")
    assert [key.rpartition("/")[2] for key in kept] == [f"{RUN_ID}.json"]
    assert json.loads(world.objects[kept[0]])["published"] == ["acme", "acme-uk"]
