"""Scripts of the conformance suite through the Athena API: what writes, and what is seen then.

`python -m tests.support.athena_scripts [topic…]` prints what the embedded engine does not answer
alike.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from localaws.athena.trino_types import parse
from localaws.athena.values import type_word
from tests.support.conformance import ALIKE, Answer, Statement, outcome, statements, topics
from tests.support.localaws_server import REGION, start_localaws

BUCKET = "conformance"
DATABASE = "scripts"
Clients = Callable[[str], Any]


def create(client: Clients) -> None:
    """Make the bucket and the database the scripts work in."""
    where = {"LocationConstraint": REGION}
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
    client("glue").create_database(DatabaseInput={"Name": DATABASE})


def scripts() -> list[Statement]:
    """Return every script of the suite that works on Hive tables and has an answer."""
    found = [s for topic in topics() for s in statements(topic) if s.is_script]
    return [s for s in found if not s.topic.startswith("iceberg")]


def answer(client: Clients, statement: Statement) -> Answer:
    """Run a script; return what its last statement shows, or the error it ends with."""
    found = Answer()
    for sql in (*statement.setup, statement.sql, statement.then):
        if sql:
            found = shown(client, sql)
        if found.error and sql in statement.setup:
            raise AssertionError(f"{sql}: {found.message}")
        if found.error:
            break
    return found


def kind_of(statement: Statement, found: Answer) -> str:
    """Return the class of an answer; the API's type words have no parameters."""
    expected = statement.expected
    if expected is None:
        raise AssertionError(f"{statement.topic} has no answer for {statement.sql}")
    words = tuple(type_word(parse(kind)) for kind in expected.types)
    wanted = replace(expected, types=words or found.types)
    return outcome(replace(statement, expected=wanted), found)


def shown(client: Clients, sql: str) -> Answer:
    """Run one statement and return its rows, or its error."""
    athena = client("athena")
    try:
        query = athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": DATABASE},
            ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/results/"},
        )["QueryExecutionId"]
    except ClientError as error:
        message = error.response["Error"]["Message"]
        refused = message.startswith("NOT_SUPPORTED")
        return Answer(error="NOT_SUPPORTED" if refused else "SYNTAX_ERROR", message=message)
    ended = _ended(athena, query)
    if ended["Status"]["State"] != "SUCCEEDED":
        reason = ended["Status"].get("StateChangeReason", "")
        return Answer(error=reason.partition(":")[0], message=reason)
    return _rows(athena, query, header=ended["StatementType"] == "DML")


def _ended(athena: Any, query: str) -> dict[str, Any]:
    while True:
        found: dict[str, Any] = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
        if found["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
            return found
        time.sleep(0.02)


def _rows(athena: Any, query: str, *, header: bool) -> Answer:
    found = athena.get_query_results(QueryExecutionId=query)["ResultSet"]
    described = found["ResultSetMetadata"]["ColumnInfo"]
    rows = [tuple(field.get("VarCharValue") for field in row["Data"]) for row in found["Rows"]]
    names = tuple(str(column["Name"]) for column in described)
    types = tuple(str(column["Type"]) for column in described)
    return Answer(names, types, tuple(rows[1:] if header else rows))


def main() -> int:
    """Print the scripts that are not alike, then the counts."""
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        aws = start_localaws(Path(folder))
        create(aws.client)
        for statement in scripts():
            if sys.argv[1:] and statement.topic not in sys.argv[1:]:
                continue
            try:
                found = answer(aws.client, statement)
                kind = kind_of(statement, found)
            except AssertionError as error:
                kind, found = f"{error}", Answer()
            counts[kind if len(kind) < 30 else "broken"] += 1
            if kind != ALIKE:
                sys.stdout.write(f"{kind}: [{statement.topic}] {statement.key}\n    {found}\n")
                sys.stdout.write(f"    expected {statement.expected}\n")
        aws.stop()
    sys.stdout.write(f"{dict(counts)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
