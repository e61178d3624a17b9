"""Transcribe's two families of jobs: one life, QUEUED -> IN_PROGRESS -> COMPLETED | FAILED.

A job is the record AWS answers with, kept in a store that survives a restart; the work on it does
not. What a stopped server left unfinished is FAILED, with that reason, when somebody next asks.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from localaws.caller import Caller
from localaws.errors import ApiError
from localaws.services.media import Unusable

AT_ONCE: Final = 8
PAGE: Final = 5
ENDED: Final = ("COMPLETED", "FAILED")

Job = dict[str, Any]
Work = Callable[[], Job]
Emit = Callable[[str, str, dict[str, Any], Caller], None]


@dataclass(frozen=True, slots=True)
class Family:
    """What differs between the families: the word in field names, and the event's words."""

    word: str
    detail_type: str
    detail_word: str

    @property
    def name(self) -> str:
        """Return the field that holds the job's name."""
        return f"{self.word}Name"

    @property
    def status(self) -> str:
        """Return the field that holds the job's status."""
        return f"{self.word}Status"


class Jobs:
    """The jobs of one family for one caller; `emit` announces the end of each."""

    def __init__(
        self, family: Family, store: dict[str, Any], caller: Caller, emit: Emit, seconds: float
    ) -> None:
        self.family = family
        self._store = store
        self._caller = caller
        self._emit = emit
        self._seconds = seconds

    def start(self, name: str, fields: Job, work: Work) -> Job:
        """Queue `work` as job `name` and return the job; raise ConflictException for a used name.

        `work` returns the fields a finished job has more, or raises Unusable with the reason.
        """
        key = self._key(name)
        job = {
            self.family.name: name,
            self.family.status: "QUEUED",
            **fields,
            "CreationTime": time.time(),
        }
        with _LOCK:
            if key in self._store:
                raise ApiError(
                    "ConflictException",
                    "The requested job name already exists. Use a different job name.",
                )
            _UNDER_WAY.add(key)
            self._store[key] = job
        queued = dict(job)
        threading.Thread(target=self._run, args=(key, work), daemon=True).start()
        return queued

    def get(self, name: str) -> Job:
        """Return the job; raise NotFoundException when there is none of that name."""
        job = self._store.get(self._key(name))
        if job is None:
            raise ApiError("NotFoundException", _MISSING)
        return self._settled(self._key(name), job)

    def delete(self, name: str) -> None:
        """Forget the job, not its output; raise BadRequestException when there is none."""
        if self._store.pop(self._key(name), None) is None:
            raise ApiError("BadRequestException", _MISSING)

    def page(self, request: dict[str, Any], left_out: tuple[str, ...]) -> dict[str, Any]:
        """Return one page of the newest jobs first, without the fields `left_out`."""
        size = request.get("MaxResults") or PAGE
        after = request.get("NextToken")
        found = [job for job in self._matching(request) if after is None or _rank(job) < after]
        shown = [{k: v for k, v in job.items() if k not in left_out} for job in found[:size]]
        answer: dict[str, Any] = {f"{self.family.word}Summaries": shown}
        if request.get("Status"):
            answer["Status"] = request["Status"]
        if len(found) > size:
            answer["NextToken"] = _rank(found[size - 1])
        return answer

    def _matching(self, request: dict[str, Any]) -> list[Job]:
        part, status = request.get("JobNameContains", ""), request.get("Status")
        jobs = [
            job
            for job in self._mine()
            if part.lower() in job[self.family.name].lower()
            and status in (None, job[self.family.status])
        ]
        return sorted(jobs, key=_rank, reverse=True)

    def _mine(self) -> Iterator[Job]:
        for key, job in list(self._store.items()):
            if key.startswith(self._key("")):
                yield self._settled(key, job)

    def _settled(self, key: str, job: Job) -> Job:
        if job[self.family.status] not in ENDED and key not in _UNDER_WAY:
            self._end(key, "FAILED", {"FailureReason": _STOPPED})
        return dict(self._store.get(key, job))

    def _run(self, key: str, work: Work) -> None:
        reason = "Internal Failure. Please try your request again."
        try:
            with _TURNSTILE:
                self._change(key, {self.family.status: "IN_PROGRESS", "StartTime": time.time()})
                time.sleep(self._seconds)
                done = work()
        except Unusable as error:
            reason = str(error)
        else:
            reason = ""
            self._end(key, "COMPLETED", done)
        finally:
            if reason:
                self._end(key, "FAILED", {"FailureReason": reason})
            _UNDER_WAY.discard(key)
        self._announce(key)

    def _end(self, key: str, status: str, more: Job) -> None:
        self._change(key, {self.family.status: status, **more, "CompletionTime": time.time()})

    def _change(self, key: str, more: Job) -> None:
        with _LOCK:
            if key in self._store:
                self._store[key] = {**self._store[key], **more}

    def _announce(self, key: str) -> None:
        job = self._store.get(key)
        if job is None:
            return
        word = self.family.detail_word
        detail = {f"{word}Name": job[self.family.name], f"{word}Status": job[self.family.status]}
        if "FailureReason" in job:
            detail["FailureReason"] = job["FailureReason"]
        self._emit("aws.transcribe", self.family.detail_type, detail, self._caller)

    def _key(self, name: str) -> str:
        return f"{self._caller.account}/{self._caller.region}/{self.family.word}/{name}"


def _rank(job: Job) -> str:
    name = next(value for field, value in job.items() if field.endswith("JobName"))
    return f"{job['CreationTime']:020.6f} {name}"


_MISSING: Final = (
    "The requested job couldn't be found. Check the job name and try your request again."
)
_STOPPED: Final = "Internal Failure. localaws was stopped while the job was under way."
_LOCK = threading.Lock()
_TURNSTILE = threading.BoundedSemaphore(AT_ONCE)
_UNDER_WAY: set[str] = set()
