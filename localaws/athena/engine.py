"""The port between Athena's API and an engine: work goes in, an outcome comes out.

DuckDB is behind it today. What lives on Glue alone (DDL, SHOW) never passes here.
"""

from dataclasses import dataclass, field
from typing import Protocol

from localaws.athena.scopes import Column
from localaws.athena.statements import CreateTableAs, Explain, Insert, Select, Unload
from localaws.athena.trino_types import Type
from localaws.caller import Caller

Executable = Select | CreateTableAs | Insert | Unload | Explain


@dataclass(frozen=True, slots=True)
class Work:
    """One query to run with the caller's rights.

    `output` is the folder of its result files (`s3://…/`), `cut_off` the bytes it may scan or None,
    `enforced` whether the work group forbids a location of the statement's own, `encryption` what
    PutObject is to be told.
    """

    id: str
    statement: Executable
    database: str
    caller: Caller
    output: str
    enforced: bool = False
    cut_off: int | None = None
    encryption: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result: its label and Trino type."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a query came to: `rows` of a SELECT, `updated` by a write (None: no count)."""

    columns: tuple[ResultColumn, ...] = ()
    rows: int = 0
    updated: int | None = None
    scanned: int = 0
    location: str = ""
    manifest: str = ""
    lines: tuple[str, ...] = field(default_factory=tuple)


class Engine(Protocol):
    """Runs queries."""

    def execute(self, work: Work) -> Outcome:
        """Run a query, write its result files; raise QueryFailed or CutOff."""

    def describe(self, query: str, database: str, caller: Caller) -> tuple[Column, ...]:
        """Return a query's columns without reading data; raise QueryFailed if it is not valid."""
