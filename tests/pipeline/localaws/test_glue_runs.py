"""How a Glue run ends: tried again, out of time, stopped by force; and what is seen meanwhile."""

from typing import Any

import pytest
from botocore.config import Config

from tests.support.localaws_scenes import bucket, finished, job, printed
from tests.support.localaws_server import LocalAws, wait_until

pytestmark = pytest.mark.pipeline

TELL = "import json, sys\nprint(json.dumps(sys.argv[1:]))"
WAIT = "import time\nprint('begun')\ntime.sleep(60)"
STUBBORN = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nprint('deaf')\ntime.sleep(60)"
SECOND_TIME = """
import sys
import boto3
s3 = boto3.client("s3")
mark = f"tried-{sys.argv[2]}"
if s3.list_objects_v2(Bucket="artefacts", Prefix=mark)["KeyCount"] == 0:
    s3.put_object(Bucket="artefacts", Key=mark, Body=b"")
    raise ValueError("tenant acme: the first time")
print("the second time")
"""

WAITS_FOR = """
import time
import boto3
s3 = boto3.client("s3")
while s3.list_objects_v2(Bucket="artefacts", Prefix="{mark}")["KeyCount"] == 0:
    time.sleep(0.1)
"""


@pytest.fixture(scope="module")
def glue(aws: LocalAws) -> Any:
    bucket(aws, "artefacts")
    return aws.client("glue")


def start(glue: Any, name: str, **more: Any) -> str:
    return str(glue.start_job_run(JobName=name, **more)["JobRunId"])


def shows(aws: LocalAws, run_id: str, line: str) -> bool:
    try:
        return line in printed(aws, run_id)
    except aws.client("logs").exceptions.ResourceNotFoundException:
        return False


def test_a_pythonshell_job_sees_its_arguments(glue: Any, aws: LocalAws) -> None:
    job(aws, "shell", TELL, command="pythonshell", DefaultArguments={"--tenant": "acme"})
    run_id = start(glue, "shell", Arguments={"--tenant": "acme-uk"})
    assert finished(aws, "shell", run_id)["JobRunState"] == "SUCCEEDED"
    assert printed(aws, run_id)[-1] == (
        f'["--JOB_NAME", "shell", "--JOB_RUN_ID", "{run_id}", "--tenant", "acme-uk"]'
    )


def test_what_a_job_prints_is_seen_while_it_runs(glue: Any, aws: LocalAws) -> None:
    run_id = start(glue, job(aws, "talker", WAIT))
    wait_until(lambda: shows(aws, run_id, "begun"))
    assert glue.get_job_run(JobName="talker", RunId=run_id)["JobRun"]["JobRunState"] == "RUNNING"
    glue.batch_stop_job_run(JobName="talker", JobRunIds=[run_id])
    run = finished(aws, "talker", run_id)
    assert (run["JobRunState"], run.get("ErrorMessage")) == ("STOPPED", None)


def test_a_run_that_takes_longer_than_its_timeout_ends_as_timeout(aws: LocalAws) -> None:
    # A part of a minute, which AWS's client does not let through, so that the test need not wait.
    lenient = aws.session().client(
        "glue", endpoint_url=aws.endpoint, config=Config(parameter_validation=False)
    )
    run_id = start(lenient, job(aws, "late", WAIT), Timeout=0.01)

    def ended() -> Any:
        run = lenient.get_job_run(JobName="late", RunId=run_id)["JobRun"]
        return run if run["JobRunState"] not in ("STARTING", "RUNNING", "STOPPING") else None

    run = wait_until(ended)
    assert run["JobRunState"] == "TIMEOUT"
    assert "timed out" in run["ErrorMessage"]


def test_a_failed_run_is_tried_again_as_often_as_its_job_says(glue: Any, aws: LocalAws) -> None:
    job(aws, "twice", SECOND_TIME, MaxRetries=2)
    first = start(glue, "twice")
    wait_until(lambda: len(glue.get_job_runs(JobName="twice")["JobRuns"]) == 2)
    assert finished(aws, "twice", f"{first}_attempt_1")["JobRunState"] == "SUCCEEDED"
    again, before = glue.get_job_runs(JobName="twice")["JobRuns"]
    assert (before["JobRunState"], before["ErrorMessage"]) == (
        "FAILED",
        "ValueError: tenant acme: the first time",
    )
    assert (again["Attempt"], again["PreviousRunId"]) == (1, first)


def test_as_many_run_at_once_as_the_job_allows(glue: Any, aws: LocalAws) -> None:
    job(aws, "pair", WAIT, ExecutionProperty={"MaxConcurrentRuns": 2})
    runs = [start(glue, "pair"), start(glue, "pair")]
    with pytest.raises(glue.exceptions.ConcurrentRunsExceededException):
        start(glue, "pair")
    glue.batch_stop_job_run(JobName="pair", JobRunIds=runs)
    assert {finished(aws, "pair", run)["JobRunState"] for run in runs} == {"STOPPED"}
    glue.batch_stop_job_run(JobName="pair", JobRunIds=[start(glue, "pair")])


def test_a_job_deaf_to_term_is_killed(glue: Any, aws: LocalAws) -> None:
    run_id = start(glue, job(aws, "deaf", STUBBORN))
    wait_until(lambda: shows(aws, run_id, "deaf"))
    glue.batch_stop_job_run(JobName="deaf", JobRunIds=[run_id])
    wait_until(
        lambda: (
            glue.get_job_run(JobName="deaf", RunId=run_id)["JobRun"]["JobRunState"] == "STOPPING"
        )
    )
    assert finished(aws, "deaf", run_id)["JobRunState"] == "STOPPED"


def test_a_run_that_has_ended_cannot_be_stopped(glue: Any, aws: LocalAws) -> None:
    run_id = start(glue, job(aws, "done", TELL))
    finished(aws, "done", run_id)
    answer = glue.batch_stop_job_run(JobName="done", JobRunIds=[run_id])
    assert answer["SuccessfulSubmissions"] == []
    assert [error["JobRunId"] for error in answer["Errors"]] == [run_id]


def test_files_that_cannot_be_unpacked_fail_the_run_with_the_reason(
    glue: Any, aws: LocalAws
) -> None:
    broken = b"PK\x05\x06" + b"\xff" * 18
    aws.client("s3").put_object(Bucket="artefacts", Key="broken.whl", Body=broken)
    files = {"--extra-py-files": "s3://artefacts/broken.whl"}
    run_id = start(glue, job(aws, "unpacked", TELL, DefaultArguments=files))
    run = finished(aws, "unpacked", run_id)
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"].startswith("localaws could not run the job: ")
    start(glue, "unpacked")


def test_a_workflow_waits_for_the_second_attempt_of_its_job(glue: Any, aws: LocalAws) -> None:
    glue.create_workflow(Name="patient")
    job(aws, "shaky", SECOND_TIME + WAITS_FOR.format(mark="go-shaky"), MaxRetries=1)
    job(aws, "beside", WAITS_FOR.format(mark="go-beside"))
    job(aws, "after-shaky", TELL)
    both = [{"JobName": "shaky"}, {"JobName": "beside"}]
    glue.create_trigger(Name="by-hand", Type="ON_DEMAND", WorkflowName="patient", Actions=both)
    conditions = [{"LogicalOperator": "EQUALS", "JobName": "shaky", "State": "SUCCEEDED"}]
    for state in ("SUCCEEDED", "FAILED"):
        condition = {**conditions[0], "State": state}
        glue.create_trigger(
            Name=f"when-{state.lower()}",
            Type="CONDITIONAL",
            WorkflowName="patient",
            StartOnCreation=True,
            Predicate={"Logical": "ANY", "Conditions": [condition]},
            Actions=[{"JobName": "after-shaky"}],
        )
    run_id = glue.start_workflow_run(Name="patient")["RunId"]
    wait_until(lambda: len(glue.get_job_runs(JobName="shaky")["JobRuns"]) == 2)
    for other in ("beside", "shaky"):
        aws.client("s3").put_object(Bucket="artefacts", Key=f"go-{other}", Body=b"")
        finished(aws, other, glue.get_job_runs(JobName=other)["JobRuns"][0]["Id"])

    def ended() -> Any:
        run = glue.get_workflow_run(Name="patient", RunId=run_id, IncludeGraph=True)["Run"]
        return run if run["Status"] != "RUNNING" else None

    run = wait_until(ended)
    nodes = {node["Name"]: node for node in run["Graph"]["Nodes"]}
    states = [one["JobRunState"] for one in nodes["shaky"]["JobDetails"]["JobRuns"]]
    assert states == ["SUCCEEDED", "FAILED"]
    later = nodes["after-shaky"]["JobDetails"]["JobRuns"]
    assert [one["TriggerName"] for one in later] == ["when-succeeded"]
    assert (run["Status"], run["Statistics"]["SucceededActions"]) == ("COMPLETED", 3)
    with pytest.raises(glue.exceptions.ClientError, match="StartWorkflowRun of patient"):
        glue.start_trigger(Name="by-hand")
