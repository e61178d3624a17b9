"""What the gate needs from outside, and what a judged expectation looks like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import pyarrow as pa

from contracts.tenant import TenantId
from expectations.suite_files import Item, Suite

Outcome = Literal["passed", "failed", "crashed"]


@dataclass(frozen=True, slots=True)
class ItemResult:
    """How one expectation fared; counts are rows, `example_keys` hold key columns only."""

    item: Item
    outcome: Outcome
    element_count: int | None = None
    unexpected_count: int | None = None
    observed: str | None = None
    example_keys: tuple[Mapping[str, Any], ...] = ()


class Judge(Protocol):
    """Runs a suite over a frame; never raises for what a frame holds: that is a crashed item."""

    def __call__(
        self, suite: Suite, frame: pa.Table, key: Sequence[str], parameters: Mapping[str, Any]
    ) -> tuple[ItemResult, ...]:
        """Return one result per item of the suite."""


@dataclass(frozen=True, slots=True)
class BuildPartition:
    """Where one partition of a mart lies; an unpartitioned mart has one, with both None."""

    tenant_id: str | None
    call_month: str | None
    prefix: str


@dataclass(frozen=True, slots=True)
class BuildTable:
    """A mart as dbt left it: column names in order, partition columns apart."""

    columns: tuple[str, ...]
    partitions: tuple[BuildPartition, ...]
    created_at: str


class Build(Protocol):
    """The marts dbt wrote, read only."""

    def table(self, model: str) -> BuildTable | None:
        """Return the model's table, or None where dbt has not built it."""

    def keys(self, prefix: str) -> list[str]:
        """Return the keys of the data files under a partition's prefix."""

    def read(self, key: str) -> tuple[bytes, str]:
        """Return the bytes of a file and the ETag they had."""


class Calls(Protocol):
    """The ledger and the configuration, read only."""

    def tenants(self) -> dict[TenantId, str]:
        """Return every registered tenant with its status."""

    def calls(self, tenant: TenantId) -> list[dict[str, Any]]:
        """Return every call's item of a tenant, consistently read."""


class Quality(Protocol):
    """Where the gate writes what it found."""

    def put(self, key: str, body: bytes) -> None:
        """Write an object of the lake bucket."""

    def newest(self, prefix: str) -> bytes | None:
        """Return the object whose key sorts last under a prefix, or None."""
