"""The flatten job on localaws: real S3, DynamoDB and Glue calls, rows read back from the files."""

import json
from collections.abc import Iterator

import pytest

from contracts.ledger import State, render_new
from contracts.names import CONFIG_TABLE, LAKE_DATABASE, LEDGER_TABLE, Buckets
from contracts.tables import COPY_TABLES
from contracts.tenant import TenantId
from tests.support.call_documents import CALL_ID, TENANTS, body, final_document, story
from tests.support.lake_world import meta, read_file
from tests.support.localaws_server import ACCOUNT, REGION, LocalAws, aws_factory, start_localaws
from transforms import config_copy, flatten, migrate
from transforms.aws import Aws, _marshal
from transforms.settings import read_settings

__all__ = ["aws_factory"]
pytestmark = pytest.mark.pipeline

BUCKETS = Buckets(ACCOUNT, REGION)
ARGUMENTS = [
    "--results-bucket", BUCKETS.results, "--lake-bucket", BUCKETS.lake,
    "--ledger-table", LEDGER_TABLE, "--config-table", CONFIG_TABLE,
]  # fmt: skip


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    server = start_localaws(tmp_path_factory.mktemp("localaws"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        _create(server)
        yield server
    server.stop()


def test_final_calls_of_two_tenants_reach_the_lake_once(
    cloud: LocalAws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert set(migrate.run(BUCKETS.lake).values()) == {"created"}
    assert set(migrate.run(BUCKETS.lake).values()) == {"unchanged"}
    for tenant in TENANTS:
        _drop(cloud, tenant, CALL_ID, body(final_document(tenant)))
    _drop(cloud, "acme", "cut-off-0123456789", b'{"call_id": "cut')
    cloud.client("s3").put_object(
        Bucket=BUCKETS.results,
        Key="acme/2025/11/05/old.json",
        Body=json.dumps({**story("v1_2"), "tenant_id": "acme"}).encode(),
    )

    assert flatten.main(ARGUMENTS) == 0
    assert flatten.main([*ARGUMENTS, "--prefix", "acme/2025/"]) == 0
    total = [
        json.loads(line)["total"]
        for line in capsys.readouterr().out.splitlines()
        if "total" in line
    ]
    assert total[0]["calls"] == 2
    assert total[0]["rejects"] == {"truncated": 1}
    assert total[1]["calls"] == 1

    before = _keys(cloud)
    assert flatten.main(ARGUMENTS) == 0
    assert flatten.main([*ARGUMENTS, "--prefix", "acme/2025/"]) == 0
    assert _keys(cloud) == before
    ledger = Aws(read_settings()).ledger(LEDGER_TABLE)
    found = ledger.read([(TenantId(tenant), CALL_ID) for tenant in TENANTS])
    assert {call.state for call in found.values()} == {State.FLATTENED}
    assert _rows(cloud, "calls", "acme-uk") == [(CALL_ID, "2026-01")]
    assert len(_rows(cloud, "calls", "acme")) == 2
    assert "acme/quarantine/flatten/cut-off-0123456789.reason.json" in before


def test_an_unregistered_prefix_is_a_usage_error(cloud: LocalAws) -> None:  # noqa: ARG001 it must run
    assert flatten.main([*ARGUMENTS, "--prefix", "nobody/2025/"]) == 2


def test_the_configuration_copies_move_only_when_the_configuration_does(cloud: LocalAws) -> None:
    run = ["--lake-bucket", BUCKETS.lake, "--config-table", CONFIG_TABLE]
    assert config_copy.main(run) == 0
    before = _keys(cloud)
    assert config_copy.main(run) == 0
    assert _keys(cloud) == before
    glue = cloud.client("glue")
    for table in COPY_TABLES:
        found = glue.get_partitions(DatabaseName=LAKE_DATABASE, TableName=table.name)["Partitions"]
        assert [one["Values"] for one in found] == [["acme"], ["acme-uk"]]


def test_a_missing_bucket_is_a_failure_not_an_empty_run(cloud: LocalAws) -> None:  # noqa: ARG001
    wrong = ["--results-bucket", "cci-lite-nowhere", *ARGUMENTS[2:]]
    assert flatten.main(wrong) == 1


def _create(server: LocalAws) -> None:
    for name in (BUCKETS.results, BUCKETS.lake):
        server.client("s3").create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
    server.client("glue").create_database(DatabaseInput={"Name": LAKE_DATABASE})
    _table(server, CONFIG_TABLE, "by_kind", "kind", "pk")
    _table(server, LEDGER_TABLE, "by_state", "state_pk", "state_sk")
    for tenant in TENANTS:
        _put(server, CONFIG_TABLE, meta(tenant))


def _table(server: LocalAws, name: str, index: str, pk: str, sk: str) -> None:
    key = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    by = [{"AttributeName": pk, "KeyType": "HASH"}, {"AttributeName": sk, "KeyType": "RANGE"}]
    server.client("dynamodb").create_table(
        TableName=name,
        KeySchema=key,
        AttributeDefinitions=[
            {"AttributeName": one, "AttributeType": "S"} for one in sorted({"pk", "sk", pk, sk})
        ],
        GlobalSecondaryIndexes=[
            {"IndexName": index, "KeySchema": by, "Projection": {"ProjectionType": "ALL"}}
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def _put(server: LocalAws, table: str, item: dict[str, object]) -> None:
    server.client("dynamodb").put_item(TableName=table, Item=_marshal(item))


def _drop(server: LocalAws, tenant: str, call_id: str, content: bytes) -> None:
    key = f"{tenant}/final/2026/01/30/{call_id}.json"
    answer = server.client("s3").put_object(Bucket=BUCKETS.results, Key=key, Body=content)
    sets = {
        "final_key": key,
        "final_etag": answer["ETag"],
        "final_size_bytes": len(content),
        "document_hash": "0" * 64,
        "call_date": "2026-01-30",
    }
    put = render_new(
        TenantId(tenant), call_id, now="2026-01-31T02:00:00Z", by="test", sets=sets,
        state=State.FINAL,
    )  # fmt: skip
    _put(server, LEDGER_TABLE, put["Item"])


def _keys(server: LocalAws) -> dict[str, object]:
    s3 = server.client("s3")
    return {
        one["Key"]: one["LastModified"]
        for bucket in (BUCKETS.results, BUCKETS.lake)
        for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    }


def _rows(server: LocalAws, table: str, tenant: str) -> list[tuple[str, str]]:
    """Return (call id, month) of the rows that the partitions of a tenant point at."""
    s3, glue = server.client("s3"), server.client("glue")
    rows = []
    for one in glue.get_partitions(DatabaseName=LAKE_DATABASE, TableName=table)["Partitions"]:
        if one["Values"][0] != tenant:
            continue
        folder = one["StorageDescriptor"]["Location"].removeprefix(f"s3://{BUCKETS.lake}/")
        for found in s3.list_objects_v2(Bucket=BUCKETS.lake, Prefix=folder)["Contents"]:
            content = s3.get_object(Bucket=BUCKETS.lake, Key=found["Key"])["Body"].read()
            rows += [(row["call_id"], one["Values"][1]) for row in read_file(content).to_pylist()]
    return rows
