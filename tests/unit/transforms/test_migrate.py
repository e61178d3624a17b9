from contracts.tables import LAKE_TABLES
from tests.support.call_documents import CALL_ID, body, final_document
from tests.support.lake_memory import MemoryCatalog
from tests.support.lake_world import BUCKET, World
from transforms.migrate import migrate


def test_tables_are_created_once() -> None:
    catalog = MemoryCatalog()
    assert set(migrate(catalog, BUCKET).values()) == {"created"}
    assert set(catalog.tables) == {table.name for table in LAKE_TABLES}
    assert set(migrate(catalog, BUCKET).values()) == {"unchanged"}
    assert catalog.writes == len(LAKE_TABLES)


def test_a_new_column_reaches_the_table_and_its_partitions_where_they_lie() -> None:
    world = World("acme")
    world.drop_final("acme", CALL_ID, body(final_document()))
    world.flatten()
    key = ("acme", "2026-01")
    location = world.catalog.partitions["calls"][key]["StorageDescriptor"]["Location"]
    for holder in (world.catalog.tables["calls"], world.catalog.partitions["calls"][key]):
        del holder["StorageDescriptor"]["Columns"][-1]
    changed = migrate(world.catalog, BUCKET)
    assert {name for name, done in changed.items() if done == "updated"} == {"calls"}
    names = [column.name for column in LAKE_TABLES[0].columns]
    for holder in (world.catalog.tables["calls"], world.catalog.partitions["calls"][key]):
        assert [one["Name"] for one in holder["StorageDescriptor"]["Columns"]] == names
    moved = world.catalog.partitions["calls"][key]["StorageDescriptor"]["Location"]
    assert moved == location
