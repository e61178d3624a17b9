"""Start the workflow, follow its jobs, and say what the night published and what it held back."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cci.aws import Aws, AwsError, error_code
from contracts.names import DBT_JOB, FLATTEN_JOB, NIGHTLY, PUBLISH_JOB
from serving.aws import read_outcome

RUNNING: Final = "RUNNING"
JOBS: Final = (FLATTEN_JOB, DBT_JOB, PUBLISH_JOB)
ERROR_LOGS: Final = "/aws-glue/jobs/error"


class AlreadyRunning(Exception):
    """The night runs already; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a run: its state in Glue's words, seconds, and why it failed."""

    name: str
    run_id: str
    state: str
    seconds: int
    error: str


@dataclass(frozen=True, slots=True)
class Night:
    """A finished run of the workflow, its jobs in order; those that never started are absent."""

    run_id: str
    status: str
    jobs: tuple[Job, ...]

    @property
    def has_failed(self) -> bool:
        """Whether the run stopped, or not every job of it ran and succeeded."""
        succeeded = {job.name for job in self.jobs if job.state == "SUCCEEDED"}
        return self.status != "COMPLETED" or succeeded != set(JOBS)


def run_night(aws: Aws, tell: Callable[[Sequence[Job]], None]) -> Night:
    """Start `cci-lite-nightly` and wait for its end; `tell` hears the jobs at every look.

    Raise AlreadyRunning when a run is under way.
    """
    try:
        run_id = aws.glue.start_workflow_run(Name=NIGHTLY)["RunId"]
    except AwsError as error:
        if error_code(error) != "ConcurrentRunsExceededException":
            raise
        raise AlreadyRunning(f"{NIGHTLY} runs already: wait for it, then start again") from error
    while True:
        run = aws.glue.get_workflow_run(Name=NIGHTLY, RunId=run_id, IncludeGraph=True)["Run"]
        jobs = sorted(_jobs(run), key=lambda job: job.run_id)
        tell(jobs)
        if run["Status"] != RUNNING:
            return Night(run_id, run["Status"], tuple(_in_order(run)))
        time.sleep(0.3)


def outcome_of(aws: Aws, night: Night) -> Mapping[str, Any]:
    """Return what people see after this night: tenants published, unchanged, blocked, empty.

    Raise PublishError when no night has ended yet.
    """
    publish = next(job for job in night.jobs if job.name == PUBLISH_JOB)
    found: Mapping[str, Any] = read_outcome(aws.buckets.lake, publish.run_id)
    return found


def log_tail(aws: Aws, job: Job, lines: int = 20) -> list[str]:
    """Return the last lines a job wrote to its error log; empty when it wrote none."""
    logs = aws.client("logs")
    try:
        page = logs.get_log_events(
            logGroupName=ERROR_LOGS, logStreamName=job.run_id, limit=lines, startFromHead=False
        )
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [event["message"].rstrip() for event in page["events"]]


def _in_order(run: Mapping[str, Any]) -> list[Job]:
    return sorted(_jobs(run), key=lambda job: JOBS.index(job.name))


def _jobs(run: Mapping[str, Any]) -> Iterator[Job]:
    for node in run.get("Graph", {}).get("Nodes", []):
        for found in node.get("JobDetails", {}).get("JobRuns", []):
            yield Job(
                str(found["JobName"]),
                str(found["Id"]),
                str(found["JobRunState"]),
                int(found.get("ExecutionTime", 0)),
                str(found.get("ErrorMessage", "")),
            )
