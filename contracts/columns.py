"""What a column and a table of the lake are; `tables.py` lists them all."""

from dataclasses import dataclass, replace
from typing import Any, Literal

Kind = Literal["key", "detail", "text"]
RetentionClass = Literal["detail", "text", "cost", "quality", "config"]

GLUE_COMMENT_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Column:
    """One column, defined once.

    `path` is its place in a v1.3 document (`[]` for members of a list); a path beginning with `@`
    comes from elsewhere: `@origin` the object read, `@reading` what the loader did, `@count` rows
    written, `@position` the number within its list, `@config` and `@ledger` DynamoDB items.
    `text` as kind means words people spoke or a model wrote about them.
    """

    name: str
    type: str
    description: str
    path: str
    unit: str | None = None
    nullable: bool = True
    words: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    kind: Kind = "detail"
    since: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """One table: `grain` is a sentence, `key` holds per tenant, `sort` is the order in a file."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    sort: tuple[str, ...]
    retention_class: RetentionClass
    partitions: tuple[str, ...] = ("tenant_id", "call_month")

    def column(self, name: str) -> Column:
        """Return the column called `name`; raise KeyError where the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name!r}")


def under(group: str, *columns: Column) -> tuple[Column, ...]:
    """Return `columns` with their paths placed inside `group`, such as `transcript.turns[]`.

    Paths that begin with `@` come from elsewhere and stay.
    """
    return tuple(
        column if column.path.startswith("@") else replace(column, path=f"{group}.{column.path}")
        for column in columns
    )


def string(name: str, description: str, path: str = "", **more: Any) -> Column:
    """Return a string column; its path is its name unless given."""
    return Column(name, "string", description, path or name, **more)


def boolean(name: str, description: str, path: str = "", **more: Any) -> Column:
    """Return a boolean column."""
    return Column(name, "boolean", description, path or name, **more)


def integer(name: str, description: str, path: str = "", **more: Any) -> Column:
    """Return a 32-bit column that is never negative."""
    return Column(name, "int", description, path or name, **{"minimum": 0, **more})


def bigint(name: str, description: str, path: str = "", **more: Any) -> Column:
    """Return a 64-bit column that is never negative."""
    return Column(name, "bigint", description, path or name, **{"minimum": 0, **more})


def double(name: str, description: str, path: str = "", **more: Any) -> Column:
    """Return a double column."""
    return Column(name, "double", description, path or name, **more)


def seconds(name: str, description: str, path: str = "") -> Column:
    """Return a column of seconds, at most a day."""
    return double(name, description, path, unit="seconds", minimum=0, maximum=86_400)


def fraction(name: str, description: str, path: str = "") -> Column:
    """Return a column of fractions, 0-1."""
    return double(name, description, path, unit="fraction", minimum=0, maximum=1)


def timestamp(name: str, description: str, path: str = "", **more: Any) -> Column:
    """Return a column of UTC times, to the millisecond, without a zone."""
    return Column(name, "timestamp", description, path or name, unit="UTC", **more)


def position(name: str, of: str) -> Column:
    """Return the number of a row within its list in the document, from 1."""
    return integer(
        name, f"Number of the {of} in its document, from 1.", "@position", nullable=False, minimum=1
    )
