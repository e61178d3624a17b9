"""`FOR TIMESTAMP | VERSION AS OF …` -> the table as it was then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from localaws.athena import trino_types as t
from localaws.athena.connections import zoned
from localaws.athena.failures import QueryFailed, from_duckdb, not_supported
from localaws.athena.scopes import Scope, Typed
from localaws.athena.tables import Table, View

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def as_of(found: Table | View, version: Any, scope: Scope) -> Table:
    """Return a table at a version of a parsed query.

    Raise QueryFailed for a table without versions, the future, or a time before its first one.
    """
    if isinstance(found, View):
        raise not_supported("a view as of a version")
    if found.iceberg is None:
        raise QueryFailed("NOT_SUPPORTED", "This connector does not support versioned tables")
    from localaws.athena import iceberg_tables  # noqa: PLC0415 -- pyiceberg loads slowly

    value = scope.session.rewrite(version.expression, Scope(scope.session))
    if str(version.this).upper() == "TIMESTAMP":
        milliseconds, shown = _moment(value)
        return iceberg_tables.at_time(found, milliseconds, shown)
    if value.type.name == "varchar":
        return iceberg_tables.at_reference(found, str(_constant(value.sql)))
    if value.type != t.BIGINT:
        text = f"Unsupported type for table version: {t.trino(value.type)}"
        raise QueryFailed("NOT_SUPPORTED", text)
    return iceberg_tables.at_snapshot(found, int(_constant(value.sql)))


def _moment(value: Typed) -> tuple[int, str]:
    if value.type.name not in ("date", "timestamp", "timestamp with time zone"):
        text = f"Type {t.trino(value.type)} invalid. Temporal pointers must be of type Timestamp, "
        raise QueryFailed("TYPE_MISMATCH", text + "Timestamp with Time Zone, or Date.")
    now = datetime.now(UTC)
    micros = int(_constant(f"epoch_us(CAST({value.sql} AS TIMESTAMPTZ))"))
    moment = _FIRST + timedelta(microseconds=micros)
    if moment >= now:
        raise QueryFailed("INVALID_ARGUMENTS", f"Pointer value '{moment}' is not in the past")
    return micros // 1000, moment.isoformat().replace("+00:00", "Z")


def _constant(sql: str) -> Any:
    connection = zoned()
    try:
        (value,) = connection.execute(f"SELECT {sql}").fetchone()
    except duckdb.Error as error:
        raise from_duckdb(error, sql) from error
    finally:
        connection.close()
    if value is None:
        raise QueryFailed("INVALID_ARGUMENTS", "Pointer value cannot be NULL")
    return value
