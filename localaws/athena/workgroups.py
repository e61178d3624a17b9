"""Work groups: where results go, who decides it, how much a query may scan."""

from typing import Any

from localaws.athena.store import Clock, Store
from localaws.caller import Caller
from localaws.errors import ApiError, not_implemented

ENGINE_VERSION = {
    "SelectedEngineVersion": "AUTO",
    "EffectiveEngineVersion": "Athena engine version 3",
}
_LEAST_CUT_OFF = 10_000_000
Request = dict[str, Any]


def create(request: Request, caller: Caller, store: Store, clock: Clock) -> Request:
    """Create a group; its configuration is enforced unless the request says otherwise."""
    name = request["Name"]
    groups = groups_of(store, caller)
    if name in groups:
        raise ApiError("InvalidRequestException", "WorkGroup is already created")
    configuration = {
        "EnforceWorkGroupConfiguration": True,
        "PublishCloudWatchMetricsEnabled": True,
        "RequesterPaysEnabled": False,
        "EngineVersion": ENGINE_VERSION,
        **(request.get("Configuration") or {}),
    }
    _check(configuration)
    groups[name] = {
        "Name": name,
        "State": "ENABLED",
        "Configuration": configuration,
        "Description": request.get("Description", ""),
        "CreationTime": clock(),
    }
    store.tags(arn(name, caller)).update({t["Key"]: t["Value"] for t in request.get("Tags") or []})
    return {}


def get(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Return one group."""
    return {"WorkGroup": need(store, caller, request["WorkGroup"])}


def list_all(_request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Return all groups, by name."""
    shown = ("Name", "State", "Description", "CreationTime")
    groups = sorted(groups_of(store, caller).items())
    listed = [
        {**{key: group[key] for key in shown}, "EngineVersion": ENGINE_VERSION}
        for _, group in groups
    ]
    return {"WorkGroups": listed}


def update(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Change a group's configuration, description or state."""
    group = need(store, caller, request["WorkGroup"])
    configuration = dict(group["Configuration"])
    for key, value in (request.get("ConfigurationUpdates") or {}).items():
        if key == "ResultConfigurationUpdates":
            _update_results(configuration, value)
        elif key == "RemoveBytesScannedCutoffPerQuery":
            configuration.pop("BytesScannedCutoffPerQuery", None)
        else:
            configuration[key] = value
    _check(configuration)
    group["Configuration"] = configuration
    group.update({key: request[key] for key in ("Description", "State") if key in request})
    return {}


def delete(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Delete a group; `primary` stays."""
    name = request["WorkGroup"]
    need(store, caller, name)
    if name == "primary":
        raise ApiError("InvalidRequestException", "Cannot delete the primary workgroup.")
    del groups_of(store, caller)[name]
    return {}


def need(store: Store, caller: Caller, name: str) -> Any:
    """Return a group; raise ApiError in Athena's words if it does not exist."""
    found = groups_of(store, caller).get(name)
    if found is None:
        raise ApiError("InvalidRequestException", f"WorkGroup {name} is not found.")
    return found


def groups_of(store: Store, caller: Caller) -> dict[str, Any]:
    """Return a caller's groups; `primary` is always there and enforces nothing."""
    groups = store.section(caller, "groups")
    if "primary" not in groups:
        groups["primary"] = {
            "Name": "primary",
            "State": "ENABLED",
            "Description": "",
            "CreationTime": 0.0,
            "Configuration": {
                "EnforceWorkGroupConfiguration": False,
                "PublishCloudWatchMetricsEnabled": False,
                "RequesterPaysEnabled": False,
                "EngineVersion": ENGINE_VERSION,
                "ResultConfiguration": {},
            },
        }
    return groups


def arn(name: str, caller: Caller) -> str:
    """Return the ARN of a group."""
    return f"arn:aws:athena:{caller.region}:{caller.account}:workgroup/{name}"


def result_location(group: Any, request: Request) -> tuple[str, bool]:
    """Return the folder results go to and whether the group enforces it.

    Raise ApiError when neither the group nor the request names one.
    """
    configuration = group["Configuration"]
    of_group = (configuration.get("ResultConfiguration") or {}).get("OutputLocation")
    of_client = (request.get("ResultConfiguration") or {}).get("OutputLocation")
    enforced = bool(configuration.get("EnforceWorkGroupConfiguration") and of_group)
    location = of_group if enforced else (of_client or of_group)
    if not location:
        raise ApiError(
            "InvalidRequestException",
            "No output location provided. An output location is required either through the "
            "Workgroup result configuration setting or as an API input.",
        )
    return location.rstrip("/") + "/", enforced


def encryption(group: Any, request: Request) -> tuple[tuple[str, str], ...]:
    """Return what PutObject is told for result files; raise ApiError for client-side encryption."""
    configuration = group["Configuration"]
    of_group = configuration.get("ResultConfiguration") or {}
    of_client = request.get("ResultConfiguration") or {}
    enforced = configuration.get("EnforceWorkGroupConfiguration")
    chosen = of_group if enforced else {**of_group, **of_client}
    found = chosen.get("EncryptionConfiguration") or {}
    match found.get("EncryptionOption"):
        case None:
            return ()
        case "SSE_S3":
            return (("ServerSideEncryption", "AES256"),)
        case "SSE_KMS":
            return (("ServerSideEncryption", "aws:kms"), ("SSEKMSKeyId", found["KmsKey"]))
    raise not_implemented("athena", "StartQueryExecution", "client-side encryption of results")


def _update_results(configuration: dict[str, Any], updates: Request) -> None:
    results = dict(configuration.get("ResultConfiguration") or {})
    for key, value in updates.items():
        if key.startswith("Remove") and value:
            results.pop(key.removeprefix("Remove"), None)
        elif not key.startswith("Remove"):
            results[key] = value
    configuration["ResultConfiguration"] = results


def _check(configuration: Request) -> None:
    cut_off = configuration.get("BytesScannedCutoffPerQuery")
    if cut_off is not None and cut_off < _LEAST_CUT_OFF:
        text = f"BytesScannedCutoffPerQuery must be at least {_LEAST_CUT_OFF}"
        raise ApiError("InvalidRequestException", text)
