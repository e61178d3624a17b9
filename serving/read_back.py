"""A registered run -> what a reader would see of it, or why it is not what was audited."""

import pyarrow as pa
import pyarrow.parquet as pq

from contracts.datasets import dataset_named
from contracts.names import PUBLISHED_DATABASE
from contracts.run_manifests import RunManifest, RunTotals
from serving.ports import Objects, Ports, PublishError
from serving.views import data_columns, runs_table


def read_back(ports: Ports, manifest: RunManifest) -> None:
    """Ask Athena what a reader would see; raise PublishError where it is not what was audited."""
    if not manifest.totals:
        return
    parts = [_totals_sql(ports, manifest, total) for total in manifest.totals]
    found = {row["dataset"]: row for row in ports.queries.run("\nunion all\n".join(parts))}
    for total in manifest.totals:
        row = found.get(total.dataset) or {}
        seen = tuple(int(row.get(name) or 0) for name in ("row_count", "key_count", "counts_sum"))
        if seen != (total.row_count, total.key_count, total.counts_sum):
            raise PublishError(
                f"{manifest.tenant_id}: run {manifest.run_id} reads back rows, keys and sum of "
                f"counts {seen} in {total.dataset}, audited were "
                f"{(total.row_count, total.key_count, total.counts_sum)}; run the night again"
            )


def visible_calls(objects: Objects, manifest: RunManifest) -> dict[str, str]:
    """Return the document key of each call the run shows."""
    visible: dict[str, str] = {}
    parts = [part for part in manifest.partitions if part.dataset == "fct_calls"]
    for file in (file for part in parts for file in part.files):
        stored = objects.get(file.key)
        if stored is None:
            raise PublishError(f"{manifest.tenant_id}: {file.key} of {manifest.run_id} is gone")
        table = pq.read_table(pa.BufferReader(stored.body), columns=["call_id", "document_key"])
        visible.update(
            zip(table["call_id"].to_pylist(), table["document_key"].to_pylist(), strict=True)
        )
    return visible


def _totals_sql(ports: Ports, manifest: RunManifest, total: RunTotals) -> str:
    dataset = dataset_named(total.dataset)
    table = ports.catalogue.table(PUBLISHED_DATABASE, runs_table(dataset)) or {}
    names = [column["Name"] for column in data_columns(table)]
    counts = [f'coalesce("{name}", 0)' for name in names if name.endswith("_count")]
    key = ", ".join(f'"{name}"' for name in dataset.key)
    return (  # the tenant, the run id and all names are checked words of ours
        f"select '{dataset.name}' as dataset, cast(sum(rows_here) as bigint) as row_count, "  # noqa: S608
        "count(*) as key_count, cast(sum(counts_here) as bigint) as counts_sum from ("
        f"select count(*) as rows_here, sum({' + '.join(counts) or '0'}) as counts_here "
        f"from {PUBLISHED_DATABASE}.{runs_table(dataset)} "
        f"where tenant_id = '{manifest.tenant_id}' and run_id = '{manifest.run_id}' "
        f"group by {key}) as keyed"
    )
