"""Hive tables through unmodified clients: what SHOW prints runs again, what repair finds."""

import os
from collections.abc import Iterator
from typing import Any

import awswrangler as wr
import pytest

from tests.support.athena_api import BUCKET, Clients, ask
from tests.support.conformance import Answer
from tests.support.localaws_scenes import bucket
from tests.support.localaws_server import LocalAws

pytestmark = pytest.mark.pipeline
DATABASE = "hive"

TABLES = {
    "delimited": (
        "create external table delimited (`call_id` string comment 'it''s; so', "
        "turns array<struct<n:int,party:string>>, labels map<string,int>) comment 'calls' "
        "partitioned by (tenant_id string comment 'whose') row format delimited "
        r"fields terminated by '\t' escaped by '\\' collection items terminated by '\002' "
        "null defined as 'NA' stored as textfile location 's3://conformance/delimited/' "
        "tblproperties ('skip.header.line.count'='1', 'note'='a\\'b\\\\c\\u00e9')"
    ),
    "quoted": (
        "create external table quoted (a string, b string) row format serde "
        "'org.apache.hadoop.hive.serde2.OpenCSVSerde' with serdeproperties "
        r"('separatorChar'=';', 'quoteChar'='\'', 'escapeChar'='\\') "
        "location 's3://conformance/quoted/'"
    ),
    "parquet": "create external table parquet (a int) stored as parquet "
    "location 's3://conformance/parquet/'",
}


@pytest.fixture(scope="module")
def hive(aws: LocalAws) -> Iterator[LocalAws]:
    bucket(aws, BUCKET)
    aws.client("glue").create_database(DatabaseInput={"Name": DATABASE})
    os.environ.update(aws.environment)
    yield aws
    for name in aws.environment:
        os.environ.pop(name)


def shown(client: Clients, sql: str) -> Answer:
    return ask(client, sql, DATABASE)


def _kept(hive: LocalAws, name: str) -> dict[str, Any]:
    table = hive.client("glue").get_table(DatabaseName=DATABASE, Name=name)["Table"]
    wanted = ("Description", "Parameters", "PartitionKeys", "StorageDescriptor")
    return {key: table[key] for key in wanted if key in table}


@pytest.mark.parametrize("name", TABLES)
def test_what_show_create_table_prints_makes_the_same_table(hive: LocalAws, name: str) -> None:
    assert shown(hive.client, TABLES[name]).error == ""
    first = _kept(hive, name)
    text = "\n".join(row[0] or "" for row in shown(hive.client, f"show create table {name}").rows)
    assert shown(hive.client, f"drop table {name}").error == ""
    made = shown(hive.client, text)
    assert made.error == "", (made.message, text)
    assert _kept(hive, name) == first


def test_awswrangler_repairs_and_shows_a_table(hive: LocalAws) -> None:
    sql = (
        "create table mended with (partitioned_by = array['tenant_id'], "
        "external_location = 's3://conformance/mended/') as select call_id, tenant_id "
        "from (values ('c1', 'acme'), ('c1', 'acme-uk')) as t(call_id, tenant_id)"
    )
    assert shown(hive.client, sql).error == ""
    shown(hive.client, "alter table mended drop partition (tenant_id = 'acme')")
    output = f"s3://{BUCKET}/results/"
    wr.athena.repair_table("mended", DATABASE, s3_output=output)
    rows = shown(hive.client, "select tenant_id from mended order by 1").rows
    assert rows == (("acme",), ("acme-uk",))
    text = wr.athena.show_create_table("mended", DATABASE, s3_output=output)
    assert text.startswith("CREATE EXTERNAL TABLE `hive.mended`(")
