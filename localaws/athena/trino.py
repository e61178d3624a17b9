"""The engine on a real Trino: texts go to it, files and Glue entries come from it."""

import re
import threading
from collections.abc import Iterator
from typing import Any

from trino.client import TrinoQuery

from localaws.athena import results, trino_text
from localaws.athena.catalog import Catalog
from localaws.athena.engine import EngineDied, Outcome, ResultColumn, Work
from localaws.athena.failures import CutOff, QueryFailed, SyntaxRefused
from localaws.athena.scopes import Column
from localaws.athena.statements import Executable, Explain, Select, Statement
from localaws.athena.trino_client import Answer, Client
from localaws.athena.trino_server import TrinoServer
from localaws.athena.trino_text import TrinoText, placed
from localaws.athena.trino_types import parse
from localaws.athena.trino_writes import write
from localaws.caller import Caller
from localaws.settings import ACCOUNT

AT_ONCE = 4
_TOO_MUCH = "Bytes scanned limit was exceeded"
_UNNAMED = re.compile(r"_col\d+")


class TrinoEngine:
    """Runs queries on one Trino server, a few at once."""

    def __init__(self, server: TrinoServer, region: str) -> None:
        self._server = server
        self._client = Client(server.port)
        self._region = region
        self._room = threading.Semaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._running: dict[str, TrinoQuery] = {}
        self._cancelled: set[str] = set()

    def check(self, statement: Statement, database: str) -> None:
        """Raise SyntaxRefused if the text of a statement's query does not parse."""
        query = getattr(statement, "query", None) or getattr(statement, "text", None)
        if not query:
            return
        try:
            list(self._client.ask(f"PREPARE checked FROM\n{query}", database).rows)
        except QueryFailed as error:
            raise SyntaxRefused(_one_line_up(error.text)) from error
        except EngineDied:
            return

    def execute(self, work: Work) -> Outcome:
        """Run a query, write its result files; raise QueryFailed, CutOff or EngineDied."""
        self._refuse_foreign(work.caller)
        with self._room:
            try:
                return self._outcome(work, work.statement)
            except QueryFailed as error:
                if error.name == "EXCEEDED_SCAN_LIMIT":
                    raise CutOff(_TOO_MUCH) from error
                raise
            except EngineDied as error:
                if self.fault():
                    raise QueryFailed("GENERIC_INTERNAL_ERROR", self.fault()) from error
                raise
            finally:
                with self._lock:
                    self._running.pop(work.id, None)
                    self._cancelled.discard(work.id)

    def describe(self, query: str, database: str, caller: Caller) -> tuple[Column, ...]:
        """Return a query's columns without reading data; raise QueryFailed if it is not valid."""
        self._refuse_foreign(caller)
        sql = f"{placed('SELECT * FROM (', query)}\n) LIMIT 0"  # noqa: S608 -- the caller's own query
        found = self._client.ask(sql, database).columns
        names = ("" if _UNNAMED.fullmatch(column.name) else column.name for column in found)
        return tuple(Column(n, c.type, n) for n, c in zip(names, found, strict=True))

    def kill(self, query_id: str) -> None:
        """Cancel a query, or keep it from starting; it leaves no table and no partition."""
        with self._lock:
            self._cancelled.add(query_id)
            query = self._running.get(query_id)
        if query is not None:
            query.cancel()

    def fault(self) -> str:
        """Return why the server answers no more and what to do, or nothing while it runs."""
        return self._server.fault()

    def close(self) -> None:
        """End the server."""
        self._server.stop()

    def _outcome(self, work: Work, statement: Executable) -> Outcome:
        def ask(text: TrinoText) -> Answer:
            return self._ask(work, text)

        match statement:
            case Select():
                answer = ask(TrinoText(statement.query))
                rows = answer.rows if work.cut_off is None else _within(work.cut_off, answer)
                found = results.write_rows(work, answer.columns, rows, 0)
                return _scanning(found, answer.scanned)
            case Explain():
                return _explained(ask(trino_text.explain(statement)), statement)
            case _:
                self._measure(work, statement)
                return write(work, statement, Catalog(work.caller), ask, self.describe)

    def _measure(self, work: Work, statement: Executable) -> None:
        # What is written cannot be taken back, so its query runs once to see what it scans.
        query = getattr(statement, "query", None)
        if work.cut_off is None or query is None:
            return
        try:
            answer = self._ask(work, TrinoText(f"EXPLAIN ANALYZE {query}"))
            _within(work.cut_off, answer)
        except QueryFailed as error:
            if error.name == "EXCEEDED_SCAN_LIMIT":
                raise
            return  # the write fails likewise, in a write's words

    def _ask(self, work: Work, text: TrinoText) -> Answer:
        session = dict(text.session)
        if work.cut_off is not None:
            session["query_max_scan_physical_bytes"] = f"{work.cut_off}B"
        query = self._client.query(text.sql, work.database, session)
        with self._lock:
            if work.id in self._cancelled:
                raise EngineDied("cancelled before it ran")
            self._running[work.id] = query
        return self._client.answer(query)

    def _refuse_foreign(self, caller: Caller) -> None:
        # Trino asks Glue and S3 with keys of its own: it would show another account's tables.
        if (caller.account, caller.region) != (ACCOUNT, self._region):
            text = f"--engine trino serves account {ACCOUNT} in {self._region} only"
            raise QueryFailed("NOT_SUPPORTED", text)


def _explained(answer: Answer, statement: Explain) -> Outcome:
    shown = "\n".join(str(row[0]) for row in answer.rows)
    name = "Valid" if statement.validate else "Query Plan"
    kind = parse("boolean" if statement.validate else "varchar")
    lines = tuple(shown.split("\n"))
    return Outcome((ResultColumn(name, kind),), scanned=answer.scanned, lines=lines)


def _within(cut_off: int, answer: Answer) -> Iterator[list[str | None]]:
    # Trino looks at the limit once a second; a query that ended sooner is looked at here.
    rows = list(answer.rows)
    if answer.scanned > cut_off:
        raise CutOff(_TOO_MUCH)
    return iter(rows)


def _scanning(outcome: Outcome, scanned: int) -> Outcome:
    return Outcome(outcome.columns, outcome.rows, scanned=scanned, location=outcome.location)


def _one_line_up(text: str) -> str:
    def lifted(match: Any) -> str:
        return f"line {max(1, int(match[1]) - 1)}:"

    return re.sub(r"\Aline (\d+):", lifted, text)
