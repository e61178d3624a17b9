"""Athena's API: operation and request -> answer, or the error Athena gives, or a refusal by name.

Calls come back to this port (Glue, S3), so never answer on the server's event loop.
"""

import atexit
import functools
import threading
import time
from collections.abc import Callable
from typing import Any

from localaws import settings, state
from localaws.athena import (
    execution_reads,
    executions,
    metadata,
    named_queries,
    prepared,
    tags,
    workgroups,
)
from localaws.athena.engine import Engine
from localaws.athena.engines import started
from localaws.athena.store import Clock, Store
from localaws.caller import Caller
from localaws.errors import ApiError, not_implemented

Request = dict[str, Any]
Operation = Callable[[Request, Caller, Store, Clock], Request]


def answer(operation: str, request: Request, caller: Caller) -> Request:
    """Return the answer of one Athena operation; times are epoch seconds.

    Raise ApiError as Athena would, NotImplementedException for an operation nobody wrote.
    """
    found = _OPERATIONS.get(operation)
    if found is None:
        raise not_implemented("athena", operation, "nobody here has needed it yet")
    try:
        return found(request, caller, _store(), time.time)
    except KeyError as error:
        text = f"{operation} lacks the parameter {error}"
        raise ApiError("InvalidRequestException", text) from error


def warm() -> None:
    """Start the engine, so that the first query does not wait for it."""
    _engine()


def fault() -> str:
    """Return why no query can run and what to do, or nothing."""
    return _engine().fault() if _made_engine.cache_info().currsize else ""


def close() -> None:
    """End the engine's processes, if any were started."""
    if _made_engine.cache_info().currsize:
        _engine().close()


def _start(request: Request, caller: Caller, store: Store, clock: Clock) -> Request:
    return executions.start(request, caller, store, clock, _engine())


def _stop(request: Request, caller: Caller, store: Store, clock: Clock) -> Request:
    return executions.stop(request, caller, store, clock, _engine())


_MAKING = threading.Lock()


def _store() -> Store:
    with _MAKING:
        return _made_store()


def _engine() -> Engine:
    with _MAKING:
        return _made_engine()


@functools.cache
def _made_store() -> Store:
    store = Store(state.register("athena"))
    executions.settle_orphans(store, time.time)
    return store


@functools.cache
def _made_engine() -> Engine:
    atexit.register(close)
    return started(settings.load(), settings.endpoint())


_OPERATIONS: dict[str, Operation] = {
    "BatchGetNamedQuery": named_queries.get_many,
    "BatchGetQueryExecution": execution_reads.get_many,
    "CreateNamedQuery": named_queries.create,
    "CreatePreparedStatement": prepared.create,
    "CreateWorkGroup": workgroups.create,
    "DeleteNamedQuery": named_queries.delete,
    "DeletePreparedStatement": prepared.delete,
    "DeleteWorkGroup": workgroups.delete,
    "GetDataCatalog": metadata.data_catalog,
    "GetDatabase": metadata.database,
    "GetNamedQuery": named_queries.get,
    "GetPreparedStatement": prepared.get,
    "GetQueryExecution": execution_reads.get,
    "GetQueryResults": execution_reads.get_results,
    "GetQueryRuntimeStatistics": execution_reads.runtime_statistics,
    "GetTableMetadata": metadata.table,
    "GetWorkGroup": workgroups.get,
    "ListDataCatalogs": metadata.data_catalogs,
    "ListDatabases": metadata.databases,
    "ListNamedQueries": named_queries.list_ids,
    "ListPreparedStatements": prepared.list_all,
    "ListQueryExecutions": execution_reads.list_ids,
    "ListTableMetadata": metadata.tables,
    "ListTagsForResource": tags.listed,
    "ListWorkGroups": workgroups.list_all,
    "StartQueryExecution": _start,
    "StopQueryExecution": _stop,
    "TagResource": tags.tag,
    "UntagResource": tags.untag,
    "UpdatePreparedStatement": prepared.update,
    "UpdateWorkGroup": workgroups.update,
}
