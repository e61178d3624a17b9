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


def test_a_shown_view_runs_again_and_is_the_same_view(hive: LocalAws) -> None:
    made = (
        "create view acme_calls as select call_id, tenant_id, 'it''s' as note "
        "from (values ('c1', 'acme'), ('c1', 'acme-uk')) as t(call_id, tenant_id) "
        "where tenant_id = 'acme'"
    )
    assert shown(hive.client, made).error == ""
    answer = shown(hive.client, "show create view acme_calls")
    text = "\n".join(row[0] or "" for row in answer.rows)
    assert text.startswith("CREATE VIEW ")
    assert shown(hive.client, "drop view acme_calls").error == ""
    again = shown(hive.client, text)
    assert again.error == "", (again.message, text)
    rows = shown(hive.client, "select * from acme_calls").rows
    assert rows == (("c1", "acme", "it's"),)
    assert shown(hive.client, "show create view acme_calls").rows == answer.rows


def test_a_table_of_a_missing_bucket_fails_its_query_by_name(hive: LocalAws) -> None:
    shown(
        hive.client,
        "create external table lost (a int) stored as parquet location 's3://no-such-bucket/a/'",
    )
    found = shown(hive.client, "select a from lost")
    assert found.error == "HIVE_FILESYSTEM_ERROR"
    assert "bucket does not exist" in found.message


def test_a_file_of_a_hundred_thousand_projected_places_is_found_in_its_own(hive: LocalAws) -> None:
    hive.client("s3").put_object(Bucket=BUCKET, Key="projected/t=acme/n=77777/a.csv", Body=b"c1\n")
    hive.client("s3").put_object(Bucket=BUCKET, Key="projected/t=acme-uk/n=7/a.csv", Body=b"c1\n")
    hive.client("s3").put_object(Bucket=BUCKET, Key="projected/t=nobody/n=7/a.csv", Body=b"c1\n")
    made = shown(
        hive.client,
        "create external table projected (call_id string) partitioned by (t string, n int) "
        f"location 's3://{BUCKET}/projected/' tblproperties ('projection.enabled'='true', "
        "'projection.t.type'='enum', 'projection.t.values'='acme,acme-uk', "
        "'projection.n.type'='integer', 'projection.n.range'='1,49999')",
    )
    assert made.error == ""
    rows = shown(hive.client, "select call_id, t, n from projected").rows
    assert rows == (("c1", "acme-uk", "7"),)
