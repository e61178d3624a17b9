"""Tags of work groups and data catalogs, by ARN."""

from typing import Any

from localaws.athena import workgroups
from localaws.athena.store import Clock, Store
from localaws.caller import Caller
from localaws.errors import ApiError

Request = dict[str, Any]


def tag(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Add or change tags."""
    _known(request["ResourceARN"], caller, store)
    pairs = {item["Key"]: item["Value"] for item in request["Tags"]}
    store.tags(request["ResourceARN"]).update(pairs)
    return {}


def untag(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Remove tags."""
    _known(request["ResourceARN"], caller, store)
    for key in request["TagKeys"]:
        store.tags(request["ResourceARN"]).pop(key, None)
    return {}


def listed(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Return the tags of a resource."""
    _known(request["ResourceARN"], caller, store)
    pairs = sorted(store.tags(request["ResourceARN"]).items())
    return {"Tags": [{"Key": key, "Value": value} for key, value in pairs]}


def _known(resource: str, caller: Caller, store: Store) -> None:
    kind, _, name = resource.rpartition(":")[2].partition("/")
    if kind == "workgroup":
        workgroups.need(store, caller, name)
    elif kind != "datacatalog" or name.lower() != "awsdatacatalog":
        raise ApiError("ResourceNotFoundException", f"{resource} was not found")
