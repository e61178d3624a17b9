"""ministack with nothing replaced still shows the fault each row of the table is there for.

A row without its fault is not needed any more: delete it. To add a row, add a probe under its
`module.name`: a function that shows the fault on a bare server, or on the function itself.
"""

import datetime
import json

import pytest
from botocore.exceptions import ClientError
from ministack.core import iam_actions
from ministack.services import cloudwatch_logs, lambda_svc
from ministack.services.cloudformation import stacks

from localaws.ministack import REPLACEMENTS
from tests.pipeline.localaws.test_pages import ask
from tests.support import delivery_faults, iam_faults, key_faults, log_faults
from tests.support.localaws_scenes import bucket, forward, queue, rule
from tests.support.localaws_server import start_localaws
from tests.support.unreadable_state import saved, unreadable

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A server in which nothing of ministack is replaced."""
    state = tmp_path_factory.mktemp("bare")
    server = start_localaws(state, module="tests.support.bare_ministack")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A bare server that checks who may do what."""
    state = tmp_path_factory.mktemp("guarded")
    server = start_localaws(state, module="tests.support.bare_ministack", LOCALAWS_AUTH="1")
    yield server
    server.stop()


def athena_takes_a_work_group_that_is_not_there(bare):
    started = bare.client("athena").start_query_execution(
        QueryString="SELECT 1",
        WorkGroup="nope",
        ResultConfiguration={"OutputLocation": "s3://anywhere/"},
    )
    assert started["QueryExecutionId"]


def glue_returns_every_partition_whatever_the_expression(bare):
    glue = bare.client("glue")
    glue.create_database(DatabaseInput={"Name": "lake"})
    storage = {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://x/y/"}
    keys = [{"Name": "dt", "Type": "string"}]
    table = {"Name": "t", "StorageDescriptor": storage, "PartitionKeys": keys}
    glue.create_table(DatabaseName="lake", TableInput=table)
    for value in ("1", "2"):
        glue.create_partition(
            DatabaseName="lake",
            TableName="t",
            PartitionInput={"Values": [value], "StorageDescriptor": storage},
        )
    asked = glue.get_partitions(DatabaseName="lake", TableName="t", Expression="dt = '1'")
    assert len(asked["Partitions"]) == 2


def transcribe_knows_no_call_analytics(bare):
    with pytest.raises(ClientError, match="ListCallAnalyticsJobs"):
        bare.client("transcribe").list_call_analytics_jobs()


def bedrock_answers_for_a_model_that_is_not_there(bare):
    answer = bare.client("bedrock-runtime").converse(
        modelId="nobody.nothing-v1", messages=[{"role": "user", "content": [{"text": "hello"}]}]
    )
    assert answer["output"]["message"]["content"]


def s3_copies_over_what_must_be_written_once(bare):
    s3 = bare.client("s3")
    bucket(bare, "once")
    s3.put_object(Bucket="once", Key="first", Body=b"1")
    s3.put_object(Bucket="once", Key="second", Body=b"2")
    s3.copy_object(Bucket="once", Key="first", CopySource="once/second", IfNoneMatch="*")
    assert s3.get_object(Bucket="once", Key="first")["Body"].read() == b"2"


def s3_keeps_a_transition_it_never_makes(bare):
    bucket(bare, "moved")
    rule = {
        "ID": "r",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}],
    }
    bare.client("s3").put_bucket_lifecycle_configuration(
        Bucket="moved", LifecycleConfiguration={"Rules": [rule]}
    )


def s3_answers_200_for_an_object_it_could_not_write(bare):
    bucket(bare, "full")
    folder = bare.state / "s3" / "000000000000" / "full"
    folder.rmdir()
    folder.write_text("in the way")
    answer = bare.client("s3").put_object(Bucket="full", Key="k", Body=b"lost")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def lambda_starts_as_many_as_the_template_says(_bare):
    mapping = {"ScalingConfig": {"MaximumConcurrency": 50}}
    assert lambda_svc._sqs_esm_concurrency(mapping, {}, {}) == 50


def cloudformation_provisions_ours_on_the_loop(_bare):
    assert not stacks._runs_on_worker_thread("AWS::SQS::QueueInlinePolicy")


def iam_asks_for_an_action_that_iam_does_not_have(_bare):
    headers = {"x-amz-target": "AmazonSQS.SendMessageBatch"}
    asked = iam_actions.extract_iam_action("sqs", "POST", "/", headers, b"{}", {})
    assert asked == "sqs:SendMessageBatch"


def cloudtrail_makes_a_trail_whose_bucket_is_not_there(bare):
    assert bare.client("cloudtrail").create_trail(Name="t", S3BucketName="none")["TrailARN"]


def s3_stamps_objects_by_the_machines_clock(bare):
    bucket(bare, "dated")
    forward(bare, 30 * 86400)
    bare.client("s3").put_object(Bucket="dated", Key="k", Body=b"x")
    stamped = bare.client("s3").head_object(Bucket="dated", Key="k")["LastModified"]
    assert stamped - datetime.datetime.now(datetime.UTC) < datetime.timedelta(days=1)


def the_bus_delivers_an_event_that_is_to_be_lost(bare):
    url, arn = queue(bare, "heard")
    lost = b'{"kind": "event_lost", "operation": "aws.s3:Object Created"}'
    assert ask(bare, "_localaws/faults", "POST", lost)[0] == 200
    rule(bare, "heard", {"source": ["aws.s3"]}, arn)
    bucket(bare, "speaking", events=True)
    bare.client("s3").put_object(Bucket="speaking", Key="k", Body=b"x")
    assert bare.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]


def logs_take_every_line_for_a_match_of_a_json_pattern(_bare):
    matches = cloudwatch_logs._compile_filter_pattern('{ $.level = "ERROR" }')
    assert matches(json.dumps({"level": "INFO"}))


def eventbridge_enables_a_rule_that_is_not_there(bare):
    bare.client("events").enable_rule(Name="nobody-made-it")


def eventbridge_disables_a_rule_that_is_not_there(bare):
    bare.client("events").disable_rule(Name="nobody-made-it")


def a_service_begins_empty_and_only_the_log_says_so(bare):
    state = bare.state.with_name("unreadable")
    unreadable(state, "sqs", saved([5]))
    server = start_localaws(state, module="tests.support.bare_ministack")
    told = ask(server, "_localaws/health")[1]["warnings"]
    server.stop()
    assert told == []


PROBES = {
    "app._load_persisted_state": a_service_begins_empty_and_only_the_log_says_so,
    "services.eventbridge._enable_rule": eventbridge_enables_a_rule_that_is_not_there,
    "services.eventbridge._disable_rule": eventbridge_disables_a_rule_that_is_not_there,
    "services.athena.handle_request": athena_takes_a_work_group_that_is_not_there,
    "services.glue._handle_request_sync": glue_returns_every_partition_whatever_the_expression,
    "services.transcribe.handle_request": transcribe_knows_no_call_analytics,
    "services.bedrock_runtime.handle_request": bedrock_answers_for_a_model_that_is_not_there,
    "services.s3._copy_object": s3_copies_over_what_must_be_written_once,
    "services.s3._put_bucket_lifecycle": s3_keeps_a_transition_it_never_makes,
    "services.s3._persist_object": s3_answers_200_for_an_object_it_could_not_write,
    "services.lambda_svc._sqs_esm_concurrency": lambda_starts_as_many_as_the_template_says,
    "services.cloudtrail.handle_request": cloudtrail_makes_a_trail_whose_bucket_is_not_there,
    "services.cloudformation.stacks._runs_on_worker_thread": (
        cloudformation_provisions_ours_on_the_loop
    ),
    "core.iam_actions.extract_iam_action": iam_asks_for_an_action_that_iam_does_not_have,
    "services.cloudwatch_logs._compile_filter_pattern": (
        logs_take_every_line_for_a_match_of_a_json_pattern
    ),
    "services.s3.now_iso": s3_stamps_objects_by_the_machines_clock,
    "services.eventbridge._dispatch_event": the_bus_delivers_an_event_that_is_to_be_lost,
    **key_faults.PROBES,
    **log_faults.PROBES,
}

# These need a server that checks who may do what.
GUARDED = {**delivery_faults.PROBES, **iam_faults.PROBES}


@pytest.mark.parametrize("row", sorted(PROBES))
def test_the_fault_a_row_is_there_for_is_still_there(bare, row):
    PROBES[row](bare)


@pytest.mark.parametrize("row", sorted(GUARDED))
def test_the_fault_of_authorization_a_row_is_there_for_is_still_there(guarded, row):
    GUARDED[row](guarded)


def test_every_row_has_a_probe_and_every_probe_a_row():
    rows = {f"{row.module}.{row.name}" for row in REPLACEMENTS}
    assert {*PROBES, *GUARDED} == rows
