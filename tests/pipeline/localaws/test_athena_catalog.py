"""What a query may ask about tables: hidden columns, partitions, information_schema, a plan."""

import json
from collections.abc import Iterator

import pytest

from tests.support.athena_api import BUCKET, ask
from tests.support.conformance import Answer
from tests.support.localaws_scenes import bucket
from tests.support.localaws_server import LocalAws

pytestmark = pytest.mark.pipeline
MADE = (
    "create table calls with (partitioned_by = array['tenant_id', 'call_month'], "
    f"external_location = 's3://{BUCKET}/about/') as select call_id, tenant_id, call_month from "
    "(values ('c1', 'acme', '2026-01'), ('c1', 'acme-uk', null), ('c2', 'acme', 'a/b')) "
    "as t(call_id, tenant_id, call_month)",
    f"create external table whole (n int) stored as parquet location 's3://{BUCKET}/whole/'",
    "create view acme as select call_id, tenant_id from calls where tenant_id = 'acme'",
    "create view acme_months as select a.call_id, c.call_month from acme as a "
    "join calls as c using (tenant_id) where a.call_id = c.call_id",
)
ACME = "tenant_id=acme/call_month=2026-01"
ODD = "tenant_id=acme/call_month=a%2Fb"
NONE = "tenant_id=acme-uk/call_month=__HIVE_DEFAULT_PARTITION__"


@pytest.fixture(scope="module")
def made(aws: LocalAws) -> Iterator[LocalAws]:
    bucket(aws, BUCKET)
    for name in ("about", "other"):
        aws.client("glue").create_database(DatabaseInput={"Name": name})
    for sql in MADE:
        assert asked(aws, sql).error == ""
    return aws


def asked(aws: LocalAws, sql: str) -> Answer:
    return ask(aws.client, sql, "about")


ROWS = {
    'select call_id, "$partition" from calls order by 2': [
        ("c1", NONE), ("c1", ACME), ("c2", ODD),
    ],
    'select p, n from (select "$partition" as p, count(*) as n from calls group by 1) '
    "where p like '%acme-uk%'": [(NONE, "1")],
    'select min("$file_size") > 100 as a, count(distinct "$path") as b, '
    'max("$file_modified_time") > timestamp \'2020-01-01 00:00:00 UTC\' as c from calls':
        [("true", "3", "true")],
    'select a."$partition" as p from calls a join calls b using (tenant_id, call_month) '
    "where a.call_id = 'c2'": [(ODD,)],
    "select c.call_id from acme c join (calls a join calls b on a.call_month = b.call_month) "
    "on c.call_id = a.call_id and a.call_month = 'a/b'": [("c2",)],
    "select count(*) as n from calls as a join whole as w using (call_id)": "COLUMN_NOT_FOUND",
    'select count(*) as n from whole where "$file_size" > 0': [("0",)],
    'select "$partition" from whole': "COLUMN_NOT_FOUND",
    'select "$path" from acme': "COLUMN_NOT_FOUND",
    'select "$bucket" from calls': "COLUMN_NOT_FOUND",
    'select * from "calls$partitions" order by 1, 2': [
        ("acme", "2026-01"), ("acme", "a/b"), ("acme-uk", None),
    ],
    'select count(*) as n from about."calls$partitions" where call_month is null': [("1",)],
    'select call_id from "calls$partitions"': "COLUMN_NOT_FOUND",
    'select * from "acme$partitions"': "TABLE_NOT_FOUND",
    'select * from "whole$partitions"': "TABLE_NOT_FOUND",
    'select * from "calls$nope"': "TABLE_NOT_FOUND",
    "select * from acme_months order by 2": [("c1", "2026-01"), ("c2", "a/b")],
    "select table_name, table_type from information_schema.tables "
    "where table_schema = 'about' order by 1": [
        ("acme", "VIEW"), ("acme_months", "VIEW"), ("calls", "BASE TABLE"),
        ("whole", "BASE TABLE"),
    ],
    "select column_name, ordinal_position, is_nullable, extra_info from "
    "information_schema.columns where table_schema = 'about' and table_name = 'calls' order by 2": [
        ("call_id", "1", "YES", None),
        ("tenant_id", "2", "YES", "partition key"),
        ("call_month", "3", "YES", "partition key"),
    ],
    "select table_name from information_schema.views where table_schema = 'about' "
    "and table_name like 'acme_m%'": [("acme_months",)],
    "select schema_name from information_schema.schemata where schema_name in ('about', 'no')":
        [("about",)],
    "select column_name, data_type from information_schema.columns where table_name = 'whole' "
    "and table_schema = 'about'": [("n", "integer")],
    "select count(*) as n from information_schema.columns where table_schema = 'no'": [("0",)],
    "select * from information_schema.no": "TABLE_NOT_FOUND",
}  # fmt: skip


@pytest.mark.parametrize(("sql", "wanted"), ROWS.items())
def test_a_question_about_tables_is_answered_as_athena_does(
    made: LocalAws, sql: str, wanted: object
) -> None:
    found = asked(made, sql)
    assert (found.error or list(found.rows)) == wanted, found.message


def test_a_plan_says_whose_it_is_and_whether_a_query_is_valid(made: LocalAws) -> None:
    sql = "select call_id, count(*) from acme group by 1"
    text = [row[0] or "" for row in asked(made, f"explain {sql}").rows]
    assert text[0].startswith("Plan of the embedded engine of localaws")
    assert text[1:] == ["Output[call_id:varchar(2), _col1:bigint]", "    Read[about.calls]"]
    lines = [row[0] or "" for row in asked(made, f"explain (format json) {sql}").rows]
    plan = json.loads("\n".join(lines))
    assert plan["reads"] == ["about.calls"]
    assert "--engine trino" in plan["engine"]
    assert asked(made, f"explain (type validate) {sql}").rows == (("true",),)
    assert asked(made, "explain (type validate) select no from acme").error == "COLUMN_NOT_FOUND"
    assert asked(made, f"explain analyze {sql}").error == "NOT_SUPPORTED"


def test_a_view_whose_table_changed_is_stale(made: LocalAws) -> None:
    for sql in (
        "create view stars as select * from whole",
        "create view over_stars as select * from stars",
        "alter table whole add columns (m string)",
    ):
        assert asked(made, sql).error == ""
    assert asked(made, "select * from stars").error == "INVALID_VIEW"
    assert asked(made, "select * from over_stars").error == "INVALID_VIEW"
    assert asked(made, "create or replace view stars as select n, m from whole").error == ""
    assert asked(made, "select n from stars").columns == ("n",)
    assert asked(made, "select * from over_stars").error == "INVALID_VIEW"


def test_statements_prepared_in_sql_and_by_the_api_are_of_one_store(made: LocalAws) -> None:
    athena = made.client("athena")
    ours = "select call_id from calls where tenant_id = ? and call_month = ?"
    assert asked(made, f"prepare of_month from {ours}").error == ""
    kept = athena.get_prepared_statement(StatementName="of_month", WorkGroup="primary")
    assert kept["PreparedStatement"]["QueryStatement"] == ours
    assert asked(made, "execute of_month using 'acme', 'a/b'").rows == (("c2",),)
    athena.create_prepared_statement(
        StatementName="of_path",
        WorkGroup="primary",
        QueryStatement='select count(*) as n from calls where "$partition" = ?',
    )
    assert asked(made, f"execute of_path using '{ACME}'").rows == (("1",),)
    assert asked(made, "deallocate prepare of_path").error == ""
    assert asked(made, f"execute of_path using '{ACME}'").error != ""
