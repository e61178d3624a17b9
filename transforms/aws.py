"""The ports on AWS: obstore for objects, boto3 for DynamoDB and Glue, the real clock.

Every write is repeatable: moves are conditional, partitions are created only where missing, and
the per-item `Errors` of Glue's batch calls are read, because they come with status 200.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config as ClientConfig
from botocore.exceptions import ClientError
from obstore.auth.boto3 import Boto3CredentialProvider
from obstore.store import S3Store

from contracts.ledger import BY_STATE, Call, State, call_key, read_call
from contracts.tenant import TenantId
from transforms.ports import LakeError
from transforms.settings import Settings
from transforms.store import ObjectStore

_RETRIES: Final = ClientConfig(retries={"mode": "standard", "total_max_attempts": 5})
# botocore renews role credentials about 10 minutes before they end; obstore must ask sooner.
_CREDENTIALS_TTL: Final = timedelta(minutes=5)
_CONFLICT_ROUNDS: Final = 10


Item = TypeVar("Item")


class Aws:
    """One session and its clients; makes the ports of a job."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session: Any = boto3.Session(region_name=settings.region)

    def objects(self, bucket: str, *, in_flight: int = 16) -> ObjectStore:
        """Return a bucket; raise LakeError where it does not exist.

        Looked at once, because obstore answers a missing bucket like a missing object.
        """
        try:
            self._client("s3").head_bucket(Bucket=bucket)
        except ClientError as error:
            raise LakeError(f"bucket {bucket} cannot be read: {error}") from error
        plain = (self._settings.endpoint or "").startswith("http://")
        store = S3Store(
            bucket,
            region=self._settings.region,
            endpoint=self._settings.endpoint,
            credential_provider=Boto3CredentialProvider(self._session, ttl=_CREDENTIALS_TTL),
            client_options={"allow_http": plain},
        )
        return ObjectStore(store, in_flight=in_flight)

    def ledger(self, table: str) -> "DynamoLedger":
        """Return the calls table."""
        return DynamoLedger(self._client("dynamodb"), table)

    def config(self, table: str) -> "DynamoConfig":
        """Return the configuration table."""
        return DynamoConfig(self._client("dynamodb"), table)

    def catalog(self, database: str) -> "GlueCatalog":
        """Return one Glue database."""
        return GlueCatalog(self._client("glue"), database)

    def _client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self._settings.endpoint, config=_RETRIES)


class DynamoLedger:
    """`ports.Ledger` on the calls table."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def find_final(self, tenant: TenantId) -> Iterator[Call]:
        """Yield the tenant's FINAL calls in (call date, id) order; the index may lag."""
        items = _query(
            self._client, self._table, BY_STATE, "state_pk", f"{State.FINAL.value}#{tenant}"
        )
        return (read_call(item) for item in items)

    def read(self, keys: Iterable[tuple[TenantId, str]]) -> dict[tuple[TenantId, str], Call]:
        """Return the calls that exist, by (tenant, call id), read consistently."""
        found: dict[tuple[TenantId, str], Call] = {}
        for some in _chunks(sorted(set(keys)), 100):
            waiting = [_marshal(call_key(tenant, call_id)) for tenant, call_id in some]
            while waiting:
                answer = self._client.batch_get_item(
                    RequestItems={self._table: {"Keys": waiting, "ConsistentRead": True}}
                )
                for item in answer["Responses"].get(self._table, []):
                    call = read_call(_unmarshal(item))
                    found[call.tenant, call.call_id] = call
                waiting = answer["UnprocessedKeys"].get(self._table, {}).get("Keys", [])
        return found

    def enter(self, put: Mapping[str, Any]) -> bool:
        """Put a new call; False when there is one already."""
        try:
            self._client.put_item(TableName=self._table, **{**put, "Item": _marshal(put["Item"])})
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def move(self, updates: Sequence[Mapping[str, Any]]) -> int:
        """Make the conditional updates; return how many were dropped by their condition."""
        return sum(self._transact(some) for some in _chunks(updates, 100))

    def _transact(self, updates: Sequence[Mapping[str, Any]]) -> int:
        waiting = [{"Update": self._update(update)} for update in updates]
        for _ in range(_CONFLICT_ROUNDS):
            if not waiting:
                break
            try:
                self._client.transact_write_items(TransactItems=waiting)
                break
            except self._client.exceptions.TransactionCanceledException as error:
                waiting = _without_refused(waiting, error)
        else:
            raise LakeError(f"{self._table}: {len(waiting)} moves kept conflicting; run again")
        return len(updates) - len(waiting)

    def _update(self, update: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **update,
            "TableName": self._table,
            "Key": _marshal(update["Key"]),
            "ExpressionAttributeValues": _marshal(update["ExpressionAttributeValues"]),
        }


class DynamoConfig:
    """`ports.Config` on the configuration table."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def find_tenants(self) -> dict[TenantId, dict[str, Any]]:
        """Return the META item of each registered tenant, in the order of their ids."""
        items = _query(self._client, self._table, "by_kind", "kind", "META")
        return {TenantId(item["pk"].partition("#")[2]): item for item in items}

    def read_tenant(self, tenant: TenantId) -> list[dict[str, Any]]:
        """Return every item of a tenant, sorted by `sk`."""
        return list(_query(self._client, self._table, None, "pk", f"TENANT#{tenant}"))


class GlueCatalog:
    """`ports.Catalog` on one Glue database."""

    def __init__(self, client: Any, database: str) -> None:
        self._client = client
        self._database = database

    def read_table(self, name: str) -> dict[str, Any] | None:
        """Return Glue's description of a table, or None."""
        try:
            answer = self._client.get_table(DatabaseName=self._database, Name=name)
        except self._client.exceptions.EntityNotFoundException:
            return None
        return dict(answer["Table"])

    def create_table(self, table: Mapping[str, Any]) -> None:
        """Create a table from a TableInput."""
        self._client.create_table(DatabaseName=self._database, TableInput=table)

    def update_table(self, table: Mapping[str, Any]) -> None:
        """Replace a table by a TableInput."""
        self._client.update_table(DatabaseName=self._database, TableInput=table)

    def find_missing(self, table: str, values: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return those partition values that the table has no partition for."""
        there: set[tuple[str, ...]] = set()
        for some in _chunks(values, 1000):
            waiting, left = [{"Values": list(value)} for value in some], 0
            # Keys that stay unprocessed count as missing: creating them settles it.
            while waiting and len(waiting) != left:
                left = len(waiting)
                answer = self._client.batch_get_partition(
                    DatabaseName=self._database, TableName=table, PartitionsToGet=waiting
                )
                there |= {tuple(found["Values"]) for found in answer["Partitions"]}
                waiting = answer.get("UnprocessedKeys", [])
        return [list(value) for value in values if tuple(value) not in there]

    def create_partitions(self, table: str, partitions: Sequence[Mapping[str, Any]]) -> None:
        """Create partitions from PartitionInputs; raise LakeError naming the first refused."""
        for some in _chunks(partitions, 100):
            answer = self._client.batch_create_partition(
                DatabaseName=self._database, TableName=table, PartitionInputList=list(some)
            )
            self._refuse(table, answer)

    def read_partitions(self, table: str) -> list[dict[str, Any]]:
        """Return every partition of a table."""
        pages = self._client.get_paginator("get_partitions").paginate(
            DatabaseName=self._database, TableName=table
        )
        return [partition for page in pages for partition in page["Partitions"]]

    def update_partitions(self, table: str, partitions: Sequence[Mapping[str, Any]]) -> None:
        """Replace partitions, found by their `Values`; raise LakeError on a refusal."""
        for some in _chunks(partitions, 100):
            answer = self._client.batch_update_partition(
                DatabaseName=self._database,
                TableName=table,
                Entries=[
                    {"PartitionValueList": one["Values"], "PartitionInput": one} for one in some
                ],
            )
            self._refuse(table, answer)

    def delete_partitions(self, table: str, values: Sequence[Sequence[str]]) -> None:
        """Drop partitions; the objects behind them stay."""
        for some in _chunks(values, 25):
            answer = self._client.batch_delete_partition(
                DatabaseName=self._database,
                TableName=table,
                PartitionsToDelete=[{"Values": list(value)} for value in some],
            )
            self._refuse(table, answer)

    def _refuse(self, table: str, answer: Mapping[str, Any]) -> None:
        for error in answer.get("Errors", []):
            values = error.get("PartitionValues") or error.get("PartitionValueList")
            detail = error["ErrorDetail"]
            raise LakeError(
                f"{self._database}.{table} partition {values}: {detail['ErrorCode']} "
                f"{detail.get('ErrorMessage', '')}; nothing is lost, run again"
            )


class SystemClock:
    """`ports.Clock`: the one real clock of the lake jobs."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the edge where time comes in


def _query(
    client: Any, table: str, index: str | None, name: str, value: str
) -> Iterator[dict[str, Any]]:
    where: dict[str, Any] = {"IndexName": index} if index else {"ConsistentRead": True}
    pages = client.get_paginator("query").paginate(
        TableName=table,
        **where,
        KeyConditionExpression="#key = :value",
        ExpressionAttributeNames={"#key": name},
        ExpressionAttributeValues={":value": {"S": value}},
    )
    return (_unmarshal(item) for page in pages for item in page["Items"])


def _without_refused(items: Sequence[dict[str, Any]], error: ClientError) -> list[dict[str, Any]]:
    reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
    unexpected = set(reasons) - {None, "None", "ConditionalCheckFailed", "TransactionConflict"}
    if unexpected or len(reasons) != len(items):
        raise error
    return [
        item
        for item, reason in zip(items, reasons, strict=True)
        if reason != "ConditionalCheckFailed"
    ]


def _marshal(item: Mapping[str, Any]) -> dict[str, Any]:
    serialise = TypeSerializer().serialize
    return {name: serialise(value) for name, value in item.items()}


def _unmarshal(item: Mapping[str, Any]) -> dict[str, Any]:
    deserialise = TypeDeserializer().deserialize
    return {name: deserialise(value) for name, value in item.items()}


def _chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
