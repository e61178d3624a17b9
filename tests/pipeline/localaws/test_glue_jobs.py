"""Glue jobs really run, and workflows follow them to their end."""

import json

import pytest

from tests.support.localaws_scenes import bucket, finished, job, printed, queue, rule, zipped
from tests.support.localaws_server import wait_until

pytestmark = pytest.mark.pipeline

SHOW = """
import json, os, pathlib, sys
import boto3, our_stage
boto3.client("s3").list_buckets()
print(json.dumps({"argv": sys.argv[1:], "stage": our_stage.NAME, "cwd": os.listdir(),
                  "extra": sorted(k for k in os.environ if k.startswith("LOCALAWS"))}))
"""
FAIL = "print('begun')\nraise ValueError('tenant acme: no form')\n"


@pytest.fixture(scope="module")
def aws(aws_factory):
    server = aws_factory()
    bucket(server, "artefacts")
    wheel = zipped({"our_stage/__init__.py": "NAME = 'flatten'"})
    server.client("s3").put_object(Bucket="artefacts", Key="our-1-py3-none-any.whl", Body=wheel)
    return server


def start(aws, name, **more):
    return aws.client("glue").start_job_run(JobName=name, **more)["JobRunId"]


def test_a_glueetl_job_runs_with_its_arguments_wheels_and_credentials(aws):
    defaults = {"--entry": "x", "--extra-py-files": "s3://artefacts/our-1-py3-none-any.whl"}
    job(aws, "show", SHOW, DefaultArguments=defaults, GlueVersion="6.0")
    run_id = start(aws, "show", Arguments={"--day": "2026-01-31 09:00"})
    run = finished(aws, "show", run_id)
    assert (run["JobRunState"], run.get("ErrorMessage")) == ("SUCCEEDED", None)
    greeting, line = printed(aws, run_id)
    assert "no Spark is started" in greeting
    seen = json.loads(line)
    assert seen["argv"] == [
        *("--JOB_NAME", "show", "--JOB_RUN_ID", run_id),
        *("--entry", "x", "--extra-py-files", defaults["--extra-py-files"]),
        *("--day", "2026-01-31 09:00"),
    ]
    assert (seen["stage"], seen["cwd"], seen["extra"]) == ("flatten", [], [])


def test_a_failed_job_says_its_last_exception_line_and_is_announced(aws):
    url, arn = queue(aws, "glue-events")
    rule(aws, "glue-failed", {"source": ["aws.glue"], "detail": {"state": ["FAILED"]}}, arn)
    run_id = start(aws, job(aws, "fail", FAIL, command="pythonshell"))
    run = finished(aws, "fail", run_id)
    assert (run["JobRunState"], run["ErrorMessage"]) == (
        "FAILED",
        "ValueError: tenant acme: no form",
    )
    assert printed(aws, run_id, "error")[-1] == "ValueError: tenant acme: no form"
    message = aws.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"][0]
    event = json.loads(message["Body"])
    assert event["detail-type"] == "Glue Job State Change"
    assert event["detail"]["jobRunId"] == run_id


def test_a_running_job_is_stopped_and_refuses_a_second_run_meanwhile(aws):
    glue = aws.client("glue")
    run_id = start(aws, job(aws, "slow", "import time\ntime.sleep(60)"))
    with pytest.raises(glue.exceptions.ConcurrentRunsExceededException):
        start(aws, "slow")
    wait_until(
        lambda: glue.get_job_run(JobName="slow", RunId=run_id)["JobRun"]["JobRunState"] == "RUNNING"
    )
    stopped = glue.batch_stop_job_run(JobName="slow", JobRunIds=[run_id, "jr_nobody"])
    assert [item["JobRunId"] for item in stopped["SuccessfulSubmissions"]] == [run_id]
    assert [item["JobRunId"] for item in stopped["Errors"]] == ["jr_nobody"]
    assert finished(aws, "slow", run_id)["JobRunState"] == "STOPPED"


def test_a_missing_script_or_package_fails_the_run_with_its_name(aws):
    aws.client("glue").create_job(
        Name="lost",
        Role="glue",
        Command={"Name": "glueetl", "ScriptLocation": "s3://artefacts/nowhere.py"},
    )
    assert "nowhere.py" in finished(aws, "lost", start(aws, "lost"))["ErrorMessage"]
    modules = {"--additional-python-modules": "boto3==0.0.1"}
    run_id = start(aws, job(aws, "mismatch", "print(1)", DefaultArguments=modules))
    assert "boto3==0.0.1" in finished(aws, "mismatch", run_id)["ErrorMessage"]


def workflow(aws, name, *jobs):
    glue = aws.client("glue")
    glue.create_workflow(Name=name, MaxConcurrentRuns=1, DefaultRunProperties={"a": "1"})
    for number, then in enumerate(jobs):
        first = {"Type": "SCHEDULED", "Schedule": "cron(0 2 * * ? *)"}
        condition = {"LogicalOperator": "EQUALS", "JobName": jobs[number - 1], "State": "SUCCEEDED"}
        later = {"Type": "CONDITIONAL", "Predicate": {"Logical": "AND", "Conditions": [condition]}}
        glue.create_trigger(
            Name=f"{name}-{number}",
            WorkflowName=name,
            Actions=[{"JobName": then}],
            StartOnCreation=True,
            **(later if number else first),
        )
    return name


def completed(aws, name, run_id):
    def ended():
        run = aws.client("glue").get_workflow_run(Name=name, RunId=run_id, IncludeGraph=True)["Run"]
        return run if run["Status"] != "RUNNING" else None

    return wait_until(ended)


def test_three_jobs_run_in_order_and_know_their_workflow(aws):
    tell = "import sys\nprint(sys.argv)"
    jobs = [job(aws, f"step{number}", tell) for number in range(3)]
    glue = aws.client("glue")
    run_id = glue.start_workflow_run(Name=workflow(aws, "nightly", *jobs))["RunId"]
    run = completed(aws, "nightly", run_id)
    assert (run["Status"], run["Statistics"]["SucceededActions"]) == ("COMPLETED", 3)
    nodes = {node["Name"]: node for node in run["Graph"]["Nodes"]}
    runs = [nodes[name]["JobDetails"]["JobRuns"][0] for name in jobs]
    assert [one["TriggerName"] for one in runs] == ["nightly-0", "nightly-1", "nightly-2"]
    assert runs[2]["PredecessorRuns"] == [{"JobName": "step1", "RunId": runs[1]["Id"]}]
    assert f"'--WORKFLOW_RUN_ID', '{run_id}'" in printed(aws, runs[0]["Id"])[1]
    glue.put_workflow_run_properties(Name="nightly", RunId=run_id, RunProperties={"b": "2"})
    found = glue.get_workflow_run_properties(Name="nightly", RunId=run_id)["RunProperties"]
    assert found == {"a": "1", "b": "2"}


def test_a_failed_job_ends_the_chain_and_the_run_shows_it(aws):
    jobs = [job(aws, "good", "print(1)"), job(aws, "bad", FAIL), job(aws, "never", "print(2)")]
    name = workflow(aws, "broken", *jobs)
    run = completed(aws, name, aws.client("glue").start_workflow_run(Name=name)["RunId"])
    counts = run["Statistics"]
    assert run["Status"] == "COMPLETED"
    assert (counts["TotalActions"], counts["SucceededActions"], counts["FailedActions"]) == (
        3,
        1,
        1,
    )
    nodes = {node["Name"]: node for node in run["Graph"]["Nodes"]}
    assert nodes["bad"]["JobDetails"]["JobRuns"][0]["ErrorMessage"] == (
        "ValueError: tenant acme: no form"
    )
    assert "JobDetails" not in nodes["never"]


def test_a_stopped_workflow_stops_its_job(aws):
    name = workflow(aws, "stopped", job(aws, "sleeper", "import time\ntime.sleep(60)"))
    glue = aws.client("glue")
    run_id = glue.start_workflow_run(Name=name)["RunId"]
    glue.stop_workflow_run(Name=name, RunId=run_id)
    wait_until(lambda: glue.get_workflow_run(Name=name, RunId=run_id)["Run"]["Status"] == "STOPPED")


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("start_crawler", {"Name": "c"}),
        ("create_trigger", {"Name": "t", "Type": "EVENT", "Actions": [{"JobName": "j"}]}),
        (
            "create_job",
            {
                "Name": "r",
                "Role": "r",
                "Command": {"Name": "glueray", "ScriptLocation": "s3://x/y"},
            },
        ),
    ],
)
def test_what_would_never_run_is_refused(aws, operation, request_):
    glue = aws.client("glue")
    with pytest.raises(glue.exceptions.ClientError, match="localaws does not implement glue:"):
        getattr(glue, operation)(**request_)
