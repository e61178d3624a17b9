"""Glue workflows: a start fires the start triggers, finished jobs fire the conditional ones.

ministack leaves a workflow run RUNNING for ever. What happens next is decided in `workflow_graph`.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from localaws.caller import Caller
from localaws.errors import ApiError
from localaws.services import glue_jobs, glue_runs, glue_triggers, workflow_graph
from localaws.services.glue_store import (
    ACTIVE,
    JOB_RUNS,
    WORKFLOW_RUNS,
    WORKFLOWS,
    Operation,
    Record,
    add,
    find,
    key,
    mine,
    page,
)

_LOG = logging.getLogger("localaws")
_UPDATABLE = ("Description", "DefaultRunProperties", "MaxConcurrentRuns")
_OURS = ("JobRunIds", "FiredTriggers", "EndedRunIds")
_GOING = ("RUNNING", "STOPPING")
_MOVING = threading.RLock()


def create_workflow(request: Record, caller: Caller) -> Record:
    """Keep a workflow; its triggers name it."""
    now = time.time()
    workflow = {"Name": request["Name"], "CreatedOn": now, "LastModifiedOn": now}
    workflow.update({name: request[name] for name in _UPDATABLE if request.get(name) is not None})
    add(WORKFLOWS, caller, workflow, "Workflow")
    return {"Name": request["Name"]}


def update_workflow(request: Record, caller: Caller) -> Record:
    """Replace a workflow's description, default properties or limit."""
    workflow = find(WORKFLOWS, caller, request["Name"], "Workflow")
    workflow.update({name: request[name] for name in _UPDATABLE if request.get(name) is not None})
    workflow["LastModifiedOn"] = time.time()
    return {"Name": request["Name"]}


def delete_workflow(request: Record, caller: Caller) -> Record:
    """Forget a workflow and its runs; its triggers stay, as in AWS."""
    WORKFLOWS.pop(key(caller, request["Name"]), None)
    for run in _runs(request["Name"], caller):
        WORKFLOW_RUNS.pop(key(caller, run["WorkflowRunId"]), None)
    return {"Name": request["Name"]}


def get_workflow(request: Record, caller: Caller) -> Record:
    """Return one workflow with its last run, and the graph when asked for."""
    workflow = dict(find(WORKFLOWS, caller, request["Name"], "Workflow"))
    runs = _runs(request["Name"], caller)
    if runs:
        workflow["LastRun"] = _shown(runs[-1], caller, request)
    if request.get("IncludeGraph"):
        triggers = glue_triggers.of_workflow(request["Name"], caller)
        workflow["Graph"] = workflow_graph.graph(triggers, [])
    return {"Workflow": workflow}


def list_workflows(request: Record, caller: Caller) -> Record:
    """Return the names of the caller's workflows."""
    names: Any = [workflow["Name"] for workflow in mine(WORKFLOWS, caller)]
    return page(names, request, "Workflows")


def start_workflow_run(request: Record, caller: Caller) -> Record:
    """Fire the workflow's start triggers, whatever their type, and follow the run to its end."""
    workflow = find(WORKFLOWS, caller, request["Name"], "Workflow")
    starts = workflow_graph.start_triggers(glue_triggers.of_workflow(workflow["Name"], caller))
    if not starts:
        text = f"Workflow {workflow['Name']} has no trigger to start it"
        raise ApiError("InvalidInputException", text)
    with _MOVING:
        going = [run for run in _runs(workflow["Name"], caller) if run["Status"] in _GOING]
        if going and len(going) >= workflow.get("MaxConcurrentRuns", len(going) + 1):
            text = f"Concurrent runs exceeded for workflow: {workflow['Name']}"
            raise ApiError("ConcurrentRunsExceededException", text)
        run = _new_run(workflow, request, caller)
        for trigger in starts:
            _fire(trigger, run, caller)
        _move(run, caller)
    return {"RunId": run["WorkflowRunId"]}


def stop_workflow_run(request: Record, caller: Caller) -> Record:
    """Stop a run: no trigger fires any more, and its running jobs are stopped."""
    run = _find_run(request, caller)
    if run["Status"] != "RUNNING":
        raise ApiError("IllegalWorkflowStateException", f"the run is {run['Status']}")
    with _MOVING:
        run["Status"] = "STOPPING"
        for job_run in _job_runs(run, caller):
            glue_runs.stop(job_run["Id"])
        _move(run, caller)
    return {}


def get_workflow_run(request: Record, caller: Caller) -> Record:
    """Return one run with its statistics, and the graph when asked for."""
    return {"Run": _shown(_find_run(request, caller), caller, request)}


def get_workflow_runs(request: Record, caller: Caller) -> Record:
    """Return a workflow's runs, the newest first."""
    find(WORKFLOWS, caller, request["Name"], "Workflow")
    runs = _runs(request["Name"], caller)[::-1]
    return page([_shown(run, caller, request) for run in runs], request, "Runs")


def get_run_properties(request: Record, caller: Caller) -> Record:
    """Return the properties jobs of a run share."""
    return {"RunProperties": _find_run(request, caller)["WorkflowRunProperties"]}


def put_run_properties(request: Record, caller: Caller) -> Record:
    """Add to the properties jobs of a run share."""
    _find_run(request, caller)["WorkflowRunProperties"].update(request["RunProperties"])
    return {}


def ring(clock: Callable[[], float], own: Caller) -> None:
    """Start what the SCHEDULED triggers whose time has come stand for: their workflow or jobs."""
    for trigger, owner in glue_triggers.due(clock(), own):
        try:
            if "WorkflowName" in trigger:
                start_workflow_run({"Name": trigger["WorkflowName"]}, owner)
            else:
                glue_triggers.fire(trigger, owner)
        except ApiError as error:
            _LOG.warning("trigger %s could not start: %s", trigger["Name"], error.message)


def settle_orphans() -> None:
    """Bring the job and workflow runs a killed localaws left behind to their end."""
    glue_runs.fail_orphans()
    for name, run in list(WORKFLOW_RUNS.items()):
        account, region, _ = name.split("/", 2)
        caller = Caller("", region, account, "test", "test")
        going = [r for r in _job_runs(run, caller) if r["JobRunState"] in ACTIVE]
        if run["Status"] in _GOING and not going:
            _end(run)


OPERATIONS: dict[str, Operation] = {
    "CreateWorkflow": create_workflow,
    "UpdateWorkflow": update_workflow,
    "DeleteWorkflow": delete_workflow,
    "GetWorkflow": get_workflow,
    "ListWorkflows": list_workflows,
    "StartWorkflowRun": start_workflow_run,
    "StopWorkflowRun": stop_workflow_run,
    "GetWorkflowRun": get_workflow_run,
    "GetWorkflowRuns": get_workflow_runs,
    "GetWorkflowRunProperties": get_run_properties,
    "PutWorkflowRunProperties": put_run_properties,
}


def _new_run(workflow: Record, request: Record, caller: Caller) -> Record:
    before = _runs(workflow["Name"], caller)
    seed = f"{workflow['Name']}/{time.time()}/{len(before)}"
    given = request.get("RunProperties") or {}
    run = {
        "Name": workflow["Name"],
        "WorkflowRunId": "wr_" + hashlib.sha256(seed.encode()).hexdigest(),
        "WorkflowRunProperties": {**workflow.get("DefaultRunProperties", {}), **given},
        "StartedOn": time.time(),
        "Status": "RUNNING",
        "JobRunIds": [],
        "FiredTriggers": [],
        "EndedRunIds": [],
    }
    if before:
        run["PreviousRunId"] = before[-1]["WorkflowRunId"]
    WORKFLOW_RUNS[key(caller, run["WorkflowRunId"])] = run
    return run


def _fire(trigger: Mapping[str, Any], run: Record, caller: Caller) -> None:
    names = {"--WORKFLOW_NAME": run["Name"], "--WORKFLOW_RUN_ID": run["WorkflowRunId"]}
    predecessors = [
        {"JobName": job_run["JobName"], "RunId": job_run["Id"]}
        for job_run in _job_runs(run, caller)
        if any(c["JobName"] == job_run["JobName"] for c in _conditions(trigger))
    ]
    origin = {"TriggerName": trigger["Name"], "PredecessorRuns": predecessors, "Workflow": names}
    run["FiredTriggers"].append(trigger["Name"])

    def ended(job_run: Record) -> None:
        _ended(job_run, run, caller)

    for action in trigger["Actions"]:
        try:
            started = glue_jobs.start(action, caller, origin, ended)
        except ApiError as error:
            run["ErrorMessage"] = f"{trigger['Name']}: {error.message}"
            run["Status"] = "ERROR"
            return
        run["JobRunIds"].append(started["Id"])


def _ended(job_run: Record, run: Record, caller: Caller) -> None:
    with _MOVING:
        run["EndedRunIds"].append(job_run["Id"].partition("_attempt_")[0])
        _move(run, caller)


def _move(run: Record, caller: Caller) -> None:
    if run["Status"] == "RUNNING":
        triggers = glue_triggers.of_workflow(run["Name"], caller)
        for trigger in workflow_graph.due(triggers, _ended_runs(run, caller), run["FiredTriggers"]):
            _fire(trigger, run, caller)
    if set(run["JobRunIds"]) <= set(run["EndedRunIds"]):
        _end(run)


def _end(run: Record) -> None:
    run["CompletedOn"] = time.time()
    final = {"RUNNING": "COMPLETED", "STOPPING": "STOPPED"}
    run["Status"] = final.get(run["Status"], run["Status"])


def _shown(run: Record, caller: Caller, request: Record) -> Record:
    triggers = glue_triggers.of_workflow(run["Name"], caller)
    job_runs = _job_runs(run, caller)
    shown = {name: value for name, value in run.items() if name not in _OURS}
    shown["Statistics"] = workflow_graph.statistics(triggers, job_runs)
    if request.get("IncludeGraph"):
        shown["Graph"] = workflow_graph.graph(triggers, job_runs)
    return shown


def _find_run(request: Record, caller: Caller) -> Record:
    run = find(WORKFLOW_RUNS, caller, request["RunId"], "Workflow run")
    if run["Name"] != request["Name"]:
        raise ApiError("EntityNotFoundException", f"Workflow run {request['RunId']} not found.")
    return run


def _runs(name: str, caller: Caller) -> list[Record]:
    return [run for run in mine(WORKFLOW_RUNS, caller) if run["Name"] == name]


def _job_runs(run: Record, caller: Caller) -> list[Record]:
    every = mine(JOB_RUNS, caller)
    return [one for one in every if one["Id"].partition("_attempt_")[0] in run["JobRunIds"]]


def _ended_runs(run: Record, caller: Caller) -> list[Record]:
    # A failed attempt is not the end of a job that is tried again.
    ended = run["EndedRunIds"]
    every = _job_runs(run, caller)
    return [one for one in every if one["Id"].partition("_attempt_")[0] in ended]


def _conditions(trigger: Mapping[str, Any]) -> list[Record]:
    conditions: list[Record] = trigger.get("Predicate", {}).get("Conditions", [])
    return conditions
