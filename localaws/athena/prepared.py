"""Prepared statements and named queries: texts kept by name, one store per work group."""

from typing import Any

from localaws.athena import workgroups
from localaws.athena.statements import Prepared
from localaws.athena.store import Clock, Store
from localaws.caller import Caller
from localaws.errors import ApiError

Request = dict[str, Any]


def remember(statement: Prepared, group: str, caller: Caller, store: Store, clock: Clock) -> None:
    """Carry out PREPARE or DEALLOCATE; raise ApiError if the name to forget is unknown."""
    kept = store.section(caller, "prepared")
    if statement.action == "DEALLOCATE":
        _need(statement.name, group, caller, store)
        del kept[f"{group}/{statement.name}"]
        return
    kept[f"{group}/{statement.name}"] = _entry(statement.name, group, statement.text, "", clock)


def text_of(name: str, group: str, caller: Caller, store: Store) -> str:
    """Return the text of a prepared statement; raise ApiError if there is none."""
    return str(_need(name, group, caller, store)["QueryStatement"])


def create(request: Request, caller: Caller, store: Store, clock: Clock) -> Request:
    """Keep a prepared statement under a new name."""
    group, name = request["WorkGroup"], request["StatementName"]
    workgroups.need(store, caller, group)
    kept = store.section(caller, "prepared")
    if f"{group}/{name}" in kept:
        raise ApiError("InvalidRequestException", f"Prepared statement {name} already exists")
    text, about = request["QueryStatement"], request.get("Description", "")
    kept[f"{group}/{name}"] = _entry(name, group, text, about, clock)
    return {}


def update(request: Request, caller: Caller, store: Store, clock: Clock) -> Request:
    """Replace the text of a prepared statement."""
    found = _need(request["StatementName"], request["WorkGroup"], caller, store)
    found["QueryStatement"], found["LastModifiedTime"] = request["QueryStatement"], clock()
    return {}


def get(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Return a prepared statement."""
    found = _need(request["StatementName"], request["WorkGroup"], caller, store)
    return {"PreparedStatement": found}


def delete(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Forget a prepared statement."""
    _need(request["StatementName"], request["WorkGroup"], caller, store)
    kept = store.section(caller, "prepared")
    del kept[f"{request['WorkGroup']}/{request['StatementName']}"]
    return {}


def list_all(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Return the names of a group's prepared statements."""
    workgroups.need(store, caller, request["WorkGroup"])
    kept = store.section(caller, "prepared").values()
    listed = [
        {key: entry[key] for key in ("StatementName", "LastModifiedTime")}
        for entry in kept
        if entry["WorkGroupName"] == request["WorkGroup"]
    ]
    return {"PreparedStatements": listed}


def _entry(name: str, group: str, text: str, about: str, clock: Clock) -> dict[str, Any]:
    return {
        "StatementName": name,
        "QueryStatement": text,
        "WorkGroupName": group,
        "Description": about,
        "LastModifiedTime": clock(),
    }


def _need(name: str, group: str, caller: Caller, store: Store) -> Any:
    workgroups.need(store, caller, group)
    found = store.section(caller, "prepared").get(f"{group}/{name}")
    if found is None:
        text = f"PreparedStatement {name} was not found in workGroup {group}"
        raise ApiError("ResourceNotFoundException", text)
    return found
