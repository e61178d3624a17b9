"""Statements through the Athena API of a running server, and what they answer."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from tests.support.conformance import Answer
from tests.support.localaws_server import LocalAws, wait_until


@dataclass(frozen=True)
class Console:
    """One database of one server; results go to `output`."""

    aws: LocalAws
    database: str
    output: str

    def run(self, sql: str) -> dict[str, Any]:
        """Return a statement's execution once it has ended."""
        client = self.aws.client("athena")
        query = client.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": self.database},
            ResultConfiguration={"OutputLocation": self.output},
        )["QueryExecutionId"]

        def ended() -> dict[str, Any] | None:
            found = client.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            return found if found["Status"]["State"] not in ("QUEUED", "RUNNING") else None

        return wait_until(ended, seconds=120, every=0.02)

    def done(self, sql: str) -> dict[str, Any]:
        """Run a statement that must succeed."""
        found = self.run(sql)
        assert found["Status"]["State"] == "SUCCEEDED", (sql, found["Status"])
        return found

    def answer(self, sql: str) -> Answer:
        """Return columns, types and rows of a query, or the name and text of its error."""
        try:
            execution = self.run(sql)
        except ClientError as error:
            return Answer(error="SYNTAX_ERROR", message=str(error))
        if execution["Status"]["State"] != "SUCCEEDED":
            name, _, text = execution["Status"]["StateChangeReason"].partition(": ")
            return Answer(error=name, message=text)
        if execution["SubstatementType"] != "SELECT":
            return Answer()
        columns = self._columns(execution["ResultConfiguration"]["OutputLocation"])
        return Answer(
            tuple(c["name"] for c in columns),
            tuple(c["type"] for c in columns),
            tuple(map(tuple, self.rows(execution))),
        )

    def rows(self, execution: dict[str, Any]) -> list[list[str | None]]:
        """Return the rows of a finished execution, without a header."""
        pages = self.aws.client("athena").get_paginator("get_query_results")
        found = [
            [datum.get("VarCharValue") for datum in row["Data"]]
            for page in pages.paginate(QueryExecutionId=execution["QueryExecutionId"])
            for row in page["ResultSet"]["Rows"]
        ]
        return found[1:] if execution["StatementType"] == "DML" else found

    def _columns(self, location: str) -> Any:
        where = urlsplit(f"{location}.metadata")
        body = self.aws.client("s3").get_object(Bucket=where.netloc, Key=where.path[1:])["Body"]
        return json.loads(body.read())["columns"]
