import hashlib

import pyarrow as pa
from pyarrow import parquet

from contracts.keys import parse_lake_file
from contracts.tables import table_named
from contracts.tenant import TenantId
from tests.support.call_documents import CALL_ID, final_document, loaded, origin
from tests.support.lake_memory import WRITTEN, MemoryCatalog
from tests.support.lake_world import BUCKET
from transforms.kernel import Columns, add_call, new_columns
from transforms.lake import build_files, register
from transforms.migrate import migrate
from transforms.ports import Listed

ACME = TenantId("acme")


def _tables(*call_ids: str) -> dict[str, Columns]:
    tables = new_columns()
    for call_id in call_ids:
        turns = {"turns": [{"text": f"{call_id} {number}"} for number in range(3)]}
        final = loaded(final_document(call_id=call_id, transcript=turns))
        add_call(tables, final, Listed(str(origin().key), "e1", 1, WRITTEN), None)
    return tables


def test_a_file_is_named_by_its_content_and_says_what_it_is() -> None:
    for file in build_files(ACME, "2026-01", _tables(CALL_ID)):
        place = parse_lake_file(file.key)
        assert place.file == f"a-{hashlib.sha256(file.body).hexdigest()[:32]}.parquet"
        assert (place.tenant, place.call_month, place.generation) == (ACME, "2026-01", 1)
        metadata = parquet.ParquetFile(pa.BufferReader(file.body)).metadata
        assert metadata.metadata == {
            b"cci.tenant_id": b"acme",
            b"cci.call_month": b"2026-01",
            b"cci.table": place.table.encode(),
            b"cci.contract": b"1",
        }
        assert metadata.row_group(0).column(0).compression == "SNAPPY"


def test_calls_are_written_last_and_empty_tables_not_at_all() -> None:
    files = build_files(ACME, "2026-01", _tables(CALL_ID))
    assert [file.table for file in files] == ["turns", "calls"]


def test_rows_are_sorted_whatever_order_documents_came_in() -> None:
    names = [f"call-{number:010d}" for number in range(7)]
    one = build_files(ACME, "2026-01", _tables(*names))
    other = build_files(ACME, "2026-01", _tables(*reversed(names)))
    assert [file.key for file in one] == [file.key for file in other]
    turns = parquet.ParquetFile(pa.BufferReader(other[0].body)).read()
    assert turns.column("text").to_pylist() == [
        f"{name} {number}" for name in names for number in range(3)
    ]


def test_repeated_words_are_stored_once_and_free_text_plainly() -> None:
    turns = build_files(ACME, "2026-01", _tables(CALL_ID))[0]
    group = parquet.ParquetFile(pa.BufferReader(turns.body)).metadata.row_group(0)
    columns = {
        group.column(number).path_in_schema: group.column(number)
        for number in range(group.num_columns)
    }
    assert columns["speaker"].has_dictionary_page
    assert not columns["text"].has_dictionary_page


def test_partitions_are_created_once_at_the_folder_of_their_files() -> None:
    catalog = MemoryCatalog()
    migrate(catalog, BUCKET)
    keys = [file.key for file in build_files(ACME, "2026-01", _tables(CALL_ID))]
    register(catalog, keys, BUCKET)
    writes = catalog.writes
    register(catalog, keys, BUCKET)
    assert catalog.writes == writes
    found = catalog.partitions["calls"]["acme", "2026-01"]
    assert found["StorageDescriptor"]["Location"] == (
        f"s3://{BUCKET}/tables/calls/tenant_id=acme/call_month=2026-01/g000001/"
    )
    columns = [column["Name"] for column in found["StorageDescriptor"]["Columns"]]
    assert columns == [column.name for column in table_named("calls").columns]
