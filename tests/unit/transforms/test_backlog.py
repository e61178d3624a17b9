"""Older documents found by listing: entered once, the newest named, nothing twice."""

from tests.support.call_documents import CALL_ID, TENANTS, body, final_document, story
from tests.support.lake_world import World

OLD = "2025/11/05"


def _with_older_documents() -> World:
    world = World(*TENANTS)
    for tenant in TENANTS:
        for name in ("v1_0", "v1_1_as_written", "v1_2"):
            document = {**story(name), "tenant_id": tenant}
            world.results.put(f"{tenant}/{OLD}/{name}.json", body(document))
    world.results.put(f"acme/{OLD}/cut off.json", b'{"tenant_id": "acme"')
    world.results.put("acme/enriched/2025/11/05/enriched-0123456789.json", b"{}")
    return world


def test_older_documents_enter_the_ledger_and_the_lake_of_their_tenant_only() -> None:
    world = _with_older_documents()
    total = world.flatten(prefix=f"acme/{OLD}/")
    assert (total["documents"], total["calls"], total["rejects"]) == (4, 3, {"truncated": 1})
    assert {tenant for tenant, _ in world.ledger.states()} == {"acme"}
    assert sorted(world.ledger.states().values()) == ["FLATTENED"] * 3 + ["QUARANTINED"]
    items = world.ledger.items.values()
    assert {item["provider"] for item in items} == {"legacy"}
    assert world.rows("calls", "acme-uk") == []


def test_listing_again_writes_nothing() -> None:
    world = _with_older_documents()
    world.flatten(prefix="acme/")
    before = world.ledger.states()
    total = world.flatten(prefix="acme/")
    assert (total["documents"], total["skipped"]) == (4, 4)
    assert (world.lake.puts, world.results.puts) == ([], [])
    assert world.ledger.states() == before


def test_a_prefix_of_a_tenant_is_not_that_of_a_look_alike() -> None:
    world = _with_older_documents()
    assert world.flatten(prefix="acme-uk/")["documents"] == 3
    assert {row["tenant_id"] for row in world.rows("calls")} == {"acme-uk"}


def test_two_documents_of_one_call_are_two_rows_and_the_newer_is_the_ledgers() -> None:
    world = World("acme")
    for day, text in (("2026-01-31", "First."), ("2026-02-01", "Corrected.")):
        lineage = {"processed_at": f"{day}T01:00:00Z"}
        document = final_document(lineage=lineage, summary={"text": text})
        world.results.put(f"acme/2026/01/30/{text}json", body(document))
    total = world.flatten(prefix="acme/")
    assert (total["documents"], total["calls"]) == (2, 2)
    rows = {row["summary_text"]: row["document_hash"] for row in world.rows("calls")}
    item = world.ledger.items["TENANT#acme", f"CALL#{CALL_ID}"]
    assert item["document_hash"] == rows["Corrected."]
    assert world.flatten(prefix="acme/")["skipped"] == 2
    assert world.lake.puts == []


def test_a_newer_document_found_later_corrects_the_call_and_an_older_one_does_not() -> None:
    world = World("acme")
    lineage = {"processed_at": "2026-01-31T01:00:00Z"}
    world.results.put("acme/2026/01/30/b.json", body(final_document(lineage=lineage)))
    world.flatten(prefix="acme/")
    for name, day, rows in (("a", "2026-01-30", 1), ("c", "2026-02-01", 3), ("d", "2026-02-02", 4)):
        newer = final_document(lineage={"processed_at": f"{day}T23:00:00Z"}, summary={"text": name})
        world.results.put(f"acme/2026/01/30/{name}.json", body(newer))
        world.flatten(prefix="acme/")
        assert len(world.rows("calls")) == rows
        assert world.ledger.state("acme", CALL_ID) == "FLATTENED"
    assert world.ledger.items["TENANT#acme", f"CALL#{CALL_ID}"]["revision"] == 3
    keys = [row["document_key"] for row in world.rows("calls")]
    assert len(set(keys)) == 4


def test_half_a_second_later_is_newer() -> None:
    world = World("acme")
    for name, written in (("", "2026-01-30T12:00:00Z"), (".r2", "2026-01-30T12:00:00.500Z")):
        document = final_document(lineage={"processed_at": written})
        world.results.put(f"acme/final/2026/01/30/{CALL_ID}{name}.json", body(document))
    world.flatten(prefix="acme/")
    ((_, item),) = world.ledger.items.items()
    assert item["final_key"].endswith(".r2.json")
