"""What a run does to the lake, the ledger and quarantine, and that doing it again does nothing."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from contracts.final_call import FinalCall
from contracts.ledger import Call
from contracts.tenant import TenantId
from tests.support.call_documents import CALL_ID, TENANTS
from tests.support.lake_world import OTHER, World, document, meta, two_tenants
from transforms.flatten import UnknownTenant, _bring_in
from transforms.ports import LakeError
from transforms.selection import Read, find_batches, read_calls

ACME = TenantId("acme")


def _identity_holds(total: dict[str, Any]) -> bool:
    refused = sum(total.get("rejects", {}).values())
    taken = total.get("calls", 0) + total.get("duplicates", 0) + total.get("skipped", 0)
    return bool(total.get("documents", 0) == taken + refused)


def test_final_calls_of_two_tenants_with_one_call_id_reach_the_lake_apart() -> None:
    world = two_tenants()
    total = world.flatten()
    assert (total["documents"], total["calls"], total["rejects"]) == (4, 3, {"truncated": 1})
    assert _identity_holds(total)
    for tenant in TENANTS:
        calls = world.rows("calls", tenant)
        assert calls[-1]["call_id"] == CALL_ID
        assert calls[-1]["turn_count"] == 2
        assert [row["turn_number"] for row in world.rows("turns", tenant)] == [1, 2]
        assert {row["source_key"].partition("/")[0] for row in calls} == {tenant}
    assert [row["call_month"] for row in world.rows("calls", "acme")] == ["2025-12", "2026-01"]
    states = world.ledger.states()
    assert states.pop(("acme", "cut-off-0123456789")) == "QUARANTINED"
    assert set(states.values()) == {"FLATTENED"}


def test_a_rejected_object_is_kept_with_its_reason_under_its_tenant() -> None:
    world = two_tenants()
    world.flatten()
    aside = "acme/quarantine/flatten/cut-off-0123456789"
    assert world.results.body(f"{aside}.json") == b'{"call_id": "cut'
    reason = json.loads(world.results.body(f"{aside}.reason.json"))
    assert (reason["reason"], reason["source_key"][:10]) == ("truncated", "acme/final")
    document, value = sorted(world.rows("rejects", "acme"), key=lambda row: row["level"])
    assert (document["reason"], document["quarantine_key"]) == ("truncated", f"{aside}.json")
    assert (document["call_id"], document["call_month"]) == ("cut-off-0123456789", "2025-12")
    assert (value["reason"], value["path"]) == ("out_of_range", "summary.tone_score")
    assert (value["call_id"], value["document_key"]) == (
        OTHER,
        next(row["document_key"] for row in world.rows("calls") if row["call_id"] == OTHER),
    )
    assert world.rows("rejects", "acme-uk") == []


def test_a_second_run_writes_nothing() -> None:
    world = two_tenants()
    world.flatten()
    writes = world.catalog.writes
    assert world.flatten() == {}
    assert (world.lake.puts, world.results.puts) == ([], [])
    assert world.catalog.writes == writes


def test_the_same_calls_give_the_same_files_in_another_lake_and_in_another_order() -> None:
    one, other = two_tenants(), World("acme-uk", "acme")
    for key in reversed(one.results.list_keys()):
        call_id = key.rpartition("/")[2].removesuffix(".json")
        day = "-".join(key.split("/")[2:5])
        other.drop_final(key.partition("/")[0], call_id, one.results.body(key), day)
    one.flatten(run_id="one")
    other.flatten(run_id="other")
    assert one.lake.list_keys() == other.lake.list_keys()


def test_a_document_of_another_tenant_is_quarantined_under_the_tenant_of_its_key() -> None:
    world = World(*TENANTS)
    world.drop_final("acme", CALL_ID, document("acme-uk"))
    total = world.flatten()
    assert total["rejects"] == {"wrong_tenant": 1}
    assert world.rows("calls") == []
    assert [key for key in world.results.list_keys() if "quarantine" in key] == [
        f"acme/quarantine/flatten/{CALL_ID}.json",
        f"acme/quarantine/flatten/{CALL_ID}.reason.json",
    ]
    assert not any("tenant_id=acme-uk" in key for key in world.lake.list_keys())


def test_a_final_key_under_another_tenant_is_never_read() -> None:
    world = World(*TENANTS)
    key = world.drop_final("acme", CALL_ID, document("acme"))
    world.drop_final("acme-uk", OTHER, b"{}", final_key=key)
    with pytest.raises(LakeError, match=r"tenant acme-uk, call .* lies under another tenant"):
        world.flatten()


def test_a_document_that_lies_in_the_lake_already_is_a_duplicate() -> None:
    world = World("acme")
    world.drop_final("acme", CALL_ID, document("acme"))
    world.flatten()
    item = world.ledger.items["TENANT#acme", f"CALL#{CALL_ID}"]
    item |= {"state": "FINAL", "state_pk": "FINAL#acme"}
    total = world.flatten()
    assert (total["documents"], total["duplicates"]) == (1, 1)
    assert not any(key.endswith(".parquet") for key in world.lake.puts)
    assert world.ledger.state("acme", CALL_ID) == "FLATTENED"
    assert len(world.rows("calls")) == 1


def test_a_corrected_document_is_a_second_row_and_the_newest_is_in_the_ledger() -> None:
    world = World("acme")
    world.drop_final("acme", CALL_ID, document("acme"))
    world.flatten()
    lineage = {"processed_at": "2026-02-02T01:00:00Z"}
    newer = document("acme", lineage=lineage, summary={"text": "Corrected."})
    key = f"acme/final/2026/01/30/{CALL_ID}.r2.json"
    world.results.put(key, newer)
    item = world.ledger.items["TENANT#acme", f"CALL#{CALL_ID}"]
    item |= {"state": "FINAL", "state_pk": "FINAL#acme", "final_key": key, "document_hash": "new"}
    assert world.flatten()["calls"] == 1
    rows = {row["source_key"]: row for row in world.rows("calls")}
    assert len(rows) == 2
    assert item["document_hash"] == rows[key]["document_hash"]


def test_an_object_that_is_gone_is_quarantined_not_waited_for() -> None:
    world = World("acme")
    world.results.delete([world.drop_final("acme", CALL_ID, document("acme"))])
    assert world.flatten()["rejects"] == {"document_missing": 1}
    assert world.ledger.state("acme", CALL_ID) == "QUARANTINED"
    assert world.rows("rejects")[0]["quarantine_key"] is None
    assert world.results.list_keys() == [f"acme/quarantine/flatten/{CALL_ID}.reason.json"]


def test_a_document_that_the_loader_let_through_but_no_column_holds_is_refused_alone() -> None:
    world = World("acme")
    call_ids = [f"call-{number:010d}" for number in range(5)]
    for call_id in call_ids:
        world.drop_final("acme", call_id, document("acme", call_id))
    (calls,) = find_batches(world.ports, [ACME], size=10)

    def read(work: Sequence[Call]) -> Iterator[Read]:
        for one in read_calls(world.ports, {ACME: "UTC"}, work):
            assert isinstance(one.outcome, FinalCall)
            if one.call.call_id == call_ids[3]:
                one.outcome.document["call"]["transfer_count"] = 2**40
            yield one

    total = _bring_in(world.ports, calls, read, "by-hand")
    assert (total["documents"], total["calls"], total["rejects.wrong_type"]) == (5, 4, 1)
    assert {row["call_id"] for row in world.rows("calls")} == set(call_ids) - {call_ids[3]}
    assert world.ledger.state("acme", call_ids[3]) == "QUARANTINED"
    (reject,) = world.rows("rejects")
    assert reject["detail"] == "calls.transfer_count: a value does not fit int"


def test_what_found_no_place_is_kept_and_beyond_16_kb_beside_the_lake() -> None:
    world = World(*TENANTS)
    world.drop_final("acme", CALL_ID, document("acme", colour="blue"))
    world.drop_final("acme-uk", CALL_ID, document("acme-uk", colour="blue" * 5000))
    world.flatten()
    assert json.loads(world.rows("calls", "acme")[0]["extra_json"]) == {"colour": "blue"}
    row = world.rows("calls", "acme-uk")[0]
    key = row["extra_json"]
    assert key == f"acme-uk/quarantine/extra/{CALL_ID}.{row['document_key']}.json"
    assert json.loads(world.results.body(key)) == {"colour": "blue" * 5000}


def test_calls_of_a_suspended_tenant_wait() -> None:
    world = two_tenants()
    world.config.tenants["acme"] = [meta("acme", status="suspended")]
    assert world.flatten()["calls"] == 1
    assert world.ledger.state("acme", CALL_ID) == "FINAL"


def test_a_tenant_can_be_chosen_and_an_unknown_one_is_refused() -> None:
    world = two_tenants()
    assert world.flatten(tenants=("acme-uk",))["documents"] == 1
    with pytest.raises(UnknownTenant, match="'nobody' is no registered tenant"):
        world.flatten(tenants=("nobody",))
    assert world.flatten(limit=1)["documents"] == 1


def test_small_batches_hold_the_same_rows_as_one() -> None:
    one, many = two_tenants(), two_tenants()
    one.flatten()
    assert many.flatten(batch=1)["documents"] == 4
    assert many.all_rows() == one.all_rows()
    assert len([line for line in many.said if "batch_id" in line]) == 4


def test_the_job_loads_neither_pandas_nor_awswrangler() -> None:
    code = "import sys, transforms.flatten; print({'pandas', 'awswrangler'} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert answer.stdout.strip() == "set()"


def test_a_second_refused_document_of_a_call_keeps_its_own_bytes_and_reason() -> None:
    world = World("acme")
    world.drop_final("acme", CALL_ID, b"{")
    world.flatten()
    world.ledger.items.clear()
    world.drop_final("acme", CALL_ID, b"[]", revision=2)
    world.flatten()
    base = f"acme/quarantine/flatten/{CALL_ID}.r2"
    assert world.results.body(f"{base}.json") == b"[]"
    assert json.loads(world.results.body(f"{base}.reason.json"))["reason"] == "array_root"


def test_two_documents_of_a_call_keep_what_found_no_place_apart() -> None:
    world = World("acme")
    for colour in ("blue", "red"):
        world.ledger.items.clear()
        world.drop_final("acme", CALL_ID, document("acme", colour=colour * 9000))
        world.flatten()
    kept = [world.results.body(row["extra_json"])[:16] for row in world.rows("calls")]
    assert sorted(kept) == [b'{"colour":"blueb', b'{"colour":"redre']
