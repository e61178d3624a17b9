"""The port between Athena's API and an engine: work goes in, an outcome comes out.

Behind it are DuckDB in worker processes, or a Trino server. What lives on Glue alone (DDL, SHOW)
never passes here.
"""

from dataclasses import dataclass, field
from typing import Protocol

from localaws.athena.scopes import Column
from localaws.athena.statements import Executable, Statement
from localaws.athena.trino_types import Type
from localaws.caller import Caller


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


class EngineDied(Exception):
    """The process that ran a query ended, or was ended, before it answered."""


class Engine(Protocol):
    """Runs queries; safe to use from many threads."""

    def check(self, statement: Statement, database: str) -> None:
        """Raise SyntaxRefused if the text of a statement's query does not parse."""

    def execute(self, work: Work) -> Outcome:
        """Run a query, write its result files; raise QueryFailed, CutOff or EngineDied."""

    def describe(self, query: str, database: str, caller: Caller) -> tuple[Column, ...]:
        """Return a query's columns without reading data; raise QueryFailed if it is not valid."""

    def kill(self, query_id: str) -> None:
        """End a query, or keep it from starting; it leaves no table and no partition."""

    def fault(self) -> str:
        """Return why the engine can run nothing more and what to do, or nothing."""

    def close(self) -> None:
        """End the processes that run queries."""
