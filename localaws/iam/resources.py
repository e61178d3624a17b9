"""A request -> the ARNs its action is authorised on, where ministack names one, a wrong one or `*`.

Glue's catalogue is asked three times (catalogue, database, table), Athena by the work group also
of a query that is only named by its id, KMS by the key behind an alias.
"""

from collections.abc import Callable

from ministack.services import iam, kms

from localaws import state
from localaws.iam.requests import Asked

Place = tuple[str, str]
Finder = Callable[[Asked, str, Place], list[str]]

_DATABASE_OPERATIONS = ("GetDatabase", "UpdateDatabase")
# What lists all there is, is asked for all there might be; a delete, for what goes with it.
_OF_EVERYTHING = {
    "GetDatabases": ("database/*",),
    "SearchTables": ("database/*", "table/*/*"),
}
_GLUE_NAMED = {"Job": "job", "Trigger": "trigger", "Workflow": "workflow"}


def resources(asked: Asked, given: str, region: str, account: str) -> list[str]:
    """Return the ARNs one request's action must be allowed on, all of them."""
    finder = _FINDERS.get(asked.service)
    return finder(asked, given, (region, account)) if finder else [given]


def _glue(asked: Asked, _given: str, place: Place) -> list[str]:
    operation = asked.action.partition(":")[2]
    named = asked.text("Name")
    if tagged := asked.text("ResourceArn"):
        return [tagged]
    if name := asked.text("JobName"):
        return [_arn("glue", place, f"job/{name}")]
    for word, kind in _GLUE_NAMED.items():
        if word in operation and named:
            return [_arn("glue", place, f"{kind}/{named}")]
    catalog = _arn("glue", place, "catalog")
    parts = _catalogue_parts(asked, operation)
    if parts:
        return [catalog, *(_arn("glue", place, part) for part in parts)]
    database = asked.text("DatabaseName")
    if database is None:
        return [catalog] if "Database" in operation or "Table" in operation else ["*"]
    tables = [_arn("glue", place, f"table/{database}/{table}") for table in _tables(asked)]
    return [catalog, _arn("glue", place, f"database/{database}"), *tables]


def _catalogue_parts(asked: Asked, operation: str) -> tuple[str, ...]:
    """Return what of the catalogue an operation on databases, or on all there is, touches."""
    name = asked.text("Name")
    if operation == "CreateDatabase":
        return (f"database/{asked.parameters.get('DatabaseInput', {}).get('Name', '')}",)
    if operation == "DeleteDatabase" and name:
        return (f"database/{name}", f"table/{name}/*", f"userDefinedFunction/{name}/*")
    if operation in _DATABASE_OPERATIONS and name:
        return (f"database/{name}",)
    return _OF_EVERYTHING.get(operation, ())


def _tables(asked: Asked) -> list[str]:
    given = asked.parameters
    if "TablesToDelete" in given:
        return [str(name) for name in given["TablesToDelete"]]
    inside = given.get("TableInput") or {}
    return [asked.text("TableName") or asked.text("Name") or inside.get("Name") or "*"]


def _athena(asked: Asked, given: str, place: Place) -> list[str]:
    operation = asked.action.partition(":")[2]
    if tagged := asked.text("ResourceARN"):
        return [tagged]
    if "WorkGroups" in operation or "DataCatalogs" in operation:
        return ["*"]
    if catalog := asked.text("CatalogName"):
        return [_arn("athena", place, f"datacatalog/{catalog}")]
    if operation == "CreateWorkGroup":
        return [_arn("athena", place, f"workgroup/{asked.text('Name') or ''}")]
    groups = _groups_of_ids(asked, place) or [asked.text("WorkGroup") or "primary"]
    if operation.endswith("DataCatalog"):
        return [given]
    return [_arn("athena", place, f"workgroup/{group}") for group in groups]


def _groups_of_ids(asked: Asked, place: Place) -> list[str]:
    """Return the work groups of the executions and named queries a request names by id."""
    region, account = place
    data = state.register("athena")
    found = []
    for member, section in (
        ("QueryExecutionId", "executions"),
        ("NamedQueryId", "named"),
    ):
        known = data.get(f"{account}/{region}/{section}", {})
        ids = asked.parameters.get(f"{member}s") or [asked.parameters.get(member)]
        found += [known[one]["WorkGroup"] for one in ids if one in known]
    return list(dict.fromkeys(found))


def _kms(asked: Asked, given: str, place: Place) -> list[str]:
    record = kms._resolve_key(asked.text("KeyId") or given)
    return [record["Arn"] if record else _arn("kms", place, "key/*") if given == "*" else given]


def _transcribe(asked: Asked, _given: str, place: Place) -> list[str]:
    operation = asked.action.partition(":")[2]
    if operation.startswith(("Start", "List", "TagResource")):
        return ["*"]
    if name := asked.text("TranscriptionJobName"):
        return [_arn("transcribe", place, f"transcription-job/{name}")]
    if name := asked.text("CallAnalyticsJobName"):
        return [_arn("transcribe", place, f"analytics/{name}")]
    return ["*"]


def _bedrock(asked: Asked, _given: str, place: Place) -> list[str]:
    parts = asked.path.split("/")
    model = parts[2] if len(parts) > 2 and parts[1] == "model" else ""
    if not model:
        return ["*"]
    if model.startswith("arn:"):
        return [model]
    if model.split(".", 1)[0] in ("eu", "us", "apac", "global"):
        return [_arn("bedrock", place, f"inference-profile/{model}")]
    return [f"arn:aws:bedrock:{place[0]}::foundation-model/{model}"]


def _iam(asked: Asked, given: str, _place: Place) -> list[str]:
    role = iam._roles.get(asked.text("RoleName") or "")
    return [role["Arn"] if role else given]


def _logs(asked: Asked, given: str, _place: Place) -> list[str]:
    if "TagResource" in asked.action or ":log-group:" not in given or ":log-stream:" in given:
        return [given]
    return [f"{given.removesuffix(':*')}:log-stream:{asked.text('logStreamName') or ''}"]


def _events(_asked: Asked, given: str, _place: Place) -> list[str]:
    return [given.replace(":rule/default/", ":rule/")]


def _scheduler(asked: Asked, given: str, _place: Place) -> list[str]:
    group = asked.text("GroupName") or asked.text("groupName") or "default"
    return [given.replace(":schedule/default/", f":schedule/{group}/")]


def _nowhere(_asked: Asked, _given: str, _place: Place) -> list[str]:
    return ["*"]


def _arn(service: str, place: Place, resource: str) -> str:
    region, account = place
    return f"arn:aws:{service}:{region}:{account}:{resource}"


_FINDERS: dict[str, Finder] = {
    "athena": _athena,
    "bedrock-runtime": _bedrock,
    "comprehend": _nowhere,
    "events": _events,
    "glue": _glue,
    "iam": _iam,
    "kms": _kms,
    "logs": _logs,
    "scheduler": _scheduler,
    "transcribe": _transcribe,
}
