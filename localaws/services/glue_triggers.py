"""Glue triggers: what starts jobs by hand, by the clock, or after other jobs of a workflow.

EVENT triggers, crawler actions and conditional triggers outside a workflow are refused: ministack
keeps them and never fires them.
"""

import dataclasses
from datetime import UTC, datetime
from typing import Any

from ministack.services import eventbridge

from localaws import clock
from localaws.caller import Caller
from localaws.errors import ApiError, not_implemented
from localaws.services import glue_jobs
from localaws.services.glue_store import TRIGGERS, Operation, Record, add, find, key, mine, page

_UPDATABLE = ("Description", "Schedule", "Actions", "Predicate")


def create_trigger(request: Record, caller: Caller) -> Record:
    """Keep a trigger; one that starts on creation is ACTIVATED at once."""
    _check(request)
    activated = request.get("StartOnCreation") and request["Type"] != "ON_DEMAND"
    trigger = {
        "Name": request["Name"],
        "Type": request["Type"],
        "State": "ACTIVATED" if activated else "CREATED",
        "Actions": request["Actions"],
        "CheckedAt": clock.now(),
    }
    for name in ("Description", "Schedule", "Predicate", "WorkflowName"):
        if request.get(name):
            trigger[name] = request[name]
    add(TRIGGERS, caller, trigger, "Trigger")
    return {"Name": request["Name"]}


def update_trigger(request: Record, caller: Caller) -> Record:
    """Replace a trigger's schedule, predicate, actions or description."""
    trigger = find(TRIGGERS, caller, request["Name"], "Trigger")
    given = {name: request["TriggerUpdate"].get(name) for name in _UPDATABLE}
    changed = {name: value for name, value in given.items() if value}
    _check({**trigger, **changed})
    trigger.update(changed, CheckedAt=clock.now())
    return {"Trigger": _shown(trigger)}


def delete_trigger(request: Record, caller: Caller) -> Record:
    """Forget a trigger; one that never was is no error."""
    TRIGGERS.pop(key(caller, request["Name"]), None)
    return {"Name": request["Name"]}


def get_trigger(request: Record, caller: Caller) -> Record:
    """Return one trigger."""
    return {"Trigger": _shown(find(TRIGGERS, caller, request["Name"], "Trigger"))}


def get_triggers(request: Record, caller: Caller) -> Record:
    """Return the caller's triggers, or those that start one job."""
    return page([_shown(t) for t in _starting(request, caller)], request, "Triggers")


def list_triggers(request: Record, caller: Caller) -> Record:
    """Return the names of the caller's triggers, or of those that start one job."""
    names: Any = [trigger["Name"] for trigger in _starting(request, caller)]
    return page(names, request, "TriggerNames")


def batch_get_triggers(request: Record, caller: Caller) -> Record:
    """Return the triggers asked for, and the names there are none of."""
    found = {name: TRIGGERS.get(key(caller, name)) for name in request["TriggerNames"]}
    return {
        "Triggers": [_shown(trigger) for trigger in found.values() if trigger],
        "TriggersNotFound": [name for name, trigger in found.items() if not trigger],
    }


def start_trigger(request: Record, caller: Caller) -> Record:
    """Fire an ON_DEMAND trigger now; activate any other."""
    trigger = find(TRIGGERS, caller, request["Name"], "Trigger")
    if trigger["Type"] == "ON_DEMAND" and "WorkflowName" in trigger:
        needs = f"a workflow's own start; use StartWorkflowRun of {trigger['WorkflowName']}"
        raise not_implemented("glue", "StartTrigger", needs)
    if trigger["Type"] == "ON_DEMAND":
        fire(trigger, caller)
    else:
        trigger.update(State="ACTIVATED", CheckedAt=clock.now())
    return {"Name": request["Name"]}


def stop_trigger(request: Record, caller: Caller) -> Record:
    """Deactivate a trigger."""
    find(TRIGGERS, caller, request["Name"], "Trigger")["State"] = "DEACTIVATED"
    return {"Name": request["Name"]}


def fire(trigger: Record, caller: Caller) -> None:
    """Start every job of a trigger that belongs to no workflow."""
    for action in trigger["Actions"]:
        glue_jobs.start(action, caller, {"TriggerName": trigger["Name"]}, lambda _run: None)


def of_workflow(name: str, caller: Caller) -> list[Record]:
    """Return the triggers of one workflow as the API shows them."""
    return [_shown(t) for t in mine(TRIGGERS, caller) if t.get("WorkflowName") == name]


def due(now: float, own: Caller) -> list[tuple[Record, Caller]]:
    """Return the activated SCHEDULED triggers whose time has come, once per occurrence.

    With each goes its owner, who acts with `own` credentials. A time that passed while localaws
    was down is not made up for.
    """
    found = []
    for name, trigger in list(TRIGGERS.items()):
        if trigger["Type"] != "SCHEDULED" or trigger["State"] != "ACTIVATED":
            continue
        moment = next_time(trigger["Schedule"], max(trigger["CheckedAt"], now - 90))
        if moment is not None and moment <= now:
            trigger["CheckedAt"] = now
            account, region, _ = name.split("/", 2)
            found.append((trigger, dataclasses.replace(own, account=account, region=region)))
    return found


def next_time(schedule: str, after: float) -> float | None:
    """Return when an AWS cron expression (UTC) fires next after `after`; both in epoch seconds."""
    fields = eventbridge._parse_cron_fields(schedule)
    found = eventbridge._cron_next_fire(fields, datetime.fromtimestamp(after, UTC))
    return found.timestamp() if found else None


OPERATIONS: dict[str, Operation] = {
    "CreateTrigger": create_trigger,
    "UpdateTrigger": update_trigger,
    "DeleteTrigger": delete_trigger,
    "GetTrigger": get_trigger,
    "GetTriggers": get_triggers,
    "ListTriggers": list_triggers,
    "BatchGetTriggers": batch_get_triggers,
    "StartTrigger": start_trigger,
    "StopTrigger": stop_trigger,
}


def _shown(trigger: Record) -> Record:
    return {name: value for name, value in trigger.items() if name != "CheckedAt"}


def _starting(request: Record, caller: Caller) -> list[Record]:
    job = request.get("DependentJobName")
    found = mine(TRIGGERS, caller)
    return [t for t in found if not job or any(a.get("JobName") == job for a in t["Actions"])]


def _check(request: Record) -> None:
    kind = request["Type"]
    if kind not in ("ON_DEMAND", "SCHEDULED", "CONDITIONAL"):
        raise not_implemented("glue", "CreateTrigger", f"{kind} triggers")
    if any("JobName" not in action for action in request["Actions"]):
        raise not_implemented("glue", "CreateTrigger", "crawlers: declare the table instead")
    if kind == "SCHEDULED" and not _is_cron(request.get("Schedule", "")):
        raise ApiError("InvalidInputException", f"{request.get('Schedule')} is no cron expression")
    if kind == "CONDITIONAL":
        _check_conditions(request)


def _is_cron(schedule: str) -> bool:
    # ministack refuses two named days, but lets pass that no day is named.
    return schedule.split().count("?") == 1 and bool(eventbridge._parse_cron_fields(schedule))


def _check_conditions(request: Record) -> None:
    if not request.get("WorkflowName"):
        raise not_implemented("glue", "CreateTrigger", "conditional triggers outside a workflow")
    conditions = request.get("Predicate", {}).get("Conditions", [])
    if not conditions or any("JobName" not in c or "State" not in c for c in conditions):
        raise ApiError("InvalidInputException", "Conditions need a JobName and a State")
