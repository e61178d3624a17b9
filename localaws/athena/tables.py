"""What a table or view is, as a query sees it; where it comes from is the catalog's business."""

from dataclasses import dataclass
from typing import Any, Protocol

from localaws.athena.trino_types import Type

Columns = tuple[tuple[str, Type], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: data columns, partition keys, hidden ones; `glue` is Glue's description.

    `iceberg` is what is read of an Iceberg table (iceberg_tables.Source), None for others.
    """

    schema: str
    name: str
    columns: Columns
    keys: Columns = ()
    glue: Any = None
    iceberg: Any = None


@dataclass(frozen=True, slots=True)
class View:
    """A view: its text, the database its names resolve in, its own name and its columns' names."""

    sql: str
    schema: str
    name: str
    columns: tuple[str, ...]


class Tables(Protocol):
    """Finds tables by name."""

    def find(self, schema: str, name: str) -> Table | View:
        """Return a table or view; raise QueryFailed TABLE_NOT_FOUND or SCHEMA_NOT_FOUND."""
