"""The gate's ports on AWS: Glue and S3 for the marts, DynamoDB for ledger and tenants."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any, Final

import boto3
from boto3.dynamodb.conditions import Key
from botocore.config import Config

from contracts.ledger import State
from contracts.names import BUILD_DATABASE
from contracts.tenant import TenantId
from expectations.ports import BuildPartition, BuildTable
from expectations.settings import load_region

_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, max_pool_connections=16
)
_TENANT, _MONTH = "tenant_id", "call_month"


class GlueBuild:
    """`ports.Build`: what dbt wrote into `cci_lite_build`."""

    def __init__(self, bucket: str) -> None:
        self._glue = _client("glue")
        self._s3 = _client("s3")
        self._bucket = bucket

    def table(self, model: str) -> BuildTable | None:
        """Return the model's table, or None where dbt has not built it."""
        try:
            found = self._glue.get_table(DatabaseName=BUILD_DATABASE, Name=model)["Table"]
        except self._glue.exceptions.EntityNotFoundException:
            return None
        columns = tuple(column["Name"] for column in found["StorageDescriptor"]["Columns"])
        names = [column["Name"] for column in found.get("PartitionKeys", [])]
        created = found["CreateTime"].astimezone(UTC)
        return BuildTable(
            columns=tuple(name for name in columns if name not in names),
            partitions=tuple(self._partitions(found, model, names)),
            created_at=f"{created:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        )

    def keys(self, prefix: str) -> list[str]:
        """Return the keys of the data files under a partition's prefix, as Athena sees them."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        found = [each["Key"] for page in pages for each in page.get("Contents", [])]
        return sorted(key for key in found if key.rpartition("/")[2][:1] not in ("", "_", "."))

    def read(self, key: str) -> tuple[bytes, str]:
        """Return the bytes of a file and the ETag they had."""
        answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        return answer["Body"].read(), answer["ETag"]

    def _partitions(
        self, table: Mapping[str, Any], model: str, names: list[str]
    ) -> Iterator[BuildPartition]:
        if not names:
            yield BuildPartition(None, None, self._prefix(table))
            return
        pages = self._glue.get_paginator("get_partitions").paginate(
            DatabaseName=BUILD_DATABASE, TableName=model, ExcludeColumnSchema=True
        )
        for page in pages:
            for found in page["Partitions"]:
                values = dict(zip(names, found["Values"], strict=True))
                yield BuildPartition(values[_TENANT], values.get(_MONTH), self._prefix(found))

    def _prefix(self, described: Mapping[str, Any]) -> str:
        location = str(described["StorageDescriptor"]["Location"])
        bucket, _, key = location.removeprefix("s3://").partition("/")
        if bucket != self._bucket:
            raise ValueError(f"{location} lies outside the lake bucket {self._bucket}")
        return f"{key.rstrip('/')}/"


class DynamoCalls:
    """`ports.Calls`: the ledger and the registered tenants."""

    def __init__(self, ledger_table: str, config_table: str) -> None:
        resource = boto3.resource("dynamodb", region_name=load_region(), config=_CONFIG)
        self._ledger = resource.Table(ledger_table)
        self._config = resource.Table(config_table)

    def tenants(self) -> dict[TenantId, str]:
        """Return every registered tenant with its status."""
        items = _query(
            self._config, IndexName="by_kind", KeyConditionExpression=Key("kind").eq("META")
        )
        return {
            TenantId(str(item["pk"]).partition("#")[2]): str(item.get("status", "active"))
            for item in items
        }

    def calls(self, tenant: TenantId) -> list[dict[str, Any]]:
        """Return every call's item of a tenant, consistently read, without those only awaited."""
        key = Key("pk").eq(f"TENANT#{tenant}") & Key("sk").begins_with("CALL#")
        items = _query(self._ledger, KeyConditionExpression=key, ConsistentRead=True)
        return [item for item in items if item["state"] != State.EXPECTED]


class LakeQuality:
    """`ports.Quality`: the `quality/` area of the lake bucket."""

    def __init__(self, bucket: str) -> None:
        self._s3 = _client("s3")
        self._bucket = bucket

    def put(self, key: str, body: bytes) -> None:
        """Write an object of the lake bucket."""
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body)

    def newest(self, prefix: str) -> bytes | None:
        """Return the object whose key sorts last under a prefix, or None."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        if not keys:
            return None
        answer = self._s3.get_object(Bucket=self._bucket, Key=max(keys))
        return bytes(answer["Body"].read())


def _client(service: str) -> Any:
    session: Any = boto3.Session(region_name=load_region())
    return session.client(service, config=_CONFIG)


def _query(table: Any, **arguments: Any) -> Iterator[dict[str, Any]]:
    while True:
        page = table.query(**arguments)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]
