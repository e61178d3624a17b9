"""The publish job against a running localaws: real Glue, S3, DynamoDB and Athena calls.

The marts are written by hand here, in the shape dbt leaves them; the whole night is another test.
"""

import io
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cci.jobs.publish import main
from contracts import names
from contracts.datasets import DATASETS, dataset_named
from contracts.ledger import render_new
from contracts.tenant import parse_tenant
from expectations.gate import NEWEST_SOURCE
from tests.support.localaws_server import LocalAws
from tests.support.mart_rows import DOCUMENT_HASH, good_rows
from tests.support.mart_types import TYPES

pytestmark = pytest.mark.pipeline
BUCKETS = names.Buckets("000000000000", "eu-central-1")
ARGUMENTS = [
    *("--lake-bucket", BUCKETS.lake, "--staging-bucket", BUCKETS.staging),
    *("--config-table", names.CONFIG_TABLE, "--ledger-table", names.LEDGER_TABLE),
    *("--workgroup", names.SHARED_WORKGROUP),
]
GLUE_TYPES = {
    "string": "string",
    "bool": "boolean",
    "int32": "int",
    "int64": "bigint",
    "double": "double",
    "date32[day]": "date",
    "timestamp[ms]": "timestamp",
}
PARQUET = "org.apache.hadoop.hive.ql.io.parquet"


@pytest.fixture(scope="module")
def cloud(aws: LocalAws) -> Iterator[LocalAws]:
    """A localaws with empty buckets, tables and databases of ours, and its variables set."""
    for bucket in (BUCKETS.lake, BUCKETS.staging):
        aws.client("s3").create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
    for database in (names.BUILD_DATABASE, names.PUBLISHED_DATABASE):
        aws.client("glue").create_database(DatabaseInput={"Name": database})
    aws.client("athena").create_work_group(
        Name=names.SHARED_WORKGROUP,
        Configuration={
            "EnforceWorkGroupConfiguration": True,
            "ResultConfiguration": {"OutputLocation": f"s3://{BUCKETS.staging}/shared/"},
        },
    )
    _create_tables(aws)
    before = dict(os.environ)
    os.environ.update(aws.environment)
    yield aws
    os.environ.clear()
    os.environ.update(before)


def test_a_night_publishes_two_tenants_a_second_changes_nothing_and_a_third_blocks_one(
    cloud: LocalAws, capsys: pytest.CaptureFixture[str]
) -> None:
    for tenant in ("acme", "acme-uk"):
        _register(cloud, tenant)
        for dataset in DATASETS:
            if not dataset.is_alone:
                _build(cloud, dataset.name, tenant, good_rows(dataset.name))
        for row in good_rows("fct_calls"):
            _receive(cloud, tenant, row["call_id"])
    _build(cloud, "rls_rules", "", good_rows("rls_rules"))

    outcome = _night(capsys)
    assert outcome["published"] == ["acme", "acme-uk"], outcome
    assert _query(cloud, "select tenant_id, count(*) from cci_lite.fct_calls group by 1") == {
        ("acme", "3"),
        ("acme-uk", "3"),
    }
    assert _query(cloud, 'select distinct "window" from cci_lite.rpt_criterion_failure_rates') == {
        ("28_days",),
        ("90_days",),
        ("all",),
    }
    assert _query(cloud, "select count(*) from cci_lite.rls_rules") == {("3",)}
    assert _states(cloud) == {"PUBLISHED": 6}

    objects, items = _objects(cloud), _scan(cloud)
    outcome = _night(capsys)
    assert (outcome["published"], outcome["unchanged"]) == ([], ["acme", "acme-uk"])
    assert (_objects(cloud), _scan(cloud)) == (objects, items)

    first, *others = good_rows("fct_calls")
    _build(cloud, "fct_calls", "acme", [{**first, "duration_seconds": 183400.0}, *others])
    _build(cloud, "fct_calls", "acme-uk", [{**first, "agent_id": "a-2"}, *others])
    outcome = _night(capsys)
    assert outcome["published"] == ["acme-uk"]
    assert [
        (b["tenant"], b["dataset"], b["expectation"], b["rows"]) for b in outcome["blocked"]
    ] == [("acme", "fct_calls", "duration_within_a_day", 1)]
    sql = (
        "select tenant_id, max(agent_id), max(duration_seconds) from cci_lite.fct_calls group by 1"
    )
    assert _query(cloud, sql) == {("acme", "a-1", "183.4"), ("acme-uk", "a-2", "183.4")}
    status = "select tenant_id, status from cci_lite.quality_status where dataset = 'fct_calls'"
    assert _query(cloud, status) == {("acme", "FAIL"), ("acme-uk", "PASS")}


def _night(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert main([*ARGUMENTS, "--job-run-id", f"jr_{time.monotonic()}"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def _build(aws: LocalAws, dataset: str, tenant: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Leave one partition as dbt-athena does: the folder emptied, a file, the Glue partition."""
    kind = dataset_named(dataset)
    derived = {"names_count", "is_active", "rules_count"}
    types = {name: each for name, each in TYPES[dataset].items() if name not in derived}
    values = [] if kind.is_alone else [tenant, *(["2026-01"] if kind.has_month else [])]
    keys = ["tenant_id", "call_month"][: len(values)]
    folder = "/".join(
        [f"build/{dataset}", *(f"{k}={v}" for k, v in zip(keys, values, strict=True))]
    )
    body = io.BytesIO()
    plain = [{name: row[name] for name in types} for row in rows]
    pq.write_table(pa.Table.from_pylist(plain, schema=pa.schema(types.items())), body)
    aws.client("s3").put_object(Bucket=BUCKETS.lake, Key=f"{folder}/f0", Body=body.getvalue())
    storage = {
        "Columns": [
            {"Name": n, "Type": GLUE_TYPES.get(str(t), _decimal(t))} for n, t in types.items()
        ],
        "Location": f"s3://{BUCKETS.lake}/build/{dataset}",
        "InputFormat": f"{PARQUET}.MapredParquetInputFormat",
        "OutputFormat": f"{PARQUET}.MapredParquetOutputFormat",
        "SerdeInfo": {"SerializationLibrary": f"{PARQUET}.serde.ParquetHiveSerDe"},
    }
    _ensure_table(aws, dataset, keys, storage)
    if dataset == "fct_calls":
        _ensure_table(aws, NEWEST_SOURCE, keys, storage)
    if values:
        partition = {
            "Values": values,
            "StorageDescriptor": {**storage, "Location": f"s3://{BUCKETS.lake}/{folder}"},
        }
        aws.client("glue").batch_create_partition(
            DatabaseName=names.BUILD_DATABASE, TableName=dataset, PartitionInputList=[partition]
        )


def _decimal(kind: pa.DataType) -> str:
    return str(kind).replace("decimal128", "decimal").replace(" ", "")


def _ensure_table(aws: LocalAws, name: str, keys: list[str], storage: dict[str, Any]) -> None:
    glue = aws.client("glue")
    table = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet"},
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
        "StorageDescriptor": storage,
    }
    try:
        glue.create_table(DatabaseName=names.BUILD_DATABASE, TableInput=table)
    except glue.exceptions.AlreadyExistsException:
        glue.update_table(DatabaseName=names.BUILD_DATABASE, TableInput=table)


def _create_tables(aws: LocalAws) -> None:
    dynamodb = aws.client("dynamodb")
    for table, indexes in (
        (names.CONFIG_TABLE, {"by_kind": ("kind", "pk")}),
        (
            names.LEDGER_TABLE,
            {"by_day": ("day_pk", "sk"), "by_state": ("state_pk", "state_sk")},
        ),
    ):
        attributes = {"pk", "sk", *(name for pair in indexes.values() for name in pair)}
        dynamodb.create_table(
            TableName=table,
            KeySchema=_schema("pk", "sk"),
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in sorted(attributes)
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": index,
                    "KeySchema": _schema(*pair),
                    "Projection": {"ProjectionType": "ALL"},
                }
                for index, pair in indexes.items()
            ],
            BillingMode="PAY_PER_REQUEST",
        )


def _schema(first: str, second: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": first, "KeyType": "HASH"},
        {"AttributeName": second, "KeyType": "RANGE"},
    ]


def _table(aws: LocalAws, name: str) -> Any:
    return aws.session().resource("dynamodb", endpoint_url=aws.endpoint).Table(name)


def _register(aws: LocalAws, tenant: str) -> None:
    item = {"pk": f"TENANT#{tenant}", "sk": "META#v1", "kind": "META", "status": "active"}
    _table(aws, names.CONFIG_TABLE).put_item(Item=item)


def _receive(aws: LocalAws, tenant: str, call_id: str) -> None:
    put = render_new(
        parse_tenant(tenant),
        call_id,
        now="2026-01-30T00:30:00Z",
        by="test",
        sets={"document_hash": DOCUMENT_HASH, "call_date": "2026-01-29"},
    )
    flattened = {"state": "FLATTENED", "state_pk": f"FLATTENED#{tenant}"}
    item = {**put["Item"], **flattened, "at": {"FLATTENED": "2026-01-30T00:30:00Z"}}
    _table(aws, names.LEDGER_TABLE).put_item(Item=item)


def _scan(aws: LocalAws) -> list[dict[str, Any]]:
    items = _table(aws, names.LEDGER_TABLE).scan()["Items"]
    return sorted(items, key=lambda item: (item["pk"], item["sk"]))


def _states(aws: LocalAws) -> dict[str, int]:
    states = [str(item["state"]) for item in _scan(aws)]
    return {state: states.count(state) for state in states}


def _objects(aws: LocalAws) -> dict[str, str]:
    pages = aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKETS.lake)
    return {
        each["Key"]: f"{each['ETag']} {each['LastModified']}"
        for page in pages
        for each in page.get("Contents", [])
    }


def _query(aws: LocalAws, sql: str) -> set[tuple[str | None, ...]]:
    athena = aws.client("athena")
    query = athena.start_query_execution(QueryString=sql, WorkGroup=names.SHARED_WORKGROUP)
    execution = query["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            break
        time.sleep(0.05)
    assert status["State"] == "SUCCEEDED", status
    rows = athena.get_query_results(QueryExecutionId=execution)["ResultSet"]["Rows"]
    return {tuple(cell.get("VarCharValue") for cell in row["Data"]) for row in rows[1:]}
