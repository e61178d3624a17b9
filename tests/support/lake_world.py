"""The lake jobs' world in memory: documents go in, rows come out."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from contracts.keys import parse_lake_file
from contracts.ledger import State, render_new
from contracts.tables import LAKE_TABLES
from contracts.tenant import TenantId
from tests.support.call_documents import CALL_ID, TENANTS, body, final_document
from tests.support.lake_memory import (
    FixedClock,
    MemoryCatalog,
    MemoryConfig,
    MemoryLedger,
    MemoryObjects,
)
from transforms.flatten import Options, flatten
from transforms.migrate import migrate
from transforms.ports import Ports

BUCKET = "cci-lite-lake-000000000000-eu-central-1"
OTHER = "202-103-20251215090000-0123456789"
TURNS = {"turns": [{"speaker": "agent", "text": "Good morning."}, {"speaker": "customer"}]}


class World:
    """One lake with its ledger: drop documents in, flatten, read rows back."""

    def __init__(self, *tenants: str) -> None:
        self.results, self.lake = MemoryObjects(), MemoryObjects()
        self.ledger, self.catalog = MemoryLedger(), MemoryCatalog()
        self.config = MemoryConfig({tenant: [meta(tenant)] for tenant in tenants})
        self.said: list[Mapping[str, Any]] = []
        self.ports = Ports(
            self.results,
            self.lake,
            self.ledger,
            self.config,
            self.catalog,
            FixedClock(),
            BUCKET,
            self.said.append,
        )
        migrate(self.catalog, BUCKET)

    def drop_final(
        self, tenant: str, call_id: str, content: bytes, day: str = "2026-01-30", **sets: Any
    ) -> str:
        """Put a final document and make its call FINAL; return the key."""
        key = f"{tenant}/final/{day.replace('-', '/')}/{call_id}.json"
        self.results.put(key, content)
        found = {
            "final_key": key,
            "final_etag": f"e{len(content)}",
            "final_size_bytes": len(content),
            "document_hash": f"hash of {key}",
            "call_date": day,
            **sets,
        }
        self.ledger.enter(
            render_new(
                TenantId(tenant),
                call_id,
                now="2026-01-31T02:00:00Z",
                by="test",
                sets=found,
                state=State.FINAL,
            )
        )
        return key

    def flatten(self, **options: Any) -> dict[str, Any]:
        """Run the job; return the counts of the whole run."""
        self.results.puts.clear()
        self.lake.puts.clear()
        return dict(flatten(self.ports, Options(**options))["total"])

    def rows(self, table: str, tenant: str | None = None) -> list[dict[str, Any]]:
        """Return the rows that the table's partitions point at, with their partition values."""
        found = []
        for values, partition in sorted(self.catalog.partitions.get(table, {}).items()):
            folder = partition["StorageDescriptor"]["Location"].removeprefix(f"s3://{BUCKET}/")
            for key in self.lake.list_keys(folder):
                place = parse_lake_file(key)
                assert (place.tenant, place.call_month) == values
                for row in read_file(self.lake.body(key)).to_pylist():
                    found.append({**row, "tenant_id": values[0], "call_month": values[1]})
        return [row for row in found if tenant in (None, row["tenant_id"])]

    def all_rows(self) -> dict[str, list[dict[str, Any]]]:
        """Return the rows of every table, in an order that files do not decide."""
        return {table.name: sorted(self.rows(table.name), key=str) for table in LAKE_TABLES}


def two_tenants() -> World:
    """Return a world in which both hold one call id, acme also a later and a cut-off call."""
    world = World(*TENANTS)
    for tenant in TENANTS:
        world.drop_final(tenant, CALL_ID, document(tenant, transcript=TURNS))
    summary = {"tone_score": 700}
    later = document("acme", OTHER, "2025-12-15", summary=summary)
    world.drop_final("acme", OTHER, later, "2025-12-15")
    world.drop_final("acme", "cut-off-0123456789", b'{"call_id": "cut', "2025-12-15")
    return world


def document(tenant: str, call_id: str = CALL_ID, day: str = "2026-01-30", **more: Any) -> bytes:
    """Return a small final document of a call on a day."""
    call = {"call_date": day, "provider": "upload", "started_at_source": "metadata"}
    return body(final_document(tenant, call_id=call_id, call=call, **more))


def meta(tenant: str, **more: Any) -> dict[str, Any]:
    """Return the META item of a tenant."""
    return {"pk": f"TENANT#{tenant}", "sk": "META#v1", "kind": "META", "name": tenant, **more}


def read_file(body: bytes) -> pa.Table:
    """Return the rows of a Parquet file."""
    return parquet.ParquetFile(pa.BufferReader(body)).read()
