"""A night of the gate over marts in memory: what blocks whom, and what never passes."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from contracts.datasets import DATASETS, RLS_RULES
from contracts.ledger import State
from contracts.names import BUILD_DATABASE
from contracts.tenant import parse_tenant
from expectations.gate import CHECKS, Audit, Night, audit_night
from expectations.judgement import Run
from expectations.ports import ItemResult
from expectations.suite_files import Suite
from tests.support.mart_rows import good_rows
from tests.support.publish_world import World, gate_ports, new_world

RUN = Run("20260130T020000Z-0a1b2c", "2026-01-30T02:00:00Z", "0", {}, lambda: 0.0)
SUITES = {each.name: Suite(each.name, ()) for each in (*DATASETS, *CHECKS)}
ACME, ACME_UK = parse_tenant("acme"), parse_tenant("acme-uk")


def agree(suite: Suite, *_: object) -> Sequence[ItemResult]:
    return tuple(ItemResult(item, "passed") for item in suite.items)


def night(world: World, judge: Any = agree) -> Night:
    return audit_night(gate_ports(world, judge), SUITES, RUN)


def audits(world: World) -> dict[str, Audit]:
    return {audit.tenant_id: audit for audit in night(world).audits}


def failed(audit: Audit) -> set[str]:
    return {one.dataset for one in audit.verdicts if one.status in ("FAIL", "ERROR")}


def empty(world: World, dataset: str, tenant: str = "") -> None:
    prefix = f"build/{dataset}/tenant_id={tenant}/" if tenant else f"build/{dataset}/"
    for key in world.keys(prefix):
        del world.objects[key]


def test_tenants_with_good_marts_pass_and_no_file_is_in_two_manifests() -> None:
    found = audits(new_world())
    assert [found[tenant].status for tenant in ("acme", "acme-uk")] == ["PASS", "PASS"]
    own, other = (
        {part.prefix for part in found[tenant].manifest.partitions} for tenant in (ACME, ACME_UK)
    )
    assert len(own) == len(DATASETS) - 1
    assert not own & other


def test_rows_nobody_can_reckon_with_block_their_own_tenant_alone() -> None:
    world = new_world()
    rows = [{**row, "score_fraction": float("nan")} for row in good_rows("fct_evaluations")]
    world.build("fct_evaluations", "acme", rows)
    found = audits(world)
    assert [found[tenant].status for tenant in ("acme", "acme-uk")] == ["ERROR", "PASS"]
    assert failed(found["acme"]) == {each.name for each in CHECKS}
    assert found["acme"].manifest.partitions == ()


@pytest.mark.parametrize("state", [State.FLATTENED, State.PUBLISHED, State.FINAL, State.RECEIVED])
def test_no_call_in_the_mart_blocks_while_the_lake_holds_one_also_one_being_corrected(
    state: State,
) -> None:
    world = new_world()
    empty(world, "fct_calls", "acme")
    for row in good_rows("fct_calls"):
        world.receive("acme", row["call_id"], state)
    found = audits(world)
    assert "fct_calls" in failed(found["acme"])
    assert not found["acme-uk"].is_blocked


def test_a_tenant_whose_calls_were_all_erased_passes_as_one_without_calls() -> None:
    world = new_world()
    for dataset in DATASETS:
        empty(world, dataset.name, "acme")
    for row in good_rows("fct_calls"):
        world.receive("acme", row["call_id"], State.ERASED)
    assert audits(world)["acme"].status == "PASS"


def test_a_mart_that_is_not_built_blocks_everybody() -> None:
    world = new_world()
    del world.tables[BUILD_DATABASE, "rpt_qa_daily"]
    assert [audit.status for audit in night(world).audits] == ["ERROR", "ERROR"]


@pytest.mark.parametrize("lost", ["user_name", "group_name", "tenant_id"])
def test_rules_without_one_of_their_columns_block_everybody(lost: str) -> None:
    world = new_world()
    storage = world.tables[BUILD_DATABASE, RLS_RULES]["StorageDescriptor"]
    storage["Columns"] = [column for column in storage["Columns"] if column["Name"] != lost]
    found = night(world)
    assert found.rules_status == "ERROR"
    assert all(audit.is_blocked for audit in found.audits)


def test_no_rule_at_all_blocks_everybody() -> None:
    world = new_world()
    empty(world, RLS_RULES)
    assert all(audit.is_blocked for audit in night(world).audits)


def test_a_suspended_tenant_is_skipped_and_what_is_no_tenant_id_is_named() -> None:
    world = new_world()
    world.registered[ACME] = "suspended"
    world.build("fct_calls", "Not A Tenant", good_rows("fct_calls"))
    found = night(world)
    assert [audit.tenant_id for audit in found.audits] == ["acme-uk"]
    assert found.nameless == ("Not A Tenant",)


def test_rows_of_a_tenant_nobody_registered_are_judged_as_such() -> None:
    world = new_world()
    world.registered.pop(ACME)
    seen: dict[str, bool] = {}

    def look(suite: Suite, table: pa.Table, *_: object) -> Sequence[ItemResult]:
        if suite.name == "check_tenants":
            seen.update({row["tenant_id"]: row["is_registered"] for row in table.to_pylist()})
        return agree(suite)

    night(world, look)
    assert seen == {"acme": False, "acme-uk": True}
