"""What happens between gate and publishing, or to the process: nobody sees a wrong row."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from cci.jobs.publish import publish_night
from contracts.ledger import State
from contracts.run_manifests import parse_manifest, render_manifest
from expectations import gate
from serving.ports import PublishError
from serving.publish import publish_run
from serving.runs import flip, read_pointer
from tests.support.mart_rows import NOW, RUN_ID
from tests.support.power import PowerCut
from tests.support.publish_nights import (
    ACME,
    FIRST,
    SECOND,
    SUITES,
    agents,
    change,
    judge_durations,
    judged_change,
    run_night,
)
from tests.support.publish_world import World, gate_ports, new_world, serving_ports


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


def test_a_read_back_that_differs_is_not_shown() -> None:
    world, _ = judged_change()
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
    world, audit = judged_change()
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
    world, _ = judged_change()

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
