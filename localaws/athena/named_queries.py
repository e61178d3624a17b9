"""Named queries: saved texts that nothing runs by itself."""

import uuid
from typing import Any

from localaws.athena import workgroups
from localaws.athena.store import Clock, Store
from localaws.caller import Caller
from localaws.errors import ApiError

Request = dict[str, Any]


def create(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Save a query under a new id."""
    group = request.get("WorkGroup") or "primary"
    workgroups.need(store, caller, group)
    identifier = str(uuid.uuid4())
    store.section(caller, "named")[identifier] = {
        "Name": request["Name"],
        "Description": request.get("Description", ""),
        "Database": request["Database"],
        "QueryString": request["QueryString"],
        "NamedQueryId": identifier,
        "WorkGroup": group,
    }
    return {"NamedQueryId": identifier}


def get(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Return a saved query."""
    return {"NamedQuery": _need(request["NamedQueryId"], caller, store)}


def get_many(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Return several saved queries; unknown ids are named apart."""
    kept = store.section(caller, "named")
    unknown = [
        {"NamedQueryId": one, "ErrorCode": "NOT_FOUND", "ErrorMessage": "no such query"}
        for one in request["NamedQueryIds"]
        if one not in kept
    ]
    found = [kept[one] for one in request["NamedQueryIds"] if one in kept]
    return {"NamedQueries": found, "UnprocessedNamedQueryIds": unknown}


def list_ids(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Return the ids of a group's saved queries."""
    group = request.get("WorkGroup") or "primary"
    kept = store.section(caller, "named").values()
    return {"NamedQueryIds": [one["NamedQueryId"] for one in kept if one["WorkGroup"] == group]}


def delete(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Forget a saved query."""
    _need(request["NamedQueryId"], caller, store)
    del store.section(caller, "named")[request["NamedQueryId"]]
    return {}


def _need(identifier: str, caller: Caller, store: Store) -> Any:
    found = store.section(caller, "named").get(identifier)
    if found is None:
        raise ApiError("InvalidRequestException", f"NamedQuery {identifier} was not found")
    return found
