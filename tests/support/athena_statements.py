"""Statements on tables in memory: Athena's dialect and DuckDB, without a server, Glue or S3.

Two tenants hold the same call_id. Rows come back as Athena prints them, NULL as None.
"""

from dataclasses import dataclass
from typing import Any

import duckdb

from localaws.athena import dialect
from localaws.athena.connections import LAZY
from localaws.athena.failures import QueryFailed, SyntaxRefused, from_duckdb
from localaws.athena.macros import MACROS
from localaws.athena.plans import Condition, demands
from localaws.athena.python_functions import register
from localaws.athena.tables import Table, View
from localaws.athena.trino_types import VARCHAR, duck, parse, quote, trino
from localaws.athena.values import value_text

COLUMNS = {
    "call_id": "string",
    "agent_id": "string",
    "duration": "double",
    "turns": "int",
    "cost": "decimal(9,4)",
    "started_at": "timestamp",
    "call_date": "date",
    "resolved": "boolean",
    "criteria": "array<struct<id:string,number:int,weight:decimal(9,4),passed:boolean>>",
    "tags": "array<string>",
    "labels": "map<string,int>",
    "sentiment": "struct<label:string,score:struct<positive:double>>",
    "tenant_id": "string",
    "call_month": "string",
}
ROWS = (
    "('c1','a1',61.5,3,1.5,TIMESTAMP '2026-01-31 23:00:00',DATE '2026-01-31',true,"
    "[{'id':'greet','number':2,'weight':1.5,'passed':true},"
    "{'id':'close','number':1,'weight':2.0,'passed':NULL}],['x','y'],MAP {'k':1},"
    "{'label':'POSITIVE','score':{'positive':0.9}},'acme','2026-01')",
    "('c1',NULL,NULL,0,NULL,TIMESTAMP '2026-02-01 01:00:00.123',DATE '2026-02-01',NULL,"
    "[],NULL,MAP {},NULL,'acme-uk','2026-02')",
)
VIEWS = {"resolved_calls": "select call_id, tenant_id from calls where tenant_id = 'acme'"}


@dataclass(frozen=True)
class Answer:
    """What a statement came to: column types and rows, or the name of its error."""

    types: list[str]
    names: list[str]
    rows: list[list[str | None]]


class MemoryTables:
    """The catalog of the tests: table `calls`, view `resolved_calls`."""

    def find(self, schema: str, name: str) -> Table | View:
        if schema != "lake":
            raise QueryFailed("SCHEMA_NOT_FOUND", f"Schema '{schema}' does not exist")
        if name in VIEWS:
            return View(VIEWS[name], schema, f"{schema}.{name}", ("call_id", "tenant_id"))
        if name != "calls":
            raise QueryFailed("TABLE_NOT_FOUND", f"Table '{schema}.{name}' does not exist")
        columns = tuple((column, parse(kind)) for column, kind in COLUMNS.items())
        keys = (("tenant_id", VARCHAR), ("call_month", VARCHAR))
        return Table(schema, name, columns, keys)


def answer(sql: str) -> Answer:
    """Run one query; raise QueryFailed or SyntaxRefused as the engine does."""
    query = dialect.translate(dialect.parse(sql), "lake", MemoryTables())
    with duckdb.connect() as connection:
        connection.execute(f"SET TimeZone='UTC'; {LAZY}")
        for macro in MACROS:
            connection.execute(macro)
        for read, table in query.reads.items():
            _fill(connection, read, table)
        register(connection, query.functions)
        try:
            found = connection.execute(query.sql)
            rows = found.fetchall()
        except duckdb.Error as error:
            raise from_duckdb(error, sql) from error
    kinds = [column.type for column in query.columns]
    shown = [[value_text(v, k) for v, k in zip(row, kinds, strict=True)] for row in rows]
    names = [column.name or f"_col{i}" for i, column in enumerate(query.columns)]
    return Answer([trino(kind) for kind in kinds], names, shown)


def error_name(sql: str) -> str:
    """Return the name of the error a query ends with, SYNTAX for a text refused at start."""
    try:
        found = answer(sql)
    except QueryFailed as error:
        return error.name
    except SyntaxRefused:
        return "SYNTAX"
    raise AssertionError(f"{sql} was answered: {found.rows}")


def conditions(sql: str) -> list[list[list[Condition]]]:
    """Return, per table a query reads, the conditions each place demands of it."""
    query = dialect.translate(dialect.parse(sql), "lake", MemoryTables())
    return list(demands(query.plan).values())


def _fill(connection: Any, read: str, table: Table) -> None:
    columns = ", ".join(f"{quote(name)} {duck(kind)}" for name, kind in table.columns)
    connection.execute(f"CREATE TABLE {quote(read)} ({columns})")
    connection.execute(f"INSERT INTO {quote(read)} VALUES {', '.join(ROWS)}")
