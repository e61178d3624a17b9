"""One statement's text -> what a Trino server answers: columns, rows as they come, counts."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from trino.client import ClientSession, TrinoQuery, TrinoRequest
from trino.exceptions import HttpError, TrinoConnectionError, TrinoQueryError

from localaws.athena.engine import EngineDied, ResultColumn
from localaws.athena.failures import QueryFailed
from localaws.athena.trino_values import type_of, value_of
from localaws.athena.values import value_text

HOST = "127.0.0.1"
# Athena has one catalog: what Trino looks for in Iceberg's and does not find is not there.
_ATHENA_NAMES = {"TABLE_REDIRECTION_ERROR": "TABLE_NOT_FOUND"}
WRITERS = {
    # With one writer the 101st partition fails as in Athena; by default 130 pass.
    "task_min_writer_count": "1",
    "task_max_writer_count": "1",
    "use_preferred_write_partitioning": "false",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement came to; iterating `rows` reads on, `updated` and `scanned` then hold."""

    query: TrinoQuery
    columns: tuple[ResultColumn, ...]
    rows: Iterator[list[str | None]]

    @property
    def updated(self) -> int | None:
        """Rows written, None for a statement without a count."""
        count: int | None = self.query.update_count
        return count

    @property
    def scanned(self) -> int:
        """Bytes read from storage."""
        return int(self.query.stats.get("physicalInputBytes") or 0)


@dataclass(frozen=True, slots=True)
class Client:
    """Asks the Trino server on a port of this machine; raises EngineDied when nothing answers."""

    port: int
    catalog: str = "awsdatacatalog"

    def ask(self, sql: str, database: str, session: Mapping[str, str] | None = None) -> Answer:
        """Start a statement; raise QueryFailed with Trino's name and text."""
        return self.answer(self.query(sql, database, session))

    def answer(self, query: TrinoQuery) -> Answer:
        """Start a query; raise QueryFailed with Trino's name and text."""
        with _failing():
            result = query.execute()
            columns = query.columns or []
        found = tuple(ResultColumn(c["name"], type_of(c["typeSignature"])) for c in columns)
        return Answer(query, found, _rows(result, found))

    def query(self, sql: str, database: str, session: Mapping[str, str] | None) -> TrinoQuery:
        """Return the query of a statement, not started."""
        client_session = ClientSession(
            user="athena",
            catalog=self.catalog,
            schema=database,
            timezone="UTC",
            properties={**WRITERS, **(session or {})},
        )
        request = TrinoRequest(
            host=HOST, port=self.port, client_session=client_session, http_scheme="http"
        )
        return TrinoQuery(request, sql, legacy_primitive_types=True)


def _rows(result: Any, columns: tuple[ResultColumn, ...]) -> Iterator[list[str | None]]:
    kinds = [column.type for column in columns]
    with _failing():
        for row in result:
            values = zip(row, kinds, strict=True)
            yield [value_text(value_of(raw, kind), kind) for raw, kind in values]


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except TrinoQueryError as error:
        name = _ATHENA_NAMES.get(str(error.error_name), str(error.error_name))
        raise QueryFailed(name, str(error.message)) from error
    except (TrinoConnectionError, HttpError) as error:
        raise EngineDied(str(error)) from error
