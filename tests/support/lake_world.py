"""The lake jobs' world in memory: buckets that count their writes, a ledger that keeps conditions.

The ledger runs the very UpdateItem arguments that `contracts.ledger` renders, so a move that the
real table would refuse is refused here too.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from obstore.store import MemoryStore
from pyarrow import parquet

from contracts.keys import parse_lake_file
from contracts.ledger import Call, State, read_call, render_new
from contracts.tables import LAKE_TABLES
from contracts.tenant import TenantId
from transforms.flatten import Options, flatten
from transforms.migrate import migrate
from transforms.ports import Fetched, Listed, Ports
from transforms.store import ObjectStore

BUCKET = "cci-lite-lake-000000000000-eu-central-1"
NOW = datetime(2026, 2, 1, 2, 0, tzinfo=UTC)
WRITTEN = datetime(2026, 1, 31, 2, 0, tzinfo=UTC)


class Crash(Exception):
    """The process dies here."""


class MemoryObjects(ObjectStore):
    """A bucket in memory; `puts` are the keys written, `dies_at` ends the process before a write.

    Objects are read as written at one fixed time, as in a bucket that a rerun finds unchanged.
    """

    def __init__(self) -> None:
        super().__init__(MemoryStore(), in_flight=4)
        self.puts: list[str] = []
        self.dies_at: Callable[[str], bool] = lambda _key: False

    def read_many(self, keys: Iterable[str]) -> Iterator[Fetched | None]:
        for fetched in super().read_many(keys):
            yield fetched and Fetched(_at_one_time(fetched.listed), fetched.body)

    def list(self, prefix: str) -> Iterator[Listed]:
        return map(_at_one_time, super().list(prefix))

    def put_once(self, key: str, body: bytes) -> bool:
        self._live(key)
        is_new = super().put_once(key, body)
        self.puts += [key] if is_new else []
        return is_new

    def put(self, key: str, body: bytes) -> None:
        self._live(key)
        super().put(key, body)
        self.puts.append(key)

    def list_keys(self, prefix: str = "") -> Sequence[str]:
        return [listed.key for listed in self.list(prefix)]

    def body(self, key: str) -> bytes:
        fetched = next(self.read_many([key]))
        assert fetched is not None, key
        assert fetched.body is not None, key
        return fetched.body

    def _live(self, key: str) -> None:
        if self.dies_at(key):
            raise Crash(key)


@dataclass
class MemoryLedger:
    """The calls table; `dies_after` moves the process ends."""

    items: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    dies_after: int | None = None

    def find_final(self, tenant: TenantId) -> Iterator[Call]:
        wanted = f"{State.FINAL.value}#{tenant}"
        found = [item for item in self.items.values() if item["state_pk"] == wanted]
        return iter([read_call(one) for one in sorted(found, key=lambda one: one["state_sk"])])

    def read(self, keys: Iterable[tuple[TenantId, str]]) -> dict[tuple[TenantId, str], Call]:
        found = {}
        for tenant, call_id in keys:
            item = self.items.get((f"TENANT#{tenant}", f"CALL#{call_id}"))
            if item:
                found[tenant, call_id] = read_call(deepcopy(item))
        return found

    def enter(self, put: Mapping[str, Any]) -> bool:
        item = dict(put["Item"])
        if (item["pk"], item["sk"]) in self.items:
            return False
        self.items[item["pk"], item["sk"]] = item
        return True

    def move(self, updates: Sequence[Mapping[str, Any]]) -> int:
        refused = 0
        for update in updates:
            if self.dies_after is not None:
                self.dies_after -= 1
                if self.dies_after < 0:
                    raise Crash("move")
            refused += not self._update(update)
        return refused

    def state(self, tenant: str, call_id: str) -> str:
        return str(self.items[f"TENANT#{tenant}", f"CALL#{call_id}"]["state"])

    def states(self) -> dict[tuple[str, str], str]:
        return {
            (pk.partition("#")[2], sk.partition("#")[2]): item["state"]
            for (pk, sk), item in self.items.items()
        }

    def _update(self, update: Mapping[str, Any]) -> bool:
        item = self.items[update["Key"]["pk"], update["Key"]["sk"]]
        names, values = update["ExpressionAttributeNames"], update["ExpressionAttributeValues"]
        if not all(
            _holds(item, condition, names, values)
            for condition in update["ConditionExpression"].split(" AND ")
        ):
            return False
        sets, _, removes = update["UpdateExpression"].removeprefix("SET ").partition(" REMOVE ")
        for change in sets.split(", "):
            _set(item, change, names, values)
        for mark in filter(None, removes.split(", ")):
            item.pop(names[mark], None)
        return True


@dataclass
class MemoryConfig:
    """The configuration table."""

    tenants: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def find_tenants(self) -> dict[TenantId, dict[str, Any]]:
        return {
            TenantId(tenant): next(item for item in items if item["sk"] == "META#v1")
            for tenant, items in sorted(self.tenants.items())
        }

    def read_tenant(self, tenant: TenantId) -> list[dict[str, Any]]:
        return sorted(self.tenants[tenant], key=lambda item: str(item["sk"]))


@dataclass
class MemoryCatalog:
    """A Glue database; `writes` counts what was changed."""

    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    partitions: dict[str, dict[tuple[str, ...], dict[str, Any]]] = field(default_factory=dict)
    writes: int = 0

    def read_table(self, name: str) -> dict[str, Any] | None:
        found = self.tables.get(name)
        return {**deepcopy(found), "CreateTime": NOW, "DatabaseName": "any"} if found else None

    def create_table(self, table: Mapping[str, Any]) -> None:
        assert table["Name"] not in self.tables
        self.update_table(table)

    def update_table(self, table: Mapping[str, Any]) -> None:
        self.writes += 1
        self.tables[table["Name"]] = deepcopy(dict(table))

    def find_missing(self, table: str, values: Sequence[Sequence[str]]) -> list[list[str]]:
        there = self.partitions.get(table, {})
        return [list(value) for value in values if tuple(value) not in there]

    def create_partitions(self, table: str, partitions: Sequence[Mapping[str, Any]]) -> None:
        for one in partitions:
            assert tuple(one["Values"]) not in self.partitions.get(table, {})
        self.update_partitions(table, partitions)

    def read_partitions(self, table: str) -> list[dict[str, Any]]:
        return list(self.partitions.get(table, {}).values())

    def update_partitions(self, table: str, partitions: Sequence[Mapping[str, Any]]) -> None:
        assert table in self.tables, f"no table {table}"
        for one in partitions:
            self.writes += 1
            self.partitions.setdefault(table, {})[tuple(one["Values"])] = deepcopy(dict(one))

    def delete_partitions(self, table: str, values: Sequence[Sequence[str]]) -> None:
        for value in values:
            self.writes += 1
            del self.partitions[table][tuple(value)]


class FixedClock:
    """Always the same moment."""

    def now(self) -> datetime:
        return NOW


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


def meta(tenant: str, **more: Any) -> dict[str, Any]:
    """Return the META item of a tenant."""
    return {"pk": f"TENANT#{tenant}", "sk": "META#v1", "kind": "META", "name": tenant, **more}


def read_file(body: bytes) -> pa.Table:
    """Return the rows of a Parquet file."""
    return parquet.ParquetFile(pa.BufferReader(body)).read()


def _at_one_time(listed: Listed) -> Listed:
    return Listed(listed.key, f"e{listed.size}", listed.size, WRITTEN)


def _holds(
    item: Mapping[str, Any], condition: str, names: Mapping[str, str], values: Mapping[str, Any]
) -> bool:
    name, operator, marks = re.fullmatch(r"(\S+) (=|<>|IN) (.+)", condition.strip()).groups()  # type: ignore[union-attr]
    wanted = [values[mark] for mark in marks.strip("()").split(", ")]
    found = item.get(names[name])
    return (found in wanted) is (operator != "<>")


def _set(
    item: dict[str, Any], change: str, names: Mapping[str, str], values: Mapping[str, Any]
) -> None:
    place, _, value = change.partition(" = ")
    outer, _, inner = place.partition(".")
    if " + " in value:
        item[names[outer]] += values[value.partition(" + ")[2]]
    elif inner:
        item[names[outer]][names[inner]] = values[value]
    else:
        item[names[outer]] = values[value]
