"""Which run of a tenant people see: one object per tenant, replaced conditionally.

The views join it, so one PUT shows all datasets of a new run at once and no reader ever sees a
mixture of two.
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from contracts import keys
from contracts.run_manifests import RunManifest, parse_manifest
from contracts.tenant import TenantId
from serving.ports import Objects

POINTER_COLUMNS: Final = (
    ("run_id", "string"),
    ("previous_run_id", "string"),
    ("published_at", "timestamp"),
    ("verdict", "string"),
    ("code_version", "string"),
)
_SCHEMA: Final = pa.schema(
    [
        (name, pa.timestamp("ms") if kind == "timestamp" else pa.string())
        for name, kind in POINTER_COLUMNS
    ]
)


@dataclass(frozen=True, slots=True)
class Pointer:
    """The run people see; `etag` is what the next flip must find unchanged."""

    run_id: str
    verdict: str
    etag: str


def read_pointer(objects: Objects, tenant: TenantId) -> Pointer | None:
    """Return the run a tenant's people see, or None before the first one."""
    stored = objects.get(keys.run_pointer(tenant))
    if stored is None:
        return None
    row = pq.read_table(pa.BufferReader(stored.body)).to_pylist()[0]
    return Pointer(str(row["run_id"]), str(row["verdict"]), stored.etag)


def read_manifest(objects: Objects, tenant: TenantId, run_id: str) -> RunManifest | None:
    """Return what a published run consists of, or None where it was never completed."""
    stored = objects.get(keys.run_manifest(tenant, run_id))
    return parse_manifest(stored.body) if stored else None


def flip(
    objects: Objects,
    manifest: RunManifest,
    before: Pointer | None,
    *,
    now: datetime,
    code_version: str,
) -> bool:
    """Show the run of `manifest` instead of `before`; return False when somebody else moved on."""
    row = {
        "run_id": manifest.run_id,
        "previous_run_id": before.run_id if before else None,
        "published_at": now.astimezone(UTC).replace(tzinfo=None),
        "verdict": manifest.verdict,
        "code_version": code_version,
    }
    body = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row], schema=_SCHEMA), body)
    key = keys.run_pointer(manifest.tenant_id)
    return objects.put_if(key, body.getvalue(), before.etag if before else None)
