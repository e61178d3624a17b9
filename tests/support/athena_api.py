"""Statements through the Athena API of a running localaws, its answers as the suite holds them."""

import hashlib
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from tests.support.conformance import Answer, Statement

BUCKET = "conformance"
Clients = Callable[[str], Any]


def run(
    client: Clients, sql: str, database: str = "lake", group: str = "primary"
) -> dict[str, Any]:
    """Run a statement and return its execution, failed or not."""
    athena = client("athena")
    query = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": database},
        ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/results/"},
        WorkGroup=group,
    )["QueryExecutionId"]
    pause = 0.01
    while True:
        found: dict[str, Any] = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
        if found["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
            return found
        time.sleep(pause)
        pause = min(0.3, pause * 1.5)  # a poll costs the server as much as a query


def ask(client: Clients, sql: str, database: str = "lake") -> Answer:
    """Return the answer to a query; `types` are the words of the API, without parameters."""
    try:
        found = run(client, sql, database)
    except ClientError as error:
        message = error.response["Error"]["Message"]
        is_count = "number of parameters" in message.lower()
        name = "INVALID_PARAMETER_USAGE" if is_count else "SYNTAX_ERROR"
        return Answer(error=name, message=message)
    if found["Status"]["State"] != "SUCCEEDED":
        reason = found["Status"].get("StateChangeReason", "")
        return Answer(error=reason.partition(":")[0], message=reason)
    return _answer(client, found["QueryExecutionId"], is_text=found["StatementType"] != "DML")


def done(client: Clients, sql: str, database: str = "lake") -> list[list[str | None]]:
    """Run a statement that must succeed; return its rows."""
    found = ask(client, sql, database)
    assert not found.error, (sql, found)
    return [list(row) for row in found.rows]


def ask_script(client: Clients, statement: Statement) -> Answer:
    """Return what a script comes to, in a database of its own; `{location}` is a place for it.

    The first statement that fails is the answer; else `then` is, or the rows of `sql`.
    """
    name = "script_" + hashlib.sha256(statement.key.encode()).hexdigest()[:12]
    place = f"s3://{BUCKET}/{name}/"
    client("glue").create_database(DatabaseInput={"Name": name})
    try:
        found = Answer()
        for sql in (*statement.setup, statement.sql, *filter(None, [statement.then])):
            own = sql.replace("{location}", place).replace("s3://lake/", place)
            found = ask(client, own, name)
            if found.error:
                return found
        return found
    finally:
        _forget(client, name)


def _forget(client: Clients, name: str) -> None:
    for table in client("glue").get_tables(DatabaseName=name)["TableList"]:
        client("glue").delete_table(DatabaseName=name, Name=table["Name"])
    client("glue").delete_database(Name=name)
    listed = client("s3").list_objects_v2(Bucket=BUCKET, Prefix=f"{name}/")
    for item in listed.get("Contents", []):
        client("s3").delete_object(Bucket=BUCKET, Key=item["Key"])


def _answer(client: Clients, query: str, *, is_text: bool) -> Answer:
    pages = client("athena").get_paginator("get_query_results").paginate(QueryExecutionId=query)
    rows: list[tuple[str | None, ...]] = []
    columns: list[Any] = []
    for page in pages:
        columns = page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
        found = page["ResultSet"]["Rows"]
        rows += [tuple(field.get("VarCharValue") for field in row["Data"]) for row in found]
    names = tuple(str(column["Name"]) for column in columns)
    types = tuple(str(column["Type"]) for column in columns)
    # Only a CSV has its header as a row.
    return Answer(names, types, tuple(rows if is_text else rows[1:]))
