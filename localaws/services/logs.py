"""CloudWatch Logs where ministack is wrong: Insights, filter patterns, saved queries.

In front of ministack's service, which keeps groups, streams and lines well.
"""

import json
import time
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs

from localaws import state
from localaws.answers import Answer, error_answer, json_answer
from localaws.bridge import operation_of
from localaws.errors import ApiError
from localaws.services import filter_patterns, insights

Function = Callable[..., Any]
Request = dict[str, Any]


def in_front_of(original: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    """Return ours for `handle_request`: saved queries, and refusals in the service's form."""

    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query: Any
    ) -> Answer:
        ours = _OPERATIONS.get(operation_of(headers))
        try:
            if ours is not None:
                return json_answer(ours(_parameters(body)))
            return await original(method, path, headers, body, query)
        except ApiError as error:
            return error_answer(error)

    return handle_request


def pattern(_original: Function) -> Function:
    """Return ours for `_compile_filter_pattern`."""
    return filter_patterns.compiled


def checked_filter(original: Function) -> Function:
    """Return ours for `_put_metric_filter`: a pattern nobody could apply is refused now."""

    def put_metric_filter(data: Request) -> Answer:
        filter_patterns.compiled(data.get("filterPattern", ""))
        answer: Answer = original(data)
        return answer

    return put_metric_filter


def started(original: Function) -> Function:
    """Return ours for `_start_query`: ministack checks and stores, the rows are Insights's."""

    def start_query(data: Request) -> Answer:
        groups = cloudwatch_logs._resolve_query_log_groups(data)
        known = [group for group in groups if group in cloudwatch_logs._log_groups]
        end = data.get("endTime", int(time.time()))
        lines = cloudwatch_logs._collect_query_records(known, data.get("startTime", 0), end)
        public = [cloudwatch_logs._public_log_record(line) for line in lines]
        rows = insights.answer(data.get("queryString", ""), public, data.get("limit"))
        answer: Answer = original({**data, "queryString": "fields @message"})
        if answer[0] == 200:
            kept = cloudwatch_logs._queries[_query_id(answer)]
            kept.update(queryString=data.get("queryString", ""), results=list(map(_cells, rows)))
        return answer

    return start_query


def _query_id(answer: Answer) -> str:
    return str(_parameters(answer[2])["queryId"])


def _cells(row: dict[str, Any]) -> list[dict[str, str]]:
    return [{"field": name, "value": _shown(value)} for name, value in row.items()]


def _shown(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parameters(body: bytes) -> Request:
    found: Request = json.loads(body or b"{}")
    return found


def _definitions() -> dict[str, Any]:
    kept: dict[str, Any] = state.register("logs_query_definitions").setdefault(
        f"{get_account_id()}/{get_region()}", {}
    )
    return kept


def _put_definition(request: Request) -> Request:
    made = sha256(request["name"].encode()).hexdigest()
    fresh = "-".join((made[:8], made[8:12], made[12:16], made[16:20], made[20:32]))
    identity = request.get("queryDefinitionId") or fresh
    _definitions()[identity] = {
        "queryDefinitionId": identity,
        "name": request["name"],
        "queryString": request["queryString"],
        "logGroupNames": request.get("logGroupNames", []),
        "lastModified": int(time.time() * 1000),
    }
    return {"queryDefinitionId": identity}


def _list_definitions(request: Request) -> Request:
    before = request.get("queryDefinitionNamePrefix", "")
    found = [one for one in _definitions().values() if one["name"].startswith(before)]
    return {"queryDefinitions": found}


def _delete_definition(request: Request) -> Request:
    if _definitions().pop(request["queryDefinitionId"], None) is None:
        raise ApiError("ResourceNotFoundException", "The specified query definition does not exist")
    return {"success": True}


_OPERATIONS: dict[str, Callable[[Request], Request]] = {
    "PutQueryDefinition": _put_definition,
    "DescribeQueryDefinitions": _list_definitions,
    "DeleteQueryDefinition": _delete_definition,
}
