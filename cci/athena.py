"""A SELECT -> its columns and rows, through Athena and its work group, as an analyst would."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cci.aws import Aws
from contracts.names import PUBLISHED_DATABASE, SHARED_WORKGROUP

ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})


class QueryFailed(Exception):
    """Athena refused or failed the query; the text is Athena's own."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The answer of a query: column names, Athena types, rows of text (None = NULL)."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


def query(aws: Aws, sql: str, database: str = PUBLISHED_DATABASE) -> Rows:
    """Run one statement in the shared work group and wait for its rows.

    Raise QueryFailed with Athena's reason.
    """
    athena = aws.athena
    try:
        execution = athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": database},
            WorkGroup=SHARED_WORKGROUP,
        )["QueryExecutionId"]
    except athena.exceptions.InvalidRequestException as error:
        raise QueryFailed(error.response["Error"]["Message"]) from error
    status = _wait(athena, execution)
    if status["State"] != "SUCCEEDED":
        raise QueryFailed(status.get("StateChangeReason", status["State"]))
    return _rows(athena, execution)


def _wait(athena: Any, execution: str) -> Any:
    pause = 0.02
    while True:
        status = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
        if status["State"] in ENDED:
            return status
        time.sleep(pause)
        pause = min(pause * 1.5, 1.0)


def _rows(athena: Any, execution: str) -> Rows:
    pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution)
    first, *rest = list(pages)
    info = first["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    columns = tuple(column["Name"] for column in info)
    values = [row for page in (first, *rest) for row in _values(page)]
    has_header = bool(values) and values[0] == columns
    return Rows(
        columns, tuple(column["Type"] for column in info), tuple(values[1 if has_header else 0 :])
    )


def _values(page: Any) -> Iterator[tuple[str | None, ...]]:
    for row in page["ResultSet"]["Rows"]:
        yield tuple(cell.get("VarCharValue") for cell in row["Data"])
