"""What a run of one tenant consists of: handed from the gate to publishing, kept with each run.

The gate's manifest names the build objects it judged; that of a published run names where readers
find them. Same shape, so "unchanged" is a comparison of two of these (serving.md 2.2).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from contracts.tenant import TenantId, parse_tenant


@dataclass(frozen=True, slots=True)
class DataFile:
    """One Parquet file with the ETag it had when it was judged."""

    key: str
    etag: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class RunPartition:
    """One month of a dataset (`all` where it has none); `prefix` ends in `/`.

    `content_hash` is over what the rows say, not how they are stored or ordered.
    """

    dataset: str
    call_month: str
    prefix: str
    files: tuple[DataFile, ...]
    row_count: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class RunTotals:
    """What a query over one dataset of the run must find; `counts_sum` adds all `_count`s."""

    dataset: str
    row_count: int
    key_count: int
    counts_sum: int


@dataclass(frozen=True, slots=True)
class RunManifest:
    """One tenant's run: partitions and totals in dataset order, and the verdict it passed with."""

    tenant_id: TenantId
    run_id: str
    verdict: str
    partitions: tuple[RunPartition, ...]
    totals: tuple[RunTotals, ...]

    def contents(self) -> dict[tuple[str, str], str]:
        """Return the content hash of each (dataset, month)."""
        return {(each.dataset, each.call_month): each.content_hash for each in self.partitions}


def render_manifest(manifest: RunManifest) -> bytes:
    """Return the manifest as canonical JSON: same run, same bytes."""
    return json.dumps(asdict(manifest), sort_keys=True, separators=(",", ":")).encode()


def parse_manifest(body: bytes) -> RunManifest:
    """Return the manifest in `body`; raise ValueError, KeyError or TypeError when it is not one."""
    content = json.loads(body)
    return RunManifest(
        tenant_id=parse_tenant(content["tenant_id"]),
        run_id=str(content["run_id"]),
        verdict=str(content["verdict"]),
        partitions=tuple(_partitions(content["partitions"])),
        totals=tuple(RunTotals(**each) for each in content["totals"]),
    )


def _partitions(entries: Iterable[Mapping[str, Any]]) -> Iterable[RunPartition]:
    for entry in entries:
        files = tuple(DataFile(**each) for each in entry["files"])
        yield RunPartition(**{**entry, "files": files})
