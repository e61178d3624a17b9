"""Query executions as people look them up, and the pages of their results."""

import base64
from typing import Any

from botocore.exceptions import ClientError

from localaws.athena import results, workgroups
from localaws.athena.failures import QueryFailed
from localaws.athena.store import Clock, Store
from localaws.caller import Caller
from localaws.errors import ApiError

Request = dict[str, Any]
LIVE = ("QUEUED", "RUNNING")


def get(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Return one execution."""
    return {"QueryExecution": need(request["QueryExecutionId"], caller, store)}


def get_many(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Return several executions; ids nobody knows are named apart."""
    known = store.section(caller, "executions")
    ids = request["QueryExecutionIds"]
    unknown = [
        {
            "QueryExecutionId": one,
            "ErrorCode": "INVALID_INPUT",
            "ErrorMessage": f"QueryExecution {one} was not found",
        }
        for one in ids
        if one not in known
    ]
    found = [known[one] for one in ids if one in known]
    return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": unknown}


def list_ids(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Return the ids of a group's executions, newest first, a page at a time."""
    name = request.get("WorkGroup") or "primary"
    workgroups.need(store, caller, name)
    with store.lock:
        listed = [e for e in store.section(caller, "executions").values() if e["WorkGroup"] == name]
    listed.sort(key=lambda e: e["Status"]["SubmissionDateTime"], reverse=True)
    most, begin = request.get("MaxResults") or 50, int(request.get("NextToken") or 0)
    ids = [e["QueryExecutionId"] for e in listed[begin : begin + most]]
    after = {"NextToken": str(begin + most)} if begin + most < len(listed) else {}
    return {"QueryExecutionIds": ids, **after}


def get_results(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Return a page of rows from the stored file, with the caller's right to read it."""
    execution = need(request["QueryExecutionId"], caller, store)
    state = execution["Status"]["State"]
    if state != "SUCCEEDED":
        text = f"Query did not finish successfully. Final query state: {state}"
        text = "Query has not yet finished. Current state: " + state if state in LIVE else text
        raise ApiError("InvalidRequestException", text)
    location = execution["ResultConfiguration"]["OutputLocation"]
    if not location.endswith((".csv", ".txt")):
        updated = execution["Statistics"].get("RowsWritten")
        counted = {} if updated is None else {"UpdateCount": updated}
        return {**counted, "ResultSet": {"Rows": [], "ResultSetMetadata": {"ColumnInfo": []}}}
    most = min(request.get("MaxResults") or 1000, 1000)
    utility = location.endswith(".txt") and execution.get("SubstatementType") != "EXPLAIN"
    try:
        columns = results.read_columns(caller, location)
        rows, after = results.read_page(caller, location, _offset(request), most)
    except (ClientError, QueryFailed) as error:
        raise ApiError("InvalidRequestException", f"Could not read the result: {error}") from error
    described = [results.column_info(column, utility=utility) for column in columns]
    return {
        "UpdateCount": 0,
        "ResultSet": {
            "Rows": [{"Data": [_datum(value) for value in row]} for row in rows],
            "ResultSetMetadata": {"ColumnInfo": described},
        },
        **({} if after is None else {"NextToken": _token(after)}),
    }


def runtime_statistics(request: Request, caller: Caller, store: Store, _clock: Clock) -> Request:
    """Return times and rows of a finished execution."""
    execution = need(request["QueryExecutionId"], caller, store)
    kept = execution["Statistics"]
    times = (
        *("EngineExecutionTimeInMillis", "QueryQueueTimeInMillis", "TotalExecutionTimeInMillis"),
        *("QueryPlanningTimeInMillis", "ServiceProcessingTimeInMillis"),
    )
    rows = {
        "InputBytes": kept.get("DataScannedInBytes", 0),
        "OutputRows": kept.get("RowsReturned", kept.get("RowsWritten") or 0),
    }
    timeline = {name: kept[name] for name in times if name in kept}
    return {"QueryRuntimeStatistics": {"Timeline": timeline, "Rows": rows}}


def need(query_id: str, caller: Caller, store: Store) -> Any:
    """Return an execution; raise ApiError in Athena's words if there is none."""
    found = store.section(caller, "executions").get(query_id)
    if found is None:
        raise ApiError("InvalidRequestException", f"QueryExecution {query_id} was not found")
    return found


def _offset(request: Request) -> int:
    token = request.get("NextToken")
    if not token:
        return 0
    try:
        return int(base64.b64decode(token))
    except ValueError as error:
        raise ApiError("InvalidRequestException", "NextToken is not valid") from error


def _token(offset: int) -> str:
    return base64.b64encode(str(offset).encode()).decode()


def _datum(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}
