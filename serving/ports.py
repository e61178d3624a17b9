"""What publishing needs from outside; the real ones are in `aws.py`, tests pass memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from contracts.ledger import Call, State
from contracts.run_manifests import DataFile
from contracts.tenant import TenantId


class PublishError(Exception):
    """This tenant's run cannot be published now; readers still see the last good one."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object and the ETag that the next conditional write must name."""

    body: bytes
    etag: str


class Objects(Protocol):
    """The lake bucket."""

    def get(self, key: str) -> Stored | None:
        """Return the object, or None where there is none."""

    def put(self, key: str, body: bytes) -> None:
        """Write an object."""

    def put_if(self, key: str, body: bytes, etag: str | None) -> bool:
        """Write only over the object with `etag` (None: only where there is none); say if done."""

    def copy(self, source: DataFile, target: str) -> str:
        """Copy server-side and return the new ETag; raise PublishError when the source changed."""


class Catalogue(Protocol):
    """The Glue catalogue."""

    def table(self, database: str, name: str) -> dict[str, Any] | None:
        """Return a table as Glue describes it, or None."""

    def put_table(self, database: str, table: Mapping[str, Any]) -> None:
        """Create or replace a table from a TableInput."""

    def add_partitions(
        self, database: str, table: str, partitions: Sequence[Mapping[str, Any]]
    ) -> list[tuple[str, ...]]:
        """Create partitions and return the values of those that exist already.

        Raise PublishError for any other refusal: Glue answers 200 with a list of `Errors`.
        """

    def location(self, database: str, table: str, values: Sequence[str]) -> str:
        """Return where a partition lies."""

    def move_partition(self, database: str, table: str, partition: Mapping[str, Any]) -> None:
        """Replace a partition found by its `Values`."""


class Queries(Protocol):
    """Athena, as people use it."""

    def run(self, sql: str) -> list[dict[str, str | None]]:
        """Run one statement and return its rows as text; raise PublishError with its reason."""


class Ledger(Protocol):
    """The calls table."""

    def calls(self, tenant: TenantId, state: State) -> list[Call]:
        """Return the tenant's calls in a state; the index may lag."""

    def move(self, updates: Sequence[Mapping[str, Any]]) -> int:
        """Send conditional updates; return how many were made. A refused one changes nothing."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything publishing touches; `bucket` is the lake bucket's name."""

    objects: Objects
    catalogue: Catalogue
    queries: Queries
    ledger: Ledger
    bucket: str
