"""Query executions: start, run in a thread of their own, stop, look up, read results."""

import hashlib
import logging
import threading
import uuid
from typing import Any

from botocore.exceptions import ClientError

from localaws.athena import clients, prepared, results, workgroups
from localaws.athena.engine import Engine, EngineDied
from localaws.athena.execution_reads import LIVE, need
from localaws.athena.failures import CutOff, QueryFailed, SyntaxRefused
from localaws.athena.grammar import read_statement
from localaws.athena.runs import Finished, Started, run
from localaws.athena.statements import Prepared, Statement, substituted
from localaws.athena.store import Clock, Store
from localaws.caller import Caller
from localaws.errors import ApiError

log = logging.getLogger(__name__)
LONGEST_TEXT = 262_144
Request = dict[str, Any]


def start(request: Request, caller: Caller, store: Store, clock: Clock, engine: Engine) -> Request:
    """Check a query, then run it in the background; return its id.

    Raise ApiError for what Athena refuses at start: no such group, no location, no valid text.
    """
    known = _same_token(request, caller, store)
    if known:
        return {"QueryExecutionId": known}
    group = workgroups.need(store, caller, request.get("WorkGroup") or "primary")
    if group["State"] != "ENABLED":
        raise ApiError("InvalidRequestException", f"WorkGroup {group['Name']} is disabled.")
    output, enforced = workgroups.result_location(group, request)
    encryption = workgroups.encryption(group, request)
    database = _database(request)
    statement = _checked(request, database, caller, store, group["Name"], engine)
    execution = _execution(request, group, output, database, clock)
    with store.lock:
        known = _same_token(request, caller, store)  # it may have come twice at once
        if known:
            return {"QueryExecutionId": known}
        store.section(caller, "executions")[execution["QueryExecutionId"]] = execution
        if request.get("ClientRequestToken"):
            tokens = store.section(caller, "tokens")
            tokens[request["ClientRequestToken"]] = [
                execution["QueryExecutionId"],
                _fingerprint(request),
            ]
    cut_off = group["Configuration"].get("BytesScannedCutoffPerQuery")
    started = Started(execution, statement, caller, output, enforced, cut_off, encryption)
    # Daemons: a query still running must not keep the server from ending.
    threading.Thread(target=_run, args=(started, store, clock, engine), daemon=True).start()
    return {"QueryExecutionId": execution["QueryExecutionId"]}


def stop(request: Request, caller: Caller, store: Store, clock: Clock, engine: Engine) -> Request:
    """Cancel a query: its worker is ended, so it leaves no table and no partition."""
    execution = need(request["QueryExecutionId"], caller, store)
    with store.lock:
        if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
            return {}
        _end(execution, "CANCELLED", clock, "Query was cancelled by the user")
    engine.kill(request["QueryExecutionId"])
    return {}


def settle_orphans(store: Store, clock: Clock) -> None:
    """Fail what a former process left running: its workers are gone."""
    for name, section in store.data.items():
        for execution in section.values() if name.endswith("/executions") else ():
            if execution["Status"]["State"] in LIVE:
                _end(execution, "FAILED", clock, "localaws was restarted while the query ran")


def _checked(
    request: Request, database: str, caller: Caller, store: Store, group: str, engine: Engine
) -> Statement:
    text, parameters = request["QueryString"], list(request.get("ExecutionParameters") or [])
    if len(text.encode()) > LONGEST_TEXT:
        text_ = f"queryString failed to satisfy constraint: length at most {LONGEST_TEXT}"
        raise ApiError("InvalidRequestException", text_)
    try:
        statement = read_statement(text, database)
        if isinstance(statement, Prepared) and statement.action == "EXECUTE":
            parameters = list(statement.parameters) or parameters
            text = prepared.text_of(statement.name, group, caller, store)
        if not isinstance(statement, Prepared) or statement.action == "EXECUTE":
            statement = read_statement(substituted(text, parameters), database)
            engine.check(statement, database)
        elif statement.action == "PREPARE":
            engine.check(read_statement(statement.text, database), database)
        return statement
    except SyntaxRefused as error:
        raise ApiError("InvalidRequestException", str(error)) from error


def _run(started: Started, store: Store, clock: Clock, engine: Engine) -> None:
    execution = started.execution
    begun = clock()
    if not _begin(execution, store):
        return
    try:
        group = execution["WorkGroup"]
        finished = run(
            started, engine, lambda p: prepared.remember(p, group, started.caller, store, clock)
        )
        with store.lock:
            if execution["Status"]["State"] == "RUNNING":
                _settle(execution, finished, clock)
    except CutOff as error:
        _end(execution, "CANCELLED", clock, f"Query cancelled! : {error}")
    except QueryFailed as error:
        _fail(execution, clock, str(error), category=2)
    except EngineDied:
        _fail(execution, clock, "GENERIC_INTERNAL_ERROR: the engine ended", category=1)
    except ClientError as error:
        text = f"{clients.code(error)}: {clients.message(error)}"
        _fail(execution, clock, f"GENERIC_USER_ERROR: {text}", category=2)
    except Exception:
        log.exception("query %s", execution["QueryExecutionId"])
        _fail(execution, clock, "GENERIC_INTERNAL_ERROR: a fault of localaws, see its log", 1)
        raise
    finally:
        _measure(execution, begun, clock)


def _begin(execution: Any, store: Store) -> bool:
    with store.lock:
        if execution["Status"]["State"] != "QUEUED":
            return False
        execution["Status"]["State"] = "RUNNING"
    return True


def _settle(execution: Any, finished: Finished, clock: Clock) -> None:
    execution["ResultConfiguration"]["OutputLocation"] = finished.location
    results.keep_columns(finished.location, finished.outcome.columns)
    statistics = execution["Statistics"]
    statistics["DataScannedInBytes"] = finished.outcome.scanned
    if finished.outcome.manifest:
        statistics["DataManifestLocation"] = finished.outcome.manifest
    if finished.outcome.updated is not None:
        statistics["RowsWritten"] = finished.outcome.updated
    statistics["RowsReturned"] = finished.outcome.rows
    execution["StatementType"], execution["SubstatementType"] = finished.kind
    _end(execution, "SUCCEEDED", clock, None)


def _fail(execution: Any, clock: Clock, text: str, category: int) -> None:
    if execution["Status"]["State"] != "RUNNING":
        return
    _end(execution, "FAILED", clock, text)
    execution["Status"]["AthenaError"] = {
        "ErrorCategory": category,
        "ErrorType": 1006 if category == 2 else 401,
        "Retryable": category == 1,
        "ErrorMessage": text,
    }


def _end(execution: Any, state: str, clock: Clock, reason: str | None) -> None:
    status = execution["Status"]
    status["CompletionDateTime"] = clock()
    if reason:
        status["StateChangeReason"] = reason
    status["State"] = state


def _measure(execution: Any, begun: float, clock: Clock) -> None:
    queued = max(0, int((begun - execution["Status"]["SubmissionDateTime"]) * 1000))
    running = max(1, int((clock() - begun) * 1000))
    execution["Statistics"].update(
        EngineExecutionTimeInMillis=running,
        TotalExecutionTimeInMillis=queued + running,
        QueryQueueTimeInMillis=queued,
        QueryPlanningTimeInMillis=0,
        ServiceProcessingTimeInMillis=0,
        ResultReuseInformation={"ReusedPreviousResult": False},
    )


def _execution(
    request: Request, group: Any, output: str, database: str, clock: Clock
) -> dict[str, Any]:
    query_id = str(uuid.uuid4())
    configuration = {"OutputLocation": f"{output}{query_id}.csv"}
    context = {"Database": database, "Catalog": "awsdatacatalog"}
    return {
        "QueryExecutionId": query_id,
        "Query": request["QueryString"],
        "StatementType": "DML",
        "ResultConfiguration": configuration,
        "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
        "QueryExecutionContext": context,
        "Status": {"State": "QUEUED", "SubmissionDateTime": clock()},
        "Statistics": {"DataScannedInBytes": 0},
        "WorkGroup": group["Name"],
        "EngineVersion": workgroups.ENGINE_VERSION,
        **(
            {"ExecutionParameters": request["ExecutionParameters"]}
            if request.get("ExecutionParameters")
            else {}
        ),
    }


def _database(request: Request) -> str:
    context = request.get("QueryExecutionContext") or {}
    catalog = str(context.get("Catalog") or "awsdatacatalog")
    if catalog.lower() != "awsdatacatalog":
        raise ApiError("InvalidRequestException", f"Catalog {catalog} was not found.")
    return str(context.get("Database") or "default").strip('`"').lower()


def _same_token(request: Request, caller: Caller, store: Store) -> str | None:
    token = request.get("ClientRequestToken")
    known = store.section(caller, "tokens").get(token) if token else None
    if known is None:
        return None
    if known[1] != _fingerprint(request):
        raise ApiError("InvalidRequestException", "Idempotent parameters do not match")
    return str(known[0])


def _fingerprint(request: Request) -> str:
    rest = {key: value for key, value in request.items() if key != "ClientRequestToken"}
    return hashlib.sha256(repr(sorted(rest.items())).encode()).hexdigest()
