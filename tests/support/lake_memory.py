"""The ports of the lake jobs in memory: buckets that count their writes, a ledger of conditions.

The ledger runs the very UpdateItem arguments that `contracts.ledger` renders, so a move that the
real table would refuse is refused here too.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from obstore.store import MemoryStore

from contracts.ledger import Call, State, read_call
from contracts.tenant import TenantId
from transforms.ports import Fetched, Listed
from transforms.store import ObjectStore

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


def _at_one_time(listed: Listed) -> Listed:
    return Listed(listed.key, f"e{listed.size}", listed.size, WRITTEN)


def _holds(
    item: Mapping[str, Any], condition: str, names: Mapping[str, str], values: Mapping[str, Any]
) -> bool:
    read = re.fullmatch(r"(\S+) (=|<>|IN) (.+)", condition.strip())
    assert read, condition
    name, operator, marks = read.groups()
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
