"""What used to answer success for nothing done: each does it, or is refused.

Held beside their services: glueetl runs, triggers, workflows and partitions (test_glue_*), an
enforced location (test_athena_*), template properties (test_cloudformation*), lifecycle
(test_expiry), keys (test_encrypted_objects), metric filters (test_watching), Insights
(test_insights), S3's inventory and Select (test_refusals_on_the_wire).
"""

from contextlib import suppress

import pytest
from botocore.exceptions import ClientError

from tests.support.localaws_scenes import bucket
from tests.support.localaws_server import wait_until

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def ask(aws):
    """Return the ended execution of a statement, in database `lake`."""
    bucket(aws, "green")
    aws.client("glue").create_database(DatabaseInput={"Name": "lake"})
    athena = aws.client("athena")

    def asked(text):
        name = athena.start_query_execution(
            QueryString=text,
            QueryExecutionContext={"Database": "lake"},
            ResultConfiguration={"OutputLocation": "s3://green/results/"},
        )["QueryExecutionId"]
        ended = ("SUCCEEDED", "FAILED", "CANCELLED")
        return wait_until(
            lambda: (
                found
                if (found := athena.get_query_execution(QueryExecutionId=name)["QueryExecution"])[
                    "Status"
                ]["State"]
                in ended
                else None
            ),
            seconds=60,
        )

    asked("CREATE TABLE plain WITH (external_location = 's3://green/plain/') AS SELECT 1 AS n")
    return asked


def reason(execution):
    return execution["Status"].get("StateChangeReason", "")


def test_a_ctas_is_a_table_of_the_catalog_with_files_behind_it(aws, ask):
    assert ask("SELECT n FROM plain")["Status"]["State"] == "SUCCEEDED"
    table = aws.client("glue").get_table(DatabaseName="lake", Name="plain")["Table"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["n"]
    assert aws.client("s3").list_objects_v2(Bucket="green", Prefix="plain/")["KeyCount"] > 0


def test_a_table_that_is_not_there_is_no_empty_answer(ask):
    execution = ask("SELECT * FROM nowhere")
    assert execution["Status"]["State"] == "FAILED"
    assert reason(execution).startswith("TABLE_NOT_FOUND")


def test_show_databases_shows_the_catalogs(aws, ask):
    execution = ask("SHOW DATABASES")
    rows = aws.client("athena").get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    names = [row["Data"][0]["VarCharValue"] for row in rows["ResultSet"]["Rows"]]
    assert names == ["lake"]


@pytest.mark.parametrize(
    "text",
    [
        "OPTIMIZE plain REWRITE DATA USING BIN_PACK",
        "VACUUM plain",
        "SELECT * FROM plain FOR TIMESTAMP AS OF TIMESTAMP '2020-01-01 00:00:00 UTC'",
        "SELECT * FROM plain FOR VERSION AS OF 1",
    ],
)
def test_what_only_iceberg_can_do_is_no_success_on_another_table(ask, text):
    with suppress(ClientError):  # refused at the start, which is as good
        execution = ask(text)
        assert execution["Status"]["State"] == "FAILED"
        assert len(reason(execution)) > 20


def test_a_work_group_that_is_not_there_starts_nothing(aws):
    with pytest.raises(ClientError, match="WorkGroup nowhere is not found"):
        aws.client("athena").start_query_execution(QueryString="SELECT 1", WorkGroup="nowhere")


@pytest.mark.parametrize(
    ("service", "operation", "request_"),
    [
        ("glue", "create_crawler", {"Name": "c", "Role": "r", "Targets": {}}),
        ("glue", "get_crawlers", {}),
        ("glue", "start_data_quality_ruleset_evaluation_run", None),
        ("redshift", "describe_clusters", {}),
        ("quicksight", "list_data_sets", {"AwsAccountId": "000000000000"}),
    ],
)
def test_what_nobody_would_carry_out_is_refused(aws, service, operation, request_):
    if request_ is None:
        source = {"GlueTable": {"DatabaseName": "lake", "TableName": "plain"}}
        request_ = {"DataSource": source, "Role": "r", "RulesetNames": ["r"]}
    with pytest.raises(ClientError, match="NotImplementedException"):
        getattr(aws.client(service), operation)(**request_)


def test_a_trigger_by_event_would_never_fire_and_is_refused(aws):
    with pytest.raises(ClientError) as caught:
        aws.client("glue").create_trigger(
            Name="t", Type="EVENT", WorkflowName="w", Actions=[{"JobName": "j"}]
        )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 501)


@pytest.mark.parametrize("operation", ["enable_rule", "disable_rule"])
def test_a_rule_that_is_not_there_is_neither_enabled_nor_disabled(aws, operation):
    with pytest.raises(ClientError) as refused:
        getattr(aws.client("events"), operation)(Name="nobody-made-it")
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
