"""A workflow's triggers and the job runs of one workflow run -> what fires next, and how it stands.

Pure. A conditional trigger fires once per workflow run, when the newest runs of the jobs it names
are in the states it names; a failed predecessor therefore ends its chain. As in AWS a run in which
jobs failed is COMPLETED, and its statistics say what failed.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]

START_TYPES = ("ON_DEMAND", "SCHEDULED")
_ACTIVE = ("STARTING", "RUNNING", "STOPPING", "WAITING")
_STATISTIC = {
    "RunningActions": _ACTIVE,
    "SucceededActions": ("SUCCEEDED",),
    "FailedActions": ("FAILED",),
    "TimeoutActions": ("TIMEOUT",),
    "StoppedActions": ("STOPPED",),
    "ErroredActions": ("ERROR",),
}


def start_triggers(triggers: Sequence[Record]) -> list[Record]:
    """Return the triggers that StartWorkflowRun fires."""
    return [trigger for trigger in triggers if trigger["Type"] in START_TYPES]


def due(triggers: Sequence[Record], runs: Sequence[Record], fired: Collection[str]) -> list[Record]:
    """Return the conditional triggers whose predicate has become true and that have not fired."""
    states = newest_states(runs)
    return [
        trigger
        for trigger in triggers
        if trigger["Type"] == "CONDITIONAL"
        and trigger["State"] == "ACTIVATED"
        and trigger["Name"] not in fired
        and _holds(trigger["Predicate"], states)
    ]


def newest_states(runs: Sequence[Record]) -> dict[str, str]:
    """Return job name -> state of its newest run; `runs` are in the order they were started."""
    return {run["JobName"]: run["JobRunState"] for run in runs}


def statistics(triggers: Sequence[Record], runs: Sequence[Record]) -> dict[str, int]:
    """Return the counts GetWorkflowRun shows; TotalActions counts the jobs never reached too."""
    states = list(newest_states(runs).values())
    counts = {name: sum(s in wanted for s in states) for name, wanted in _STATISTIC.items()}
    total = len({action["JobName"] for trigger in triggers for action in trigger["Actions"]})
    return {"TotalActions": total, **counts, "WaitingActions": 0}


def graph(triggers: Sequence[Record], runs: Sequence[Record]) -> dict[str, Any]:
    """Return triggers and jobs as nodes, and the edges between them."""
    jobs: dict[str, None] = {}
    edges = []
    for trigger in triggers:
        for condition in trigger.get("Predicate", {}).get("Conditions", []):
            jobs[condition["JobName"]] = None
            edges.append((_id("JOB", condition["JobName"]), _id("TRIGGER", trigger["Name"])))
        for action in trigger["Actions"]:
            jobs[action["JobName"]] = None
            edges.append((_id("TRIGGER", trigger["Name"]), _id("JOB", action["JobName"])))
    nodes = [_trigger_node(trigger) for trigger in triggers]
    nodes += [_job_node(job, [run for run in runs if run["JobName"] == job]) for job in jobs]
    return {
        "Nodes": nodes,
        "Edges": [{"SourceId": a, "DestinationId": b} for a, b in edges],
    }


def _holds(predicate: Record, states: Mapping[str, str]) -> bool:
    met = [states.get(c["JobName"]) == c["State"] for c in predicate["Conditions"]]
    return any(met) if predicate.get("Logical") == "ANY" else all(met)


def _trigger_node(trigger: Record) -> dict[str, Any]:
    return {
        "Type": "TRIGGER",
        "Name": trigger["Name"],
        "UniqueId": _id("TRIGGER", trigger["Name"]),
        "TriggerDetails": {"Trigger": dict(trigger)},
    }


def _job_node(name: str, runs: Sequence[Record]) -> dict[str, Any]:
    details = {"JobDetails": {"JobRuns": [dict(run) for run in runs[::-1]]}} if runs else {}
    return {"Type": "JOB", "Name": name, "UniqueId": _id("JOB", name), **details}


def _id(kind: str, name: str) -> str:
    return "wnode_" + hashlib.sha256(f"{kind}/{name}".encode()).hexdigest()
