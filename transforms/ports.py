"""What the lake jobs need of the world: objects, the ledger, configuration, the catalogue, a clock.

The real ones are in `store.py` and `aws.py`; tests pass memory.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from contracts.ledger import Call
from contracts.tenant import TenantId

Say = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing or a read describes it; `etag` without quotes, the time is UTC."""

    key: str
    etag: str
    size: int
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class Fetched:
    """An object with its bytes, None where it is too large to be read."""

    listed: Listed
    body: bytes | None


class Objects(Protocol):
    """One bucket."""

    def read_many(self, keys: Iterable[str]) -> Iterator[Fetched | None]:
        """Yield the objects in the order of `keys`, None for one that is not there."""

    def list(self, prefix: str) -> Iterator[Listed]:
        """Yield the objects below a prefix of whole segments, in key order."""

    def put_once(self, key: str, body: bytes) -> bool:
        """Write unless the key exists; say whether this call wrote it."""

    def put(self, key: str, body: bytes) -> None:
        """Write, replacing what is there."""

    def has(self, key: str) -> bool:
        """Say whether the object is there."""

    def delete(self, keys: Sequence[str]) -> None:
        """Delete the objects; one that is not there is no error."""


class Ledger(Protocol):
    """The calls table; every write is an argument dict rendered by `contracts.ledger`."""

    def find_final(self, tenant: TenantId) -> Iterator[Call]:
        """Yield the tenant's FINAL calls in (call date, id) order; the index may lag."""

    def read(self, keys: Iterable[tuple[TenantId, str]]) -> dict[tuple[TenantId, str], Call]:
        """Return the calls that exist, by (tenant, call id), read consistently."""

    def enter(self, put: Mapping[str, Any]) -> bool:
        """Put a new call; False when there is one already."""

    def move(self, updates: Sequence[Mapping[str, Any]]) -> int:
        """Make the conditional updates; return how many were dropped by their condition."""


class Config(Protocol):
    """The configuration table."""

    def find_tenants(self) -> dict[TenantId, dict[str, Any]]:
        """Return the META item of each registered tenant, in the order of their ids."""

    def read_tenant(self, tenant: TenantId) -> list[dict[str, Any]]:
        """Return every item of a tenant, sorted by `sk`."""


class Catalog(Protocol):
    """One Glue database, `cci_lite_lake`."""

    def read_table(self, name: str) -> dict[str, Any] | None:
        """Return Glue's description of a table, or None."""

    def create_table(self, table: Mapping[str, Any]) -> None:
        """Create a table from a TableInput."""

    def update_table(self, table: Mapping[str, Any]) -> None:
        """Replace a table by a TableInput."""

    def find_missing(self, table: str, values: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return those partition values that the table has no partition for."""

    def create_partitions(self, table: str, partitions: Sequence[Mapping[str, Any]]) -> None:
        """Create partitions from PartitionInputs; raise LakeError naming the first refused."""

    def read_partitions(self, table: str) -> list[dict[str, Any]]:
        """Return every partition of a table."""

    def update_partitions(self, table: str, partitions: Sequence[Mapping[str, Any]]) -> None:
        """Replace partitions, found by their `Values`; raise LakeError on a refusal."""

    def delete_partitions(self, table: str, values: Sequence[Sequence[str]]) -> None:
        """Drop partitions; the objects behind them stay."""


class Clock(Protocol):
    """The time of the ledger and of reasons; never of a lake file."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""


class LakeError(Exception):
    """The lake or its catalogue refused a write; a rerun goes on where this one stopped."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything the flatten job touches."""

    results: Objects
    lake: Objects
    ledger: Ledger
    config: Config
    catalog: Catalog
    clock: Clock
    lake_bucket: str
    say: Say
