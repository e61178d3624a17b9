"""Types that ministack lacks: trail, budget, composite alarm, prepared statement, saved query.

Each is created, changed and deleted through the service's own API, as its template says; a property
the API has no place for fails the stack.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from localaws.bridge import JsonService, Late, own_caller, through_the_door
from localaws.services.request_shapes import shaped

Properties = dict[str, Any]
Handler = dict[str, Any]
Names = Callable[..., str]


def handlers(name_of: Names) -> dict[str, Handler]:
    """Return type -> handler."""
    return {kind: _table(one(name_of)) for kind, one in _MADE.items()}


class _Kind(ABC):
    """One type: how it is named, made, changed and deleted; which properties replace it."""

    named = "Name"
    replaced_by: tuple[str, ...] = ()

    def __init__(self, name_of: Names) -> None:
        self._name_of = name_of

    @abstractmethod
    def put(self, name: str, given: Properties, *, new: bool) -> tuple[str, Properties]:
        """Make it or change it; return its physical id and attributes."""

    @abstractmethod
    def remove(self, physical_id: str, given: Properties) -> None:
        """Delete it."""

    def name(self, given: Properties, logical_id: str, stack: str) -> str:
        """Return the name a template gives, or one made of stack and logical id."""
        wanted = given.get(self.named)
        return str(wanted or self._name_of(stack, logical_id, max_len=128))

    def kept_name(self, physical_id: str, _given: Properties) -> str:
        """Return the name of what stands; its id, unless the type has an id of its own."""
        return physical_id


class _Trail(_Kind):
    """AWS::CloudTrail::Trail."""

    named = "TrailName"
    replaced_by = ("TrailName",)

    def put(self, name: str, given: Properties, *, new: bool) -> tuple[str, Properties]:
        apart = ("TrailName", "IsLogging", "AdvancedEventSelectors", "EventSelectors", "Tags")
        trail = {**_without(given, *apart), "Name": name}
        if "KMSKeyId" in trail:
            trail["KmsKeyId"] = trail.pop("KMSKeyId")
        if new:
            trail["TagsList"] = given.get("Tags", [])
        made = _call("cloudtrail", "CreateTrail" if new else "UpdateTrail", trail)
        for kind in ("AdvancedEventSelectors", "EventSelectors"):
            if kind in given:
                _call("cloudtrail", "PutEventSelectors", {"TrailName": name, kind: given[kind]})
        logging = str(given["IsLogging"]).lower() == "true"
        _call("cloudtrail", "StartLogging" if logging else "StopLogging", {"Name": name})
        topic = {"SnsTopicArn": made["SnsTopicARN"]} if "SnsTopicARN" in made else {}
        return name, {"Arn": made["TrailARN"], **topic}

    def remove(self, physical_id: str, _given: Properties) -> None:
        _call("cloudtrail", "DeleteTrail", {"Name": physical_id})


class _Budget(_Kind):
    """AWS::Budgets::Budget."""

    def name(self, given: Properties, logical_id: str, stack: str) -> str:
        wanted = given["Budget"].get("BudgetName")
        return str(wanted or self._name_of(stack, logical_id, max_len=100))

    def put(self, name: str, given: Properties, *, new: bool) -> tuple[str, Properties]:
        budget = {**given["Budget"], "BudgetName": name}
        account = {"AccountId": own_caller().account}
        if not new:
            _call("budgets", "DeleteBudget", {**account, "BudgetName": name})
        notices = given.get("NotificationsWithSubscribers", [])
        tags = {"ResourceTags": given["ResourceTags"]} if "ResourceTags" in given else {}
        whole = {"Budget": budget, "NotificationsWithSubscribers": notices, **tags}
        _call("budgets", "CreateBudget", {**account, **whole})
        return name, {}

    def remove(self, physical_id: str, _given: Properties) -> None:
        account = own_caller().account
        _call("budgets", "DeleteBudget", {"AccountId": account, "BudgetName": physical_id})


class _CompositeAlarm(_Kind):
    """AWS::CloudWatch::CompositeAlarm."""

    named = "AlarmName"
    replaced_by = ("AlarmName",)

    def put(self, name: str, given: Properties, *, new: bool) -> tuple[str, Properties]:
        left_out = () if new else ("Tags",)
        _call("cloudwatch", "PutCompositeAlarm", {**_without(given, *left_out), "AlarmName": name})
        caller = own_caller()
        arn = f"arn:aws:cloudwatch:{caller.region}:{caller.account}:alarm:{name}"
        return name, {"Arn": arn}

    def remove(self, physical_id: str, _given: Properties) -> None:
        _call("cloudwatch", "DeleteAlarms", {"AlarmNames": [physical_id]})


class _PreparedStatement(_Kind):
    """AWS::Athena::PreparedStatement."""

    named = "StatementName"
    replaced_by = ("StatementName", "WorkGroup")

    def put(self, name: str, given: Properties, *, new: bool) -> tuple[str, Properties]:
        operation = "CreatePreparedStatement" if new else "UpdatePreparedStatement"
        _call("athena", operation, {**given, "StatementName": name}, _ATHENA)
        return name, {}

    def remove(self, physical_id: str, given: Properties) -> None:
        wanted = {"StatementName": physical_id, "WorkGroup": given["WorkGroup"]}
        _call("athena", "DeletePreparedStatement", wanted, _ATHENA)


class _QueryDefinition(_Kind):
    """AWS::Logs::QueryDefinition."""

    replaced_by = ("Name",)

    def put(self, name: str, given: Properties, *, new: bool) -> tuple[str, Properties]:  # noqa: ARG002
        wanted = {"name": name, "queryString": given["QueryString"]}
        groups = {"logGroupNames": given["LogGroupNames"]} if "LogGroupNames" in given else {}
        lost = set(given) - {"Name", "QueryString", "LogGroupNames"}
        if lost:
            raise ValueError(f"localaws applies no {', '.join(sorted(lost))} to QueryDefinition")
        made = _call("logs", "PutQueryDefinition", {**wanted, **groups})["queryDefinitionId"]
        return made, {"QueryDefinitionId": made}

    def kept_name(self, _physical_id: str, given: Properties) -> str:
        return str(given["Name"])

    def remove(self, physical_id: str, _given: Properties) -> None:
        _call("logs", "DeleteQueryDefinition", {"queryDefinitionId": physical_id})


_ATHENA = Late("localaws.athena.api")
_MADE: dict[str, Callable[[Names], _Kind]] = {
    "AWS::CloudTrail::Trail": _Trail,
    "AWS::Budgets::Budget": _Budget,
    "AWS::CloudWatch::CompositeAlarm": _CompositeAlarm,
    "AWS::Athena::PreparedStatement": _PreparedStatement,
    "AWS::Logs::QueryDefinition": _QueryDefinition,
}
TYPES = tuple(_MADE)


def _table(kind: _Kind) -> Handler:
    def create(logical_id: str, given: Properties, stack: str) -> tuple[str, Properties]:
        return kind.put(kind.name(given, logical_id, stack), given, new=True)

    def update(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> tuple[str, Properties]:
        if any(old.get(name) != new.get(name) for name in kind.replaced_by):
            kind.remove(physical_id, old)
            return create(logical_id, new, stack)
        return kind.put(kind.kept_name(physical_id, new), new, new=False)

    return {
        "create": create,
        "update": update,
        "update_with_logical_id": True,
        "delete": kind.remove,
    }


def _without(given: Properties, *names: str) -> Properties:
    return {name: value for name, value in given.items() if name not in names}


def _call(
    service: str, operation: str, request: Properties, answer: JsonService | None = None
) -> Properties:
    asked = shaped(service, operation, request)
    return (answer or through_the_door(service))(operation, asked, own_caller())
