"""Messages and what to do with one record -> the partial batch response SQS asks for.

A bad record fails alone: its message comes again, at last to the dead letters; the others are done.
A thread per message, because a future hands a failure back as a value and because the work waits
for AWS most of the time.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from contracts.errors import Rejected, TryAgain
from ingestion.events import Message, Record, read_messages, read_records

_LOG = logging.getLogger("cci-lite")
_LOG.setLevel(logging.INFO)
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one record, for its log line."""

    outcome: str
    tenant_id: str | None = None
    call_id: str | None = None


def answer(event: Mapping[str, Any], stage: str, take: Callable[[Record], Done]) -> dict[str, Any]:
    """Take every record of every message; return the messages that must come again.

    A bare event, which no queue would deliver again, raises its failure instead.
    """
    messages = read_messages(event)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        futures = [pool.submit(_take_message, message, stage, take) for message in messages]
    failed = []
    for message, future in zip(messages, futures, strict=True):
        problem = future.exception()
        if problem is not None:
            _log(stage, "failed", problem=_describe(problem), message_id=message.message_id)
            if not message.message_id:
                raise problem
            failed.append({"itemIdentifier": message.message_id})
    return {"batchItemFailures": failed}


def _take_message(message: Message, stage: str, take: Callable[[Record], Done]) -> None:
    for record in read_records(message.body):
        began = time.monotonic()
        done = take(record)
        _log(
            stage,
            done.outcome,
            tenant_id=done.tenant_id,
            call_id=done.call_id,
            elapsed_ms=round(1000 * (time.monotonic() - began)),
        )


def _describe(problem: BaseException) -> str:
    # A foreign message may quote the call or a secret: of those only the type and place are told.
    if isinstance(problem, Rejected | TryAgain):
        return f"{type(problem).__name__} {problem}"
    trace = problem.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    return f"{type(problem).__name__} at {place}"


def _log(stage: str, outcome: str, **fields: object) -> None:
    line = {"stage": stage, "outcome": outcome, **fields}
    _LOG.info(json.dumps({name: value for name, value in line.items() if value is not None}))
