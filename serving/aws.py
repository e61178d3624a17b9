"""Publishing's ports on AWS: S3 with conditions, the Glue catalogue, Athena, the ledger."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import boto3
from boto3.dynamodb.conditions import Key
from botocore.config import Config
from botocore.exceptions import ClientError

from contracts.keys import run_outcomes
from contracts.ledger import BY_STATE, Call, State, read_call
from contracts.names import PUBLISHED_DATABASE
from contracts.run_manifests import DataFile
from contracts.tenant import TenantId
from serving.ports import Ports, PublishError, Stored
from serving.run_ids import is_run_of
from serving.settings import load_region

_WRITERS: Final = 8
_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, max_pool_connections=_WRITERS
)
_TAKEN: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
_ABSENT: Final = frozenset({"NoSuchKey", "404"})
_ENDED: Final = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
_BATCH: Final = 100


def open_ports(bucket: str, ledger_table: str, workgroup: str) -> Ports:
    """Return everything publishing touches, on the AWS that the environment names."""
    session: Any = boto3.Session(region_name=load_region())
    table = session.resource("dynamodb", config=_CONFIG).Table(ledger_table)
    return Ports(
        objects=S3Objects(session.client("s3", config=_CONFIG), bucket),
        catalogue=GlueCatalogue(session.client("glue", config=_CONFIG)),
        queries=AthenaQueries(session.client("athena", config=_CONFIG), workgroup),
        ledger=DynamoLedger(table),
        bucket=bucket,
    )


def read_outcome(bucket: str, job_run_id: str) -> dict[str, Any]:
    """Return what the night of a publish job run came to: published, unchanged, blocked, errors.

    A night without news leaves the outcome before it standing: what that one published is then
    unchanged. Raise PublishError where no night has ended yet.
    """
    session: Any = boto3.Session(region_name=load_region())
    client = session.client("s3", config=_CONFIG)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=run_outcomes())
    keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
    if not keys:
        raise PublishError("no night has been judged and published yet: run `cci nightly`")
    body = client.get_object(Bucket=bucket, Key=max(keys))["Body"].read()
    outcome: dict[str, Any] = json.loads(body)
    if not is_run_of(outcome["run_id"], job_run_id):
        outcome["unchanged"] = sorted([*outcome["unchanged"], *outcome["published"]])
        outcome["published"] = []
    return outcome


class S3Objects:
    """`ports.Objects` on the lake bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def get(self, key: str) -> Stored | None:
        """Return the object, or None where there is none."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if _code(error) in _ABSENT:
                return None
            raise
        return Stored(answer["Body"].read(), answer["ETag"])

    def put(self, key: str, body: bytes) -> None:
        """Write an object."""
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body)

    def put_if(self, key: str, body: bytes, etag: str | None) -> bool:
        """Write only over the object with `etag` (None: only where there is none); say if done."""
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, **condition)
        except ClientError as error:
            if _code(error) in _TAKEN | _ABSENT:
                return False
            raise
        return True

    def copy(self, source: DataFile, target: str) -> str:
        """Copy server-side and return the new ETag; raise PublishError when the source changed."""
        try:
            answer = self._client.copy_object(
                Bucket=self._bucket,
                Key=target,
                CopySource={"Bucket": self._bucket, "Key": source.key},
                CopySourceIfMatch=source.etag,
            )
        except ClientError as error:
            if _code(error) in _TAKEN | _ABSENT:
                told = f"{source.key} was rebuilt after it was judged; run the night again"
                raise PublishError(told) from error
            raise
        return str(answer["CopyObjectResult"]["ETag"])


class GlueCatalogue:
    """`ports.Catalogue` on Glue."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def table(self, database: str, name: str) -> dict[str, Any] | None:
        """Return a table as Glue describes it, or None."""
        try:
            answer = self._client.get_table(DatabaseName=database, Name=name)
        except self._client.exceptions.EntityNotFoundException:
            return None
        return dict(answer["Table"])

    def put_table(self, database: str, table: Mapping[str, Any]) -> None:
        """Create or replace a table from a TableInput."""
        try:
            self._client.create_table(DatabaseName=database, TableInput=dict(table))
        except self._client.exceptions.AlreadyExistsException:
            self._client.update_table(DatabaseName=database, TableInput=dict(table))

    def add_partitions(
        self, database: str, table: str, partitions: Sequence[Mapping[str, Any]]
    ) -> list[tuple[str, ...]]:
        """Create partitions and return the values of those that exist already."""
        taken: list[tuple[str, ...]] = []
        for start in range(0, len(partitions), _BATCH):
            answer = self._client.batch_create_partition(
                DatabaseName=database,
                TableName=table,
                PartitionInputList=list(partitions[start : start + _BATCH]),
            )
            for problem in answer.get("Errors", []):
                _require_existing(problem, f"{database}.{table}")
                taken.append(tuple(problem["PartitionValues"]))
        return taken

    def location(self, database: str, table: str, values: Sequence[str]) -> str:
        """Return where a partition lies."""
        answer = self._client.get_partition(
            DatabaseName=database, TableName=table, PartitionValues=list(values)
        )
        return str(answer["Partition"]["StorageDescriptor"]["Location"])

    def move_partition(self, database: str, table: str, partition: Mapping[str, Any]) -> None:
        """Replace a partition found by its `Values`."""
        self._client.update_partition(
            DatabaseName=database,
            TableName=table,
            PartitionValueList=list(partition["Values"]),
            PartitionInput=dict(partition),
        )


class AthenaQueries:
    """`ports.Queries` in the work group people use."""

    def __init__(self, client: Any, workgroup: str) -> None:
        self._client = client
        self._workgroup = workgroup

    def run(self, sql: str) -> list[dict[str, str | None]]:
        """Run one statement and return its rows as text; raise PublishError with its reason."""
        execution = self._client.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": PUBLISHED_DATABASE},
            WorkGroup=self._workgroup,
        )["QueryExecutionId"]
        status = self._wait(execution)
        if status["State"] != "SUCCEEDED":
            reason = status.get("StateChangeReason", status["State"])
            raise PublishError(f"Athena: {reason}\n{sql}")
        return list(self._rows(execution)) if sql.startswith("select") else []

    def _wait(self, execution: str) -> dict[str, Any]:
        pause = 0.05
        while True:
            answer = self._client.get_query_execution(QueryExecutionId=execution)
            status: dict[str, Any] = answer["QueryExecution"]["Status"]
            if status["State"] in _ENDED:
                return status
            time.sleep(pause)
            pause = min(pause * 1.5, 2.0)

    def _rows(self, execution: str) -> Iterator[dict[str, str | None]]:
        pages = self._client.get_paginator("get_query_results").paginate(QueryExecutionId=execution)
        names: list[str] = []
        for page in pages:
            for row in page["ResultSet"]["Rows"]:
                values = [cell.get("VarCharValue") for cell in row["Data"]]
                if names:
                    yield dict(zip(names, values, strict=True))
                else:
                    names = [str(value) for value in values]


class DynamoLedger:
    """`ports.Ledger` on the calls table."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def calls(self, tenant: TenantId, state: State) -> list[Call]:
        """Return the tenant's calls in a state; the index may lag."""
        arguments: dict[str, Any] = {
            "IndexName": BY_STATE,
            "KeyConditionExpression": Key("state_pk").eq(f"{state.value}#{tenant}"),
        }
        found: list[Call] = []
        while True:
            page = self._table.query(**arguments)
            found += [read_call(item) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return found
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def move(self, updates: Sequence[Mapping[str, Any]]) -> int:
        """Send conditional updates; return how many were made. A refused one changes nothing."""
        with ThreadPoolExecutor(_WRITERS) as writers:
            return sum(writers.map(self._move, updates))

    def _move(self, update: Mapping[str, Any]) -> bool:
        try:
            self._table.update_item(**update)
        except ClientError as error:
            if _code(error) != "ConditionalCheckFailedException":
                raise
            return False
        return True


def _require_existing(problem: Mapping[str, Any], table: str) -> None:
    detail = problem.get("ErrorDetail", {})
    if detail.get("ErrorCode") != "AlreadyExistsException":
        raise PublishError(
            f"{table}: partition {problem.get('PartitionValues')} was refused: "
            f"{detail.get('ErrorCode')} {detail.get('ErrorMessage', '')}"
        )


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
