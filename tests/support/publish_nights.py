"""Nights of gate and publishing on an AWS of dictionaries, and what may happen to its marts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from cci.jobs.publish import publish_night
from contracts.tenant import parse_tenant
from expectations import gate
from expectations.judgement import Run
from expectations.ports import ItemResult
from expectations.suite_files import read_suites
from tests.support.mart_rows import NOW, PARAMETERS, RUN_ID, good_rows
from tests.support.publish_world import World, gate_ports, new_world, serving_ports

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
    """Judge and publish all tenants; return the night's outcome."""
    night = gate.audit_night(gate_ports(world, judge_durations), SUITES, run)
    now = NOW if run is FIRST else NOW + timedelta(days=1)
    return publish_night(world, serving_ports(world), night, now)


def judged_change() -> tuple[World, gate.Audit]:
    """Return a world whose second night has judged a change of acme's, and the judgement."""
    world = new_world()
    run_night(world)
    change(world, "acme")
    night = gate.audit_night(gate_ports(world, judge_durations), SUITES, SECOND)
    audit = next(each for each in night.audits if each.tenant_id == "acme")
    gate.record(world, audit, SECOND, is_news=True)
    return world, audit


def poison(world: World, tenant: str) -> None:
    """Build a tenant's calls with one that lasts longer than a day."""
    first, *others = good_rows("fct_calls")
    world.build("fct_calls", tenant, [{**first, "duration_seconds": 183400.0}, *others])


def change(world: World, tenant: str) -> None:
    """Build a tenant's calls with another agent in the first."""
    first, *others = good_rows("fct_calls")
    world.build("fct_calls", tenant, [{**first, "agent_id": "a-2"}, *others])


def agents(world: World, tenant: str) -> list[str]:
    """Return the agents of the calls a tenant is shown."""
    return [row["agent_id"] for row in world.shown("fct_calls", tenant) or []]
