"""Glue partitions on ministack's own store: expressions, pages, errors per item.

ministack ignores `Expression` (destructive: see `glue_expressions`), pages nothing, and answers
success for partitions of tables there are none of.
"""

import time
from collections.abc import Sequence
from typing import Any

from ministack.services import glue

from localaws.caller import Caller
from localaws.errors import ApiError
from localaws.services.glue_expressions import select
from localaws.services.glue_store import Operation, first_of
from localaws.services.glue_tables import find_table, missing

Request = dict[str, Any]

BATCH_DELETE, BATCH_UPDATE, BATCH_CREATE, BATCH_GET, PAGE = 25, 100, 100, 1000, 1000
SEGMENTS = 10


def tidy(document: Any) -> Any:
    """Return a Glue answer without the fields that were never given: None, and empty texts."""
    if isinstance(document, dict):
        return {k: tidy(v) for k, v in document.items() if not _never_given(k, v)}
    if isinstance(document, list):
        return [tidy(item) for item in document]
    return document


def get_partitions(request: Request, _caller: Caller) -> Request:
    """Return the partitions an expression selects, a page at a time."""
    table = find_table(request["DatabaseName"], request["TableName"])
    partitions = _selected(request.get("Expression", ""), table, _partitions(request))
    segment = request.get("Segment")
    if segment:
        number, total = segment["SegmentNumber"], segment["TotalSegments"]
        if not 0 <= number < total <= SEGMENTS:
            text = f"Segment {number} of {total}: at most {SEGMENTS}, numbered from 0"
            raise ApiError("InvalidInputException", text)
        partitions = partitions[number::total]
    start = first_of(request)
    end = start + min(request.get("MaxResults") or PAGE, PAGE)
    page = partitions[start:end]
    if request.get("ExcludeColumnSchema"):
        page = [_without_columns(partition) for partition in page]
    answer: Request = {"Partitions": page}
    if end < len(partitions):
        answer["NextToken"] = str(end)
    return answer


def get_partition(request: Request, caller: Caller) -> Request:
    """Return one partition; raise EntityNotFoundException where there is none."""
    wanted = {"Values": request["PartitionValues"]}
    found = batch_get_partition({**request, "PartitionsToGet": [wanted]}, caller)["Partitions"]
    if not found:
        raise missing(f"partition {request['PartitionValues']} of table {request['TableName']}")
    return {"Partition": found[0]}


def batch_get_partition(request: Request, _caller: Caller) -> Request:
    """Return up to 1000 partitions; those there are none of are UnprocessedKeys."""
    _refuse_more_than(BATCH_GET, request["PartitionsToGet"], "PartitionsToGet")
    find_table(request["DatabaseName"], request["TableName"])
    standing = {tuple(partition["Values"]): partition for partition in _partitions(request)}
    wanted = request["PartitionsToGet"]
    found = [standing.get(tuple(one["Values"])) for one in wanted]
    unknown = [one for one, partition in zip(wanted, found, strict=True) if partition is None]
    return {"Partitions": [one for one in found if one], "UnprocessedKeys": unknown}


def create_partition(request: Request, caller: Caller) -> Request:
    """Create one partition; raise AlreadyExistsException where it stands already."""
    _refuse_misfits(request, [request["PartitionInput"]])
    errors = batch_create_partition(
        {**request, "PartitionInputList": [request["PartitionInput"]]}, caller
    )["Errors"]
    if errors:
        detail = errors[0]["ErrorDetail"]
        raise ApiError(detail["ErrorCode"], detail["ErrorMessage"])
    return {}


def batch_create_partition(request: Request, caller: Caller) -> Request:
    """Create up to 100 partitions; those that stand already are errors of their own."""
    given = request["PartitionInputList"]
    _refuse_more_than(BATCH_CREATE, given, "PartitionInputList")
    _refuse_misfits(request, given)
    standing = _partitions(request)
    known = {tuple(partition["Values"]) for partition in standing}
    errors = []
    for partition in given:
        if tuple(partition["Values"]) in known:
            errors.append(_item_error("PartitionValues", partition["Values"], "AlreadyExists"))
            continue
        known.add(tuple(partition["Values"]))
        standing.append(_stored(partition, request, caller, time.time()))
    return {"Errors": errors}


def batch_update_partition(request: Request, caller: Caller) -> Request:
    """Replace up to 100 partitions, their values too; unknown ones are errors of their own."""
    _refuse_more_than(BATCH_UPDATE, request["Entries"], "Entries")
    _refuse_misfits(request, [entry["PartitionInput"] for entry in request["Entries"]])
    standing = _partitions(request)
    errors = []
    for entry in request["Entries"]:
        values, new = entry["PartitionValueList"], entry["PartitionInput"]["Values"]
        found = next((p for p in standing if p["Values"] == values), None)
        if found is None:
            errors.append(_item_error("PartitionValueList", values, "EntityNotFound"))
            continue
        if new != values and any(p["Values"] == new for p in standing):
            errors.append(_item_error("PartitionValueList", values, "AlreadyExists"))
            continue
        created = found["CreationTime"]
        found.clear()
        found.update(_stored(entry["PartitionInput"], request, caller, created))
    return {"Errors": errors}


def update_partition(request: Request, caller: Caller) -> Request:
    """Replace one partition; raise EntityNotFoundException where there is none."""
    entry = {key: request[key] for key in ("PartitionValueList", "PartitionInput")}
    errors = batch_update_partition({**request, "Entries": [entry]}, caller)["Errors"]
    if errors:
        detail = errors[0]["ErrorDetail"]
        raise ApiError(detail["ErrorCode"], detail["ErrorMessage"])
    return {}


def delete_partition(request: Request, caller: Caller) -> Request:
    """Delete one partition; raise EntityNotFoundException where there is none."""
    values = {"Values": request["PartitionValues"]}
    errors = batch_delete_partition({**request, "PartitionsToDelete": [values]}, caller)["Errors"]
    if errors:
        detail = errors[0]["ErrorDetail"]
        raise ApiError(detail["ErrorCode"], detail["ErrorMessage"])
    return {}


def batch_delete_partition(request: Request, _caller: Caller) -> Request:
    """Delete up to 25 partitions; unknown ones are errors of their own."""
    _refuse_more_than(BATCH_DELETE, request["PartitionsToDelete"], "PartitionsToDelete")
    find_table(request["DatabaseName"], request["TableName"])
    standing = _partitions(request)
    errors = []
    for wanted in request["PartitionsToDelete"]:
        found = next((p for p in standing if p["Values"] == wanted["Values"]), None)
        if found is None:
            errors.append(_item_error("PartitionValues", wanted["Values"], "EntityNotFound"))
        else:
            standing.remove(found)
    return {"Errors": errors}


OPERATIONS: dict[str, Operation] = {
    "GetPartitions": get_partitions,
    "GetPartition": get_partition,
    "BatchGetPartition": batch_get_partition,
    "CreatePartition": create_partition,
    "BatchCreatePartition": batch_create_partition,
    "UpdatePartition": update_partition,
    "BatchUpdatePartition": batch_update_partition,
    "DeletePartition": delete_partition,
    "BatchDeletePartition": batch_delete_partition,
}


def _never_given(name: str, value: Any) -> bool:
    return value is None or (value == "" and name in ("Description", "Owner", "Comment"))


def _partitions(request: Request) -> list[Request]:
    key = f"{request['DatabaseName']}/{request['TableName']}"
    found: list[Request] = glue._partitions.setdefault(key, [])
    return found


def _selected(expression: str, table: Request, partitions: list[Request]) -> list[Request]:
    if not expression.strip():
        return list(partitions)
    keys = [(key["Name"], key.get("Type", "string")) for key in table["PartitionKeys"]]
    found = select(expression, keys, [partition["Values"] for partition in partitions])
    return [partitions[position] for position in found]


def _without_columns(partition: Request) -> Request:
    descriptor = {k: v for k, v in partition.get("StorageDescriptor", {}).items() if k != "Columns"}
    return {**partition, "StorageDescriptor": descriptor}


def _stored(partition: Request, request: Request, caller: Caller, created: float) -> Request:
    return {
        **partition,
        "DatabaseName": request["DatabaseName"],
        "TableName": request["TableName"],
        "CreationTime": int(created),
        "CatalogId": caller.account,
    }


def _refuse_misfits(request: Request, partitions: Sequence[Request]) -> None:
    table = find_table(request["DatabaseName"], request["TableName"])
    wanted = len(table.get("PartitionKeys", []))
    for partition in partitions:
        if len(partition["Values"]) != wanted:
            raise ApiError(
                "InvalidInputException",
                "The number of partition keys do not match the number of partition values",
            )


def _refuse_more_than(limit: int, given: Sequence[Any], name: str) -> None:
    if len(given) > limit:
        text = f"Value at '{name}' failed to satisfy constraint: at most {limit} items"
        raise ApiError("InvalidInputException", text)


def _item_error(name: str, values: Sequence[str], kind: str) -> Request:
    text = {"AlreadyExists": "Partition already exists.", "EntityNotFound": "Partition not found."}
    detail = {"ErrorCode": f"{kind}Exception", "ErrorMessage": text[kind]}
    return {name: values, "ErrorDetail": detail}
