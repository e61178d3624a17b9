"""The child process that runs queries, and the parent's pool of two.

A child because a fault in native code ends a process, and in the server that would lose every
bucket. Requests and answers are pickles over its standard input and output; when the parent is
gone, input ends and so does the child.
"""

import os
import pickle
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

from localaws.athena.dialect import parse
from localaws.athena.engine import EngineDied, Outcome, Work
from localaws.athena.failures import CutOff, QueryFailed, SyntaxRefused
from localaws.athena.scopes import Column
from localaws.athena.statements import Statement
from localaws.caller import Caller

WORKERS = 2


class _Cancelled(Exception):
    """A query was stopped while it waited for a worker."""


class Pool:
    """Two warm workers behind the engine port; safe to use from many threads."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self._idle: queue.Queue[_Worker] = queue.Queue()
        self._running: dict[str, _Worker] = {}
        self._cancelled: set[str] = set()
        self._lock = threading.Lock()
        for _ in range(WORKERS):
            self._idle.put(_Worker(scratch))

    def check(self, statement: Statement, database: str) -> None:  # noqa: ARG002 -- the port's
        """Raise SyntaxRefused if the text of a statement's query does not parse."""
        query = getattr(statement, "query", None)
        if query is not None:
            parse(query)

    def execute(self, work: Work) -> Outcome:
        """Run a query in a worker; raise QueryFailed, CutOff, or EngineDied when it was killed."""
        found: Outcome = self._ask(("execute", work), work.id)
        return found

    def describe(self, query: str, database: str, caller: Caller) -> tuple[Column, ...]:
        """Return a query's columns without reading data; raise QueryFailed if it is not valid."""
        request = ("describe", query, database, caller)
        found: tuple[Column, ...] = self._ask(request, f"describe-{threading.get_ident()}")
        return found

    def kill(self, query_id: str) -> None:
        """End the worker that runs this query, or keep the query from starting."""
        with self._lock:
            self._cancelled.add(query_id)
            if query_id in self._running:
                self._running[query_id].kill()

    def fault(self) -> str:
        """Return nothing: a worker that ended is replaced."""
        return ""

    def close(self) -> None:
        """End all workers, and remove what they left on disk."""
        with self._lock:
            workers = list(self._running.values())
        while not self._idle.empty():
            workers.append(self._idle.get_nowait())
        for worker in workers:
            worker.kill()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _ask(self, request: Any, query_id: str) -> Any:
        worker = self._idle.get()
        if not worker.is_alive():
            worker = _Worker(self.scratch)
        try:
            with self._lock:
                if query_id in self._cancelled:
                    raise _Cancelled
                self._running[query_id] = worker
            answer = worker.ask(request)
        except _Cancelled as error:
            raise EngineDied("cancelled before it ran") from error
        except EngineDied:
            worker.kill()
            worker = _Worker(self.scratch)
            raise
        finally:
            with self._lock:
                self._running.pop(query_id, None)
                self._cancelled.discard(query_id)
            self._idle.put(worker)
        if isinstance(answer, QueryFailed | CutOff):
            raise answer
        return answer


class _Worker:
    """The parent's handle on one child."""

    def __init__(self, scratch: Path) -> None:
        # The child inherits the server's environment, which is an allow-list already.
        self._process = subprocess.Popen(  # noqa: S603 -- our own module, no shell
            [sys.executable, "-m", "localaws.athena.worker", str(scratch)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def ask(self, request: Any) -> Any:
        """Send a request and wait for its answer; raise EngineDied if the child ends instead."""
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise EngineDied("a worker without pipes")
        try:
            pickle.dump(request, process.stdin)
            process.stdin.flush()
            return pickle.load(process.stdout)  # noqa: S301 -- written by our own child
        except (EOFError, OSError, pickle.UnpicklingError, ValueError) as error:
            raise EngineDied(f"worker {process.pid} ended") from error

    def is_alive(self) -> bool:
        """Tell whether the child still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the child at once."""
        self._process.kill()
        self._process.wait(timeout=10)


def serve(scratch: Path, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until their stream ends."""
    from localaws.athena.duck import DuckEngine  # noqa: PLC0415 -- heavy; the parent never needs it

    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        engine = DuckEngine(Path(folder))
        while True:
            engine.prepare()
            try:
                request = pickle.load(requests)  # noqa: S301 -- written by our own parent
            except EOFError:
                return
            pickle.dump(_answer(engine, request), answers)
            answers.flush()


def _answer(engine: Any, request: Any) -> Any:
    word, *arguments = request
    try:
        return getattr(engine, word)(*arguments)
    except (QueryFailed, CutOff) as error:
        return error
    except SyntaxRefused as error:  # what only the types of a query show to be no query
        return QueryFailed("SYNTAX_ERROR", str(error))


def _end_with_parent(parent: int) -> None:
    # Input ends with the parent too, but a running query would not notice for hours.
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def main() -> int:
    """Serve this process's input; whatever else prints goes to standard error."""
    scratch = Path(sys.argv[1])
    scratch.mkdir(parents=True, exist_ok=True)
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(scratch, sys.stdin.buffer, answers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
