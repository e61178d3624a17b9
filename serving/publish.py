"""One tenant's audited run -> what its people see, by steps that can each be repeated.

Files first, then partitions under a new run_id that no view shows yet, then a read-back through
Athena, and last one conditional PUT that flips all datasets at once. Killed anywhere, readers see
the old run or the new one, and a rerun of the same run_id converges (serving.md 2.2).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from contracts import keys
from contracts.datasets import DATASETS, RLS_RULES, dataset_named
from contracts.ledger import State
from contracts.names import BUILD_DATABASE, PUBLISHED_DATABASE
from contracts.run_manifests import (
    DataFile,
    RunManifest,
    RunPartition,
    parse_manifest,
    render_manifest,
)
from contracts.tenant import TenantId
from contracts.verdicts import BLOCKING, WHOLE
from serving.ports import Objects, Ports, PublishError
from serving.read_back import read_back, visible_calls
from serving.run_ids import is_run_id
from serving.runs import Pointer, flip, read_manifest, read_pointer
from serving.settle import refuse_erased, settle
from serving.views import (
    POINTERS,
    data_columns,
    external_table,
    partition_at,
    register_partition,
    runs_table,
)

_CONTENT_HASH: Final = "cci.content_hash"


def is_news(objects: Objects, manifest: RunManifest) -> bool:
    """Return whether a run would show anything that the current one does not."""
    pointer = read_pointer(objects, manifest.tenant_id)
    if pointer is None:
        return bool(manifest.partitions)
    current = read_manifest(objects, manifest.tenant_id, pointer.run_id)
    if current is None or pointer.verdict != manifest.verdict:
        return True
    return current.contents() != manifest.contents()


def publish_run(
    ports: Ports, tenant: TenantId, run_id: str, *, now: datetime, code_version: str
) -> None:
    """Publish what the gate audited under `run_id`; safe to repeat.

    Raise PublishError, and leave the last run shown, when the audit is missing or blocked, the
    build changed since, the read-back differs, a call was erased, or another publisher was faster.
    """
    pointer = read_pointer(ports.objects, tenant)
    if pointer and pointer.run_id > run_id:
        raise PublishError(f"{tenant}: run {pointer.run_id} is newer than {run_id} and shown")
    audited = _audited(ports.objects, tenant, run_id)
    before = read_manifest(ports.objects, tenant, pointer.run_id) if pointer else None
    manifest = _place(ports.objects, audited, before)
    _register(ports, manifest)
    ports.objects.put(keys.run_manifest(tenant, run_id), render_manifest(manifest))
    read_back(ports, manifest)
    visible = visible_calls(ports.objects, manifest)
    refuse_erased(ports.ledger, tenant, visible)
    if pointer is None or pointer.run_id != run_id:
        _show(ports, manifest, pointer, now=now, code_version=code_version)
    settle(ports.ledger, tenant, run_id, visible, now=now)


def settle_run(ports: Ports, tenant: TenantId, *, now: datetime) -> str | None:
    """Make the ledger say PUBLISHED for what the current run shows; return that run, or None.

    For a tenant without news: a publisher that died after its flip left such moves undone.
    """
    pointer = read_pointer(ports.objects, tenant)
    manifest = read_manifest(ports.objects, tenant, pointer.run_id) if pointer else None
    if manifest and ports.ledger.calls(tenant, State.FLATTENED):
        visible = visible_calls(ports.objects, manifest)
        settle(ports.ledger, tenant, manifest.run_id, visible, now=now)
    return pointer.run_id if pointer else None


def publish_rules(ports: Ports, files: Sequence[DataFile], content_hash: str, run_id: str) -> bool:
    """Publish the access rules, alone and before all tenants; return whether they changed.

    They have no runs to go back to: going back would restore revoked access.
    """
    built = ports.catalogue.table(BUILD_DATABASE, RLS_RULES)
    shown = ports.catalogue.table(PUBLISHED_DATABASE, RLS_RULES)
    if built is None:
        raise PublishError(f"{RLS_RULES} is not built: see the job cci-lite-dbt")
    if shown and shown.get("Parameters", {}).get(_CONTENT_HASH) == content_hash:
        return False
    folder = keys.published_alone(RLS_RULES, run_id)
    for file in files:
        ports.objects.copy(file, f"{folder}{_name(file)}")
    table = external_table(RLS_RULES, data_columns(built), (), f"s3://{ports.bucket}/{folder}")
    parameters = {**table["Parameters"], _CONTENT_HASH: content_hash, "cci.run_id": run_id}
    ports.catalogue.put_table(PUBLISHED_DATABASE, {**table, "Parameters": parameters})
    return True


def _audited(objects: Objects, tenant: TenantId, run_id: str) -> RunManifest:
    """Return the gate's manifest; a verdict row that is missing counts as FAIL."""
    stored = objects.get(keys.audit_manifest(tenant, run_id))
    if stored is None or not is_run_id(run_id):
        raise PublishError(f"{tenant}: the gate left no audit of run {run_id}; run the gate first")
    manifest = parse_manifest(stored.body)
    statuses = _statuses(objects, tenant, run_id)
    blocked = [each.name for each in DATASETS if statuses.get(each.name, "FAIL") in BLOCKING]
    if blocked or manifest.tenant_id != tenant or manifest.verdict in BLOCKING:
        raise PublishError(f"{tenant}: run {run_id} has no pass for {', '.join(blocked) or 'all'}")
    return manifest


def _statuses(objects: Objects, tenant: TenantId, run_id: str) -> dict[str, str]:
    stored = objects.get(keys.verdicts_file(tenant, run_id))
    if stored is None:
        return {}
    rows = pq.read_table(pa.BufferReader(stored.body)).to_pylist()
    return {row["dataset"]: row["status"] for row in rows if row["expectation_id"] == WHOLE}


def _place(objects: Objects, audited: RunManifest, before: RunManifest | None) -> RunManifest:
    """Copy what changed; leave what did not where it lies. Return where readers find each part."""
    old = {(p.dataset, p.call_month): p for p in before.partitions} if before else {}
    placed = []
    for partition in audited.partitions:
        known = old.get((partition.dataset, partition.call_month))
        if known and known.content_hash == partition.content_hash:
            placed.append(known)
        else:
            placed.append(_copy(objects, partition, audited))
    return replace(audited, partitions=tuple(placed))


def _copy(objects: Objects, partition: RunPartition, run: RunManifest) -> RunPartition:
    prefix = keys.published_partition(
        partition.dataset, run.tenant_id, run.run_id, partition.call_month
    )
    files = []
    for source in partition.files:
        target = f"{prefix}{_name(source)}"
        files.append(DataFile(target, objects.copy(source, target), source.size_bytes))
    return replace(partition, prefix=prefix, files=tuple(files))


def _register(ports: Ports, manifest: RunManifest) -> None:
    for total in manifest.totals:
        name = runs_table(dataset_named(total.dataset))
        table = ports.catalogue.table(PUBLISHED_DATABASE, name)
        if table is None:
            raise PublishError(f"{PUBLISHED_DATABASE}.{name} is missing: run the job again")
        wanted = [
            partition_at(
                table,
                (manifest.tenant_id, manifest.run_id, part.call_month),
                f"s3://{ports.bucket}/{part.prefix}",
            )
            for part in manifest.partitions
            if part.dataset == total.dataset
        ]
        for values in ports.catalogue.add_partitions(PUBLISHED_DATABASE, name, wanted):
            _repair(ports, name, next(each for each in wanted if tuple(each["Values"]) == values))


def _repair(ports: Ports, table: str, partition: dict[str, object]) -> None:
    """Point a partition of a half-done try where it belongs."""
    values, storage = partition["Values"], partition["StorageDescriptor"]
    found = ports.catalogue.location(PUBLISHED_DATABASE, table, values)  # type: ignore[arg-type]
    if found.rstrip("/") != storage["Location"].rstrip("/"):  # type: ignore[index]
        ports.catalogue.move_partition(PUBLISHED_DATABASE, table, partition)


def _show(
    ports: Ports, manifest: RunManifest, before: Pointer | None, *, now: datetime, code_version: str
) -> None:
    tenant = manifest.tenant_id
    folder = f"{keys.run_pointer(tenant).rpartition('/')[0]}/"
    register_partition(ports, POINTERS, (tenant,), folder)
    if flip(ports.objects, manifest, before, now=now, code_version=code_version):
        return
    found = read_pointer(ports.objects, tenant)
    if found is None or found.run_id != manifest.run_id:  # else: our own PUT, its answer was lost
        raise PublishError(
            f"{tenant}: another publisher moved the run pointer; {manifest.run_id} is not shown"
        )


def _name(file: DataFile) -> str:
    return file.key.rpartition("/")[2]
