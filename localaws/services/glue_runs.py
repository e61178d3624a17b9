"""One Glue job run -> a process of the interpreter localaws runs on, watched to its end.

The script comes from S3 and sees what Glue gives it: `--name value` arguments, the extra files
first on its path, credentials of the job's role, a folder of its own. Its output goes live to
CloudWatch Logs. A run that outlives localaws is FAILED at the next start.
"""

import dataclasses
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localaws import events, settings
from localaws.caller import Caller
from localaws.services import glue_files
from localaws.services.glue_logs import LogStream
from localaws.services.glue_store import ACTIVE, JOB_PROCESSES, JOB_RUNS, Record
from localaws.services.roles import as_role

TERM_SECONDS = 10
OUTPUT_GROUP, ERROR_GROUP = "/aws-glue/jobs/output", "/aws-glue/jobs/error"
_SEVERITY = {"SUCCEEDED": "INFO", "STOPPED": "INFO", "TIMEOUT": "WARN", "FAILED": "ERROR"}
_ERROR_LINE = re.compile(r"[A-Za-z_][\w.]*(?:: .*)?")


@dataclasses.dataclass(slots=True)
class _Going:
    """A run that is going; `verdict` is the state it must end in when it is ended from outside."""

    verdict: str = ""
    reason: str = ""
    process: "subprocess.Popen[bytes] | None" = None


def start(
    job: Record, run: Record, caller: Caller, origin: Record, finished: Callable[[Record], None]
) -> None:
    """Start `run` in a thread; `finished` is told when its state is final."""
    going = _GOING[run["Id"]] = _Going()

    def live() -> None:
        folder = Path(tempfile.mkdtemp(prefix="localaws-glue-"))
        try:
            _live(job, run, caller, origin, folder, going)
        except Exception as error:
            # Without an end its workflow would wait for ever, and the job refuse its next run.
            _finish(run, "FAILED", f"localaws could not run the job: {error}")
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            _GOING.pop(run["Id"], None)
            _announce(run, caller)
            finished(run)

    threading.Thread(target=live, name=f"glue-{run['JobName']}", daemon=True).start()


def stop(run_id: str) -> bool:
    """Ask a run to stop (TERM, KILL after 10 s); return False when it does not run."""
    return _end(run_id, "STOPPED", "")


def end_all() -> None:
    """End every run, because localaws ends; return when all are recorded."""
    threads = [t for t in threading.enumerate() if t.name.startswith("glue-")]
    for run_id in list(_GOING):
        _end(run_id, "FAILED", "localaws was ended while the job ran")
    for thread in threads:
        thread.join(timeout=TERM_SECONDS + 5)


def fail_orphans() -> None:
    """Fail the runs a killed localaws left behind, and end their processes if they still live."""
    for run in list(JOB_RUNS.values()):
        if run["JobRunState"] in ACTIVE and run["Id"] not in _GOING:
            _kill_orphan(run)
            _finish(run, "FAILED", "localaws died while the job ran")


def _live(
    job: Record, run: Record, caller: Caller, origin: Record, folder: Path, going: _Going
) -> None:
    worker = as_role(job.get("Role", ""), run["Id"], caller)
    streams = [LogStream(caller, group, run["Id"]) for group in (OUTPUT_GROUP, ERROR_GROUP)]
    try:
        script, paths = glue_files.fetch(job, run, worker, folder)
    except glue_files.Unusable as error:
        streams[1].write([str(error)])
        _finish(run, "FAILED", str(error))
        return
    streams[0].write([_greeting(job)])
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, str(script), *arguments(job, run, origin)],
        cwd=folder / "work",
        env={
            **settings.child_environment(worker),
            "PYTHONPATH": os.pathsep.join(str(path) for path in paths),
            "PYTHONUNBUFFERED": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    going.process = process
    JOB_PROCESSES[run["Id"]] = process.pid
    run.update(JobRunState="RUNNING", LastModifiedOn=time.time())
    tail = _watch(process, run, going, streams)
    _finish(run, *_outcome(process.returncode, tail, going))


def arguments(job: Record, run: Record, origin: Record) -> list[str]:
    """Return the script's arguments as Glue orders them: its own, then defaults, then the run's."""
    own = {"--JOB_NAME": run["JobName"], "--JOB_RUN_ID": run["Id"], **origin.get("Workflow", {})}
    given = {**job.get("DefaultArguments", {}), **run["Arguments"]}
    merged = {**own, **given, **job.get("NonOverridableArguments", {})}
    return [word for name, value in merged.items() for word in (name, str(value))]


def _watch(
    process: "subprocess.Popen[bytes]", run: Record, going: _Going, streams: list[LogStream]
) -> deque[str]:
    tail: deque[str] = deque(maxlen=200)
    pumps = [
        threading.Thread(target=streams[0].pump, args=(process.stdout, None), daemon=True),
        threading.Thread(target=streams[1].pump, args=(process.stderr, tail), daemon=True),
    ]
    for pump in pumps:
        pump.start()
    deadline = time.monotonic() + 60 * float(run.get("Timeout") or 2880)
    while process.poll() is None:
        if going.verdict:
            run.update(JobRunState="STOPPING", LastModifiedOn=time.time())
            _terminate(process)
        elif time.monotonic() > deadline:
            going.verdict, going.reason = "TIMEOUT", f"Job run timed out after {run['Timeout']} min"
        time.sleep(0.05)
    for pump in pumps:
        pump.join(timeout=5)
    return tail


def _outcome(code: int, tail: deque[str], going: _Going) -> tuple[str, str]:
    if going.verdict:
        return going.verdict, going.reason
    if code == 0:
        return "SUCCEEDED", ""
    return "FAILED", error_line(tail) or f"Command failed with exit code {code}"


def error_line(tail: "deque[str]") -> str:
    """Return the last exception line of a traceback in the error output, or nothing."""
    lines = list(tail)
    traces = [n for n, line in enumerate(lines) if line.startswith("Traceback (most recent call")]
    if not traces:
        return ""
    after = [line for line in lines[traces[-1] + 1 :] if _ERROR_LINE.fullmatch(line)]
    return after[0] if after else ""


def _finish(run: Record, state: str, reason: str) -> None:
    now = time.time()
    run.update(CompletedOn=now, LastModifiedOn=now, ExecutionTime=round(now - run["StartedOn"]))
    if reason:
        run["ErrorMessage"] = reason
    JOB_PROCESSES.pop(run["Id"], None)
    run["JobRunState"] = state


def _announce(run: Record, caller: Caller) -> None:
    detail: dict[str, Any] = {
        "jobName": run["JobName"],
        "severity": _SEVERITY[run["JobRunState"]],
        "state": run["JobRunState"],
        "jobRunId": run["Id"],
        "message": run.get("ErrorMessage") or f"Job run {run['JobRunState'].lower()}",
    }
    events.emit("aws.glue", "Glue Job State Change", detail, caller)


def _greeting(job: Record) -> str:
    version = ".".join(str(part) for part in sys.version_info[:3])
    asked = f"Glue {job['GlueVersion']}" if job.get("GlueVersion") else "the default Glue version"
    return (
        f"localaws runs this {job['Command']['Name']} job on Python {version}, not on {asked}: "
        "no Spark is started"
    )


def _end(run_id: str, verdict: str, reason: str) -> bool:
    going = _GOING.get(run_id)
    if going is None or going.verdict:
        return False
    going.verdict, going.reason = verdict, reason
    return True


def _terminate(process: "subprocess.Popen[bytes]") -> None:
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=TERM_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _kill_orphan(run: Record) -> None:
    process_id = JOB_PROCESSES.get(run["Id"])
    if process_id is None:
        return
    command = ["ps", "-o", "args=", "-p", str(process_id)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if run["Id"] in shown.stdout:
        os.killpg(process_id, signal.SIGKILL)


_GOING: dict[str, _Going] = {}
