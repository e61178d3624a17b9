"""Where Glue's jobs, runs, triggers and workflows are kept, by account and region."""

from collections.abc import Callable
from typing import Any

from localaws import state
from localaws.caller import Caller
from localaws.errors import ApiError

Record = dict[str, Any]
Operation = Callable[[Record, Caller], Record]

JOBS = state.register("glue_jobs")
JOB_RUNS = state.register("glue_job_runs")
JOB_PROCESSES = state.register("glue_job_processes")
TRIGGERS = state.register("glue_triggers")
WORKFLOWS = state.register("glue_workflows")
WORKFLOW_RUNS = state.register("glue_workflow_runs")

ACTIVE = ("STARTING", "RUNNING", "STOPPING", "WAITING")


def key(caller: Caller, name: str) -> str:
    """Return the store key of `name` in the caller's account and region."""
    return f"{caller.account}/{caller.region}/{name}"


def mine(store: dict[str, Any], caller: Caller) -> list[Record]:
    """Return the caller's records in the order they were made."""
    prefix = key(caller, "")
    return [record for name, record in list(store.items()) if name.startswith(prefix)]


def find(store: dict[str, Any], caller: Caller, name: str, kind: str) -> Record:
    """Return one record; raise EntityNotFoundException that names it."""
    found: Record | None = store.get(key(caller, name))
    if found is None:
        raise ApiError("EntityNotFoundException", f"{kind} {name} not found.")
    return found


def add(store: dict[str, Any], caller: Caller, record: Record, kind: str) -> None:
    """Keep a new record under its Name; raise AlreadyExistsException where there is one."""
    name = record["Name"]
    if key(caller, name) in store:
        raise ApiError("AlreadyExistsException", f"{kind} with name {name} already submitted.")
    store[key(caller, name)] = record


def page(records: list[Record], request: Record, name: str) -> Record:
    """Return one page of `records` as field `name`, with NextToken where there is more."""
    start = first_of(request)
    end = start + int(request.get("MaxResults") or 200)
    answer: Record = {name: records[start:end]}
    if end < len(records):
        answer["NextToken"] = str(end)
    return answer


def first_of(request: Record) -> int:
    """Return the place its NextToken names; raise InvalidInputException for one never given."""
    token = str(request.get("NextToken") or 0)
    if not token.isdecimal():
        raise ApiError("InvalidInputException", f"{token} is no NextToken of this operation")
    return int(token)
