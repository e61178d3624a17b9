"""An AWS of dictionaries for gate and publishing, whose power can be cut after any effect."""

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from contracts.datasets import DATASETS, dataset_named
from contracts.ledger import State, read_call, render_new
from contracts.names import BUILD_DATABASE, PUBLISHED_DATABASE
from contracts.run_manifests import DataFile
from contracts.tenant import TenantId, parse_tenant
from expectations import gate
from expectations.ports import BuildPartition, BuildTable
from serving.ports import Ports, PublishError, Stored
from tests.support.mart_rows import DOCUMENT_HASH, good_rows
from tests.support.mart_types import TYPES
from tests.support.power import Power

BUCKET = "lake"
BUILT_AT = "2026-01-30T01:00:00.000Z"
FLATTENED_AT = "2026-01-30T00:30:00Z"


@dataclass
class World:
    """Objects, catalogue, ledger and tenants in memory; implements every port of both packages."""

    power: Power = field(default_factory=Power)
    objects: dict[str, bytes] = field(default_factory=dict)
    tables: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    partitions: dict[tuple[str, str, tuple[str, ...]], str] = field(default_factory=dict)
    items: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    registered: dict[TenantId, str] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)

    # -- what dbt and the ledger left

    def build(self, dataset: str, tenant: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write a mart's partition as dbt does: the folder is emptied, then one file written."""
        kind = dataset_named(dataset)
        types = {name: kind_ for name, kind_ in TYPES[dataset].items() if name not in _DERIVED}
        month = "call_month=2026-01/" if kind.has_month else ""
        tenant_folder = "" if kind.is_alone else f"tenant_id={tenant}/"
        prefix = f"build/{dataset}/{tenant_folder}{month}"
        plain = [{name: row[name] for name in types} for row in rows]
        table = pa.Table.from_pylist(plain, schema=pa.schema(types.items()))
        for key in self.keys(prefix):
            del self.objects[key]
        body = io.BytesIO()
        pq.write_table(table, body)
        self.objects[f"{prefix}{hashlib.sha256(body.getvalue()).hexdigest()[:8]}"] = body.getvalue()
        self._describe_build(dataset, list(types.items()), kind.has_month, kind.is_alone)

    def build_all(self, tenant: str) -> None:
        """Build every mart of a tenant from rows that pass."""
        for dataset in DATASETS:
            if not dataset.is_alone:
                self.build(dataset.name, tenant, good_rows(dataset.name))

    def receive(self, tenant: str, call_id: str, state: State = State.FLATTENED) -> None:
        """Put a call into the ledger."""
        put = render_new(
            parse_tenant(tenant),
            call_id,
            now=FLATTENED_AT,
            by="test",
            sets={"document_hash": DOCUMENT_HASH, "call_date": "2026-01-29"},
        )["Item"]
        put |= {"state": state.value, "at": {"FLATTENED": FLATTENED_AT}}
        self.items[tenant, call_id] = put

    # -- expectations.ports

    def table(self, *names: str) -> Any:
        """Answer both ports: the build by model, the catalogue by (database, table)."""
        if len(names) == 2:
            found = self.tables.get((names[0], names[1]))
            return {**found} if found else None
        described = self.tables.get((BUILD_DATABASE, names[0]))
        if described is None:
            return None
        columns = tuple(c["Name"] for c in described["StorageDescriptor"]["Columns"])
        prefixes = {key.rpartition("/")[0] for key in self.keys(f"build/{names[0]}/")}
        parts = [_partition(f"{prefix}/") for prefix in sorted(prefixes)]
        return BuildTable(columns, tuple(parts), BUILT_AT)

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))

    def read(self, key: str) -> tuple[bytes, str]:
        return self.objects[key], _etag(self.objects[key])

    def tenants(self) -> dict[TenantId, str]:
        return dict(self.registered)

    def newest(self, prefix: str) -> bytes | None:
        found = self.keys(prefix)
        return self.objects[found[-1]] if found else None

    # -- serving.ports

    def get(self, key: str) -> Stored | None:
        body = self.objects.get(key)
        return None if body is None else Stored(body, _etag(body))

    def put(self, key: str, body: bytes) -> None:
        self.objects[key] = body
        self.power.spend()

    def put_if(self, key: str, body: bytes, etag: str | None) -> bool:
        there = self.objects.get(key)
        if (None if there is None else _etag(there)) != etag:
            return False
        self.put(key, body)
        return True

    def copy(self, source: DataFile, target: str) -> str:
        body = self.objects.get(source.key)
        if body is None or _etag(body) != source.etag:
            raise PublishError(f"{source.key} was rebuilt")
        self.put(target, body)
        return _etag(body)

    def put_table(self, database: str, table: Mapping[str, Any]) -> None:
        self.tables[database, table["Name"]] = dict(table)
        self.power.spend()

    def add_partitions(
        self, database: str, table: str, partitions: Sequence[Mapping[str, Any]]
    ) -> list[tuple[str, ...]]:
        taken = []
        for partition in partitions:
            key = (database, table, tuple(partition["Values"]))
            if key in self.partitions:
                taken.append(key[2])
            else:
                self.partitions[key] = partition["StorageDescriptor"]["Location"]
                self.power.spend()
        return taken

    def location(self, database: str, table: str, values: Sequence[str]) -> str:
        return self.partitions[database, table, tuple(values)]

    def move_partition(self, database: str, table: str, partition: Mapping[str, Any]) -> None:
        key = (database, table, tuple(partition["Values"]))
        self.partitions[key] = partition["StorageDescriptor"]["Location"]
        self.power.spend()

    def run(self, sql: str) -> list[dict[str, str | None]]:
        self.statements.append(sql)
        if sql.startswith("create"):
            self._create_view(sql)
            return []
        tenant, run_id = _one(r"tenant_id = '([^']+)'", sql), _one(r"run_id = '([^']+)'", sql)
        names = re.findall(r"select '([a-z_]+)' as dataset", sql)
        return [self._totals(name, tenant, run_id) for name in names]

    def move(self, updates: Sequence[Mapping[str, Any]]) -> int:
        moved = 0
        for update in updates:
            key = (update["Key"]["pk"].partition("#")[2], update["Key"]["sk"].partition("#")[2])
            if self.items[key]["state"] == State.FLATTENED:
                values = update["ExpressionAttributeValues"].values()
                run_id = next(v for v in values if re.fullmatch(r"\d{8}T\d{6}Z-\w+", str(v)))
                self.items[key] |= {"state": State.PUBLISHED.value, "published_run_id": run_id}
                moved += 1
                self.power.spend()
        return moved

    # -- what people see

    def shown(self, dataset: str, tenant: str) -> list[dict[str, Any]] | None:
        """Return the rows of a view for a tenant; None before its first run."""
        pointer = self.objects.get(f"published/runs/tenant_id={tenant}/current.parquet")
        if pointer is None:
            return None
        run_id = pq.read_table(pa.BufferReader(pointer)).to_pylist()[0]["run_id"]
        return self._rows(dataset, tenant, run_id)

    def state_of(self, tenant: str, call_id: str) -> State:
        return State(self.items[tenant, call_id]["state"])

    def _rows(self, dataset: str, tenant: str, run_id: str) -> list[dict[str, Any]]:
        table = f"{dataset_named(dataset).published_as}__runs"
        rows: list[dict[str, Any]] = []
        for (database, name, values), location in sorted(self.partitions.items()):
            if (database, name) == (PUBLISHED_DATABASE, table) and values[:2] == (tenant, run_id):
                for key in self.keys(location.removeprefix(f"s3://{BUCKET}/")):
                    rows += pq.read_table(pa.BufferReader(self.objects[key])).to_pylist()
        return rows

    def _totals(self, dataset: str, tenant: str, run_id: str) -> dict[str, str | None]:
        rows = self._rows(dataset, tenant, run_id)
        key = dataset_named(dataset).key
        counts = sum(
            value or 0 for row in rows for name, value in row.items() if name.endswith("_count")
        )
        return {
            "dataset": dataset,
            "row_count": str(len(rows)),
            "key_count": str(len({tuple(row[name] for name in key) for row in rows})),
            "counts_sum": str(counts),
        }

    def _create_view(self, sql: str) -> None:
        name = _one(rf"view {PUBLISHED_DATABASE}\.(\w+) as", sql)
        self.tables[PUBLISHED_DATABASE, name] = {"Name": name, "TableType": "VIRTUAL_VIEW"}
        self.power.spend()

    def _describe_build(
        self, dataset: str, types: list[tuple[str, pa.DataType]], has_month: bool, is_alone: bool
    ) -> None:
        partitions = [] if is_alone else ["tenant_id", *(["call_month"] if has_month else [])]
        self.tables[BUILD_DATABASE, dataset] = {
            "Name": dataset,
            "PartitionKeys": [{"Name": name, "Type": "string"} for name in partitions],
            "StorageDescriptor": {
                "Columns": [{"Name": name, "Type": str(kind)} for name, kind in types],
                "Location": f"s3://{BUCKET}/build/{dataset}",
            },
        }


class CallsOf:
    """`expectations.ports.Calls` and `serving.ports.Ledger` on one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def tenants(self) -> dict[TenantId, str]:
        return self._world.tenants()

    def calls(self, tenant: TenantId, state: State | None = None) -> Any:
        found = [item for (owner, _), item in self._world.items.items() if owner == tenant]
        if state is None:
            return found
        return [read_call(item) for item in found if item["state"] == state]

    def move(self, updates: Sequence[Mapping[str, Any]]) -> int:
        return self._world.move(updates)


def new_world() -> World:
    """Return a world with `acme` and `acme-uk`, the same call ids, all marts built and good."""
    world = World(registered={parse_tenant("acme"): "active", parse_tenant("acme-uk"): "active"})
    for tenant in world.registered:
        world.build_all(tenant)
        for row in good_rows("fct_calls"):
            world.receive(tenant, row["call_id"])
    world.build("rls_rules", "", good_rows("rls_rules"))
    world.tables[BUILD_DATABASE, gate.NEWEST_SOURCE] = world.tables[BUILD_DATABASE, "fct_calls"]
    return world


def serving_ports(world: World) -> Ports:
    """Return the world as publishing sees it."""
    return Ports(world, world, world, CallsOf(world), BUCKET)


def gate_ports(world: World, judge: Any) -> gate.Ports:
    """Return the world as the gate sees it."""
    return gate.Ports(world, CallsOf(world), world, judge)


_DERIVED = frozenset({"names_count", "is_active", "rules_count"})


def _partition(prefix: str) -> BuildPartition:
    tenant = re.search(r"tenant_id=([^/]+)/", prefix)
    month = re.search(r"call_month=([^/]+)/", prefix)
    return BuildPartition(tenant and tenant[1], month and month[1], prefix)


def _etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _one(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, f"{pattern} is not in {text}"
    return found[1]
