"""CloudFormation types ministack lacks, keeps in stores we replaced, or drops properties of.

A named resource is created, updated and deleted by the operations its API has. A template's values
are shaped by botocore's model of the request; a property the request has no place for fails the
stack, it is never dropped. Our handlers run in threads of their own (`off_the_loop`), because they
call back through the front door.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from localaws.bridge import JsonService, Late, own_caller, through_the_door
from localaws.services import (
    cloudformation_drops,
    cloudformation_policies,
    cloudformation_properties,
    cloudformation_watching,
    glue,
)
from localaws.services.request_shapes import shaped

Properties = dict[str, Any]
Handler = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """A type whose physical id is its name, and the operations of its API.

    `renamed` maps a template's words to the request's; a change of `fixed` properties replaces;
    `aside` are read at one end only; `nested` is the field an update carries its changes in.
    No `update`: replaced in place.
    """

    service: str
    answer: JsonService
    create: str
    update: str
    delete: str
    delete_name: str = "Name"
    update_name: str = "Name"
    nested: str = ""
    renamed: dict[str, str] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()


_ATHENA = Late("localaws.athena.api")
_TYPES = {
    "AWS::Glue::Job": Named(
        *("glue", glue.answer, "CreateJob", "UpdateJob", "DeleteJob"),
        delete_name="JobName",
        update_name="JobName",
        nested="JobUpdate",
    ),
    "AWS::Glue::Trigger": Named(
        *("glue", glue.answer, "CreateTrigger", "UpdateTrigger", "DeleteTrigger"),
        nested="TriggerUpdate",
        fixed=("Type", "WorkflowName"),
        aside=("StartOnCreation",),
    ),
    "AWS::Glue::Workflow": Named(
        *("glue", glue.answer, "CreateWorkflow", "UpdateWorkflow", "DeleteWorkflow")
    ),
    "AWS::Glue::SecurityConfiguration": Named(
        *("glue", through_the_door("glue"), "CreateSecurityConfiguration", ""),
        "DeleteSecurityConfiguration",
        renamed={"S3Encryptions": "S3Encryption"},
    ),
    "AWS::Athena::WorkGroup": Named(
        *("athena", _ATHENA, "CreateWorkGroup", "UpdateWorkGroup", "DeleteWorkGroup"),
        delete_name="WorkGroup",
        update_name="WorkGroup",
        renamed={"WorkGroupConfiguration": "Configuration"},
        aside=("RecursiveDeleteOption",),
    ),
    "AWS::Athena::NamedQuery": Named(
        *("athena", _ATHENA, "CreateNamedQuery", "", "DeleteNamedQuery"),
        delete_name="NamedQueryId",
        attributes=("NamedQueryId",),
    ),
}


_OURS = {
    *_TYPES,
    *cloudformation_policies.TYPES,
    *cloudformation_watching.TYPES,
    *cloudformation_drops.TYPES,
}


def handlers(provisioners: ModuleType) -> dict[str, Handler]:
    """Return type -> handler, for ministack's table of them."""
    name_of: Callable[..., str] = provisioners._physical_name
    originals: dict[str, Handler] = provisioners._RESOURCE_HANDLERS
    ours = {
        **{kind: _Handler(kind, spec, name_of).table() for kind, spec in _TYPES.items()},
        **cloudformation_policies.handlers(),
        **cloudformation_watching.handlers(name_of),
        **cloudformation_drops.handlers(originals),
    }
    return cloudformation_properties.guarded(originals, ours)


def off_the_loop(original: Callable[[str], bool]) -> Callable[[str], bool]:
    """Return ministack's test for types that need a thread of their own, true for ours too."""

    def runs_on_worker_thread(resource_type: str) -> bool:
        return resource_type in _OURS or original(resource_type)

    return runs_on_worker_thread


class _Handler:
    """The three functions ministack calls for one named type."""

    def __init__(self, kind: str, spec: Named, name_of: Callable[..., str]) -> None:
        self._kind = kind
        self._spec = spec
        self._name_of = name_of

    def table(self) -> Handler:
        return {
            "create": self.create,
            "update": self.update,
            "update_with_logical_id": True,
            "delete": self.delete,
        }

    def create(self, logical_id: str, given: Properties, stack: str) -> tuple[str, Properties]:
        name = given.get("Name") or self._name_of(stack, logical_id, max_len=255)
        request = {**self._words(given, ("RecursiveDeleteOption", "State")), "Name": name}
        answer = self._call(self._spec.create, request)
        if "State" in given:
            self._call(self._spec.update, {self._spec.update_name: name, "State": given["State"]})
        found = {attribute: answer[attribute] for attribute in self._spec.attributes}
        return str(found.get("NamedQueryId", name)), found

    def update(
        self, physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> tuple[str, Properties]:
        renamed = new.get("Name", old.get("Name")) != old.get("Name")
        if renamed or not self._spec.update or self._fixed_part_changed(old, new):
            self.delete(physical_id, old)
            return self.create(logical_id, new, stack)
        changes = self._words(new, ("Name", "Tags", *self._spec.fixed, *self._spec.aside))
        if self._kind == "AWS::Athena::WorkGroup":
            changes["ConfigurationUpdates"] = changes.pop("Configuration", {})
        if self._spec.nested:
            changes = {self._spec.nested: changes}
        self._call(self._spec.update, {self._spec.update_name: physical_id, **changes})
        if self._spec.service == "glue" and "Tags" in new:
            glue.keep_tags(self._spec.create, physical_id, new["Tags"], own_caller())
        return physical_id, {}

    def delete(self, physical_id: str, _given: Properties) -> None:
        extra = {"RecursiveDeleteOption": True} if self._kind == "AWS::Athena::WorkGroup" else {}
        self._call(self._spec.delete, {self._spec.delete_name: physical_id, **extra})

    def _fixed_part_changed(self, old: Properties, new: Properties) -> bool:
        return any(old.get(name) != new.get(name) for name in self._spec.fixed)

    def _words(self, given: Properties, left_out: tuple[str, ...]) -> Properties:
        kept = {name: value for name, value in given.items() if name not in left_out}
        renamed: Properties = _rename(kept, self._spec.renamed)
        return renamed

    def _call(self, operation: str, request: Properties) -> Properties:
        taken = shaped(self._spec.service, operation, request)
        return self._spec.answer(operation, taken, own_caller())


def _rename(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {words.get(name, name): _rename(item, words) for name, item in value.items()}
    return value
