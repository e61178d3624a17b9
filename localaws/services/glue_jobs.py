"""Glue jobs and their runs as the API shows them; `glue_runs` does the running.

ministack answers SUCCEEDED for a glueetl job it never ran. Here glueetl and pythonshell both run
as plain Python (no Spark is started), and other commands are refused.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from typing import Any

from localaws.caller import Caller
from localaws.errors import ApiError, not_implemented
from localaws.services import glue_runs
from localaws.services.glue_store import (
    ACTIVE,
    JOB_RUNS,
    JOBS,
    Operation,
    Record,
    add,
    find,
    key,
    mine,
    page,
)

COMMANDS = ("glueetl", "pythonshell")
FIELDS = (
    "Description",
    "Role",
    "ExecutionProperty",
    "Command",
    "DefaultArguments",
    "NonOverridableArguments",
    "Connections",
    "MaxRetries",
    "Timeout",
    "MaxCapacity",
    "SecurityConfiguration",
    "NotificationProperty",
    "GlueVersion",
    "NumberOfWorkers",
    "WorkerType",
    "ExecutionClass",
    "JobMode",
    "LogUri",
    "MaintenanceWindow",
    "JobRunQueuingEnabled",
)
_STARTING = threading.Lock()
_DEFAULTS = {"MaxRetries": 0, "Timeout": 2880, "ExecutionProperty": {"MaxConcurrentRuns": 1}}


def create_job(request: Record, caller: Caller) -> Record:
    """Keep a job; refuse a command that is no Python script."""
    _refuse_other_commands(request)
    now = time.time()
    job = {"Name": request["Name"], "CreatedOn": now, "LastModifiedOn": now, **_fields(request)}
    add(JOBS, caller, job, "Job")
    return {"Name": request["Name"]}


def update_job(request: Record, caller: Caller) -> Record:
    """Replace a job's definition: what the update leaves out is gone, as in AWS."""
    job = find(JOBS, caller, request["JobName"], "Job")
    update = request["JobUpdate"]
    _refuse_other_commands({"Command": job.get("Command", {}), **update})
    kept = {name: job[name] for name in ("Name", "CreatedOn", "Role", "Command") if name in job}
    job.clear()
    job.update({**kept, **_fields(update), "LastModifiedOn": time.time()})
    return {"JobName": request["JobName"]}


def delete_job(request: Record, caller: Caller) -> Record:
    """Forget a job and its runs; one that never was is no error."""
    JOBS.pop(key(caller, request["JobName"]), None)
    for run in _runs(request["JobName"], caller):
        JOB_RUNS.pop(key(caller, run["Id"]), None)
    return {"JobName": request["JobName"]}


def get_job(request: Record, caller: Caller) -> Record:
    """Return one job."""
    return {"Job": find(JOBS, caller, request["JobName"], "Job")}


def get_jobs(request: Record, caller: Caller) -> Record:
    """Return the caller's jobs, a page at a time."""
    return page(mine(JOBS, caller), request, "Jobs")


def list_jobs(request: Record, caller: Caller) -> Record:
    """Return the names of the caller's jobs."""
    names: Any = [job["Name"] for job in mine(JOBS, caller)]
    return page(names, request, "JobNames")


def batch_get_jobs(request: Record, caller: Caller) -> Record:
    """Return the jobs asked for, and the names there are none of."""
    found = {name: JOBS.get(key(caller, name)) for name in request["JobNames"]}
    return {
        "Jobs": [job for job in found.values() if job],
        "JobsNotFound": [name for name, job in found.items() if not job],
    }


def start_job_run(request: Record, caller: Caller) -> Record:
    """Start a run; raise ConcurrentRunsExceededException where as many run as may."""
    return {"JobRunId": start(request, caller, {}, lambda _run: None)["Id"]}


def start(
    request: Record, caller: Caller, origin: Record, finished: Callable[[Record], None]
) -> Record:
    """Start a run for a request or a trigger and return its record.

    `origin` says what started it (TriggerName, PredecessorRuns, and `Workflow`: extra arguments);
    `finished` is told when the last attempt has ended.
    """
    job = find(JOBS, caller, request["JobName"], "Job")
    with _STARTING:
        active = [run for run in _runs(job["Name"], caller) if run["JobRunState"] in ACTIVE]
        if len(active) >= job["ExecutionProperty"].get("MaxConcurrentRuns", 1):
            text = f"Concurrent runs exceeded for {job['Name']}"
            raise ApiError("ConcurrentRunsExceededException", text)
        run = _new_run(job, request, caller, origin)
        JOB_RUNS[key(caller, run["Id"])] = run

    def ended(run: Record) -> None:
        if run["JobRunState"] == "FAILED" and run["Attempt"] < job.get("MaxRetries", 0):
            glue_runs.start(job, _next_attempt(run, caller), caller, origin, ended)
        else:
            finished(run)

    glue_runs.start(job, run, caller, origin, ended)
    return run


def get_job_run(request: Record, caller: Caller) -> Record:
    """Return one run of a job."""
    run = find(JOB_RUNS, caller, request["RunId"], "Job run")
    if run["JobName"] != request["JobName"]:
        raise ApiError("EntityNotFoundException", f"Job run {request['RunId']} not found.")
    return {"JobRun": run}


def get_job_runs(request: Record, caller: Caller) -> Record:
    """Return a job's runs, the newest first."""
    find(JOBS, caller, request["JobName"], "Job")
    return page(_runs(request["JobName"], caller)[::-1], request, "JobRuns")


def batch_stop_job_run(request: Record, caller: Caller) -> Record:
    """Stop runs that run; the others are errors of their own."""
    stopped, errors = [], []
    for identifier in request["JobRunIds"]:
        item = {"JobName": request["JobName"], "JobRunId": identifier}
        run = JOB_RUNS.get(key(caller, identifier))
        if run is None or run["JobName"] != request["JobName"]:
            errors.append(_stop_error(item, "EntityNotFoundException", "no such run"))
        elif not glue_runs.stop(identifier):
            text = f"the run is {run['JobRunState']}"
            errors.append(_stop_error(item, "IllegalStateException", text))
        else:
            stopped.append(item)
    return {"SuccessfulSubmissions": stopped, "Errors": errors}


OPERATIONS: dict[str, Operation] = {
    "CreateJob": create_job,
    "UpdateJob": update_job,
    "DeleteJob": delete_job,
    "GetJob": get_job,
    "GetJobs": get_jobs,
    "ListJobs": list_jobs,
    "BatchGetJobs": batch_get_jobs,
    "StartJobRun": start_job_run,
    "GetJobRun": get_job_run,
    "GetJobRuns": get_job_runs,
    "BatchStopJobRun": batch_stop_job_run,
}


def _fields(request: Record) -> Record:
    given = {name: request[name] for name in FIELDS if request.get(name) is not None}
    return {**_DEFAULTS, **given}


def _refuse_other_commands(request: Record) -> None:
    command = request.get("Command", {}).get("Name")
    if command not in COMMANDS:
        raise not_implemented("glue", "CreateJob", f"command {command}; only {', '.join(COMMANDS)}")


def _runs(job_name: str, caller: Caller) -> list[Record]:
    return [run for run in mine(JOB_RUNS, caller) if run["JobName"] == job_name]


def _new_run(job: Record, request: Record, caller: Caller, origin: Record) -> Record:
    now = time.time()
    seed = f"{job['Name']}/{now}/{len(mine(JOB_RUNS, caller))}"
    taken = ("Timeout", "MaxCapacity", "WorkerType", "NumberOfWorkers", "GlueVersion")
    run = {
        "Id": "jr_" + hashlib.sha256(seed.encode()).hexdigest(),
        "Attempt": 0,
        "JobName": job["Name"],
        "StartedOn": now,
        "LastModifiedOn": now,
        "JobRunState": "STARTING",
        "Arguments": request.get("Arguments") or {},
        "PredecessorRuns": origin.get("PredecessorRuns", []),
        "ExecutionTime": 0,
        "LogGroupName": "/aws-glue/jobs",
        **{name: job[name] for name in taken if name in job},
        **{name: request[name] for name in taken if request.get(name) is not None},
    }
    if "TriggerName" in origin:
        run["TriggerName"] = origin["TriggerName"]
    return run


def _next_attempt(run: Record, caller: Caller) -> Record:
    now = time.time()
    attempt = run["Attempt"] + 1
    again = {
        **run,
        "Id": f"{run['Id'].partition('_attempt_')[0]}_attempt_{attempt}",
        "Attempt": attempt,
        "PreviousRunId": run["Id"],
        "StartedOn": now,
        "JobRunState": "STARTING",
        "ExecutionTime": 0,
    }
    for name in ("CompletedOn", "ErrorMessage"):
        again.pop(name, None)
    JOB_RUNS[key(caller, again["Id"])] = again
    return again


def _stop_error(item: Record, code: str, text: str) -> Record:
    return {**item, "ErrorDetail": {"ErrorCode": code, "ErrorMessage": text}}
