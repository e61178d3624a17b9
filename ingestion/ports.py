"""What ingestion needs from outside, as small protocols: the real ones live in aws.py.

Every handler gets one `Ports`; tests build it from fakes and patch nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from contracts.ledger import Call
from contracts.tenant import TenantId
from ingestion.settings import Settings

Api = Literal["call_analytics", "standard"]
Question = Literal["sentiment", "key_phrases", "entities"]


@dataclass(frozen=True, slots=True)
class Head:
    """What HeadObject says of an object; the ETag without its quotation marks."""

    etag: str
    size: int
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it lies in the bucket, whoever wrote it."""

    body: bytes
    etag: str
    is_ours: bool = True


class Bucket(Protocol):
    """One bucket; absent objects are None, every other failure raises."""

    @property
    def name(self) -> str:
        """Return the bucket's name, for URIs."""

    def head(self, key: str) -> Head | None:
        """Return what is there under the key."""

    def get(self, key: str) -> Stored | None:
        """Return a whole object."""

    def get_start(self, key: str, length: int) -> bytes:
        """Return the first `length` bytes of an object that exists."""

    def put_once(self, key: str, body: bytes, content_type: str = "application/json") -> Stored:
        """Write unless something is there; return what lies there now (first writer wins)."""

    def copy_from(self, bucket: str, key: str, to: str) -> None:
        """Copy an object of another bucket to `to`, replacing what lies there."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The item after a write (`is_made`), or the item that refused it; None where none exists."""

    is_made: bool
    call: Call | None


class Ledger(Protocol):
    """The table of calls; reads are consistent."""

    def get(self, tenant: TenantId, call_id: str) -> Call | None:
        """Return the call, or None."""

    def create(self, put: Mapping[str, Any]) -> Moved:
        """Send the PutItem arguments of `contracts.ledger.render_new`."""

    def move(self, update: Mapping[str, Any]) -> Moved:
        """Send the UpdateItem arguments of `contracts.ledger.render`."""


class Config(Protocol):
    """The configuration table."""

    def item(self, pk: str, sk: str) -> Mapping[str, Any] | None:
        """Return one item, or None."""


class HashKeys(Protocol):
    """The tenants' keys for keyed hashes."""

    def key(self, tenant: TenantId) -> bytes | None:
        """Return the tenant's key, or None where it has none."""


@dataclass(frozen=True, slots=True)
class Job:
    """A Transcribe job as Get…Job describes it."""

    name: str
    api: Api
    status: str
    media_uri: str
    transcript_uri: str | None = None
    failure_reason: str = ""
    language: str | None = None
    is_redaction_asked: bool = False


class Transcriber(Protocol):
    """Transcribe, batch, both kinds of job."""

    def start(self, api: Api, request: Mapping[str, Any]) -> None:
        """Start a job; a job of that name and media that exists already is taken as started.

        Raise Rejected `transcribe_refused` for a bad request, TryAgain when the limit is reached.
        """

    def job(self, api: Api, name: str) -> Job | None:
        """Return the job, or None when Transcribe knows no such name."""


@dataclass(frozen=True, slots=True)
class Detected:
    """Comprehend's answer to one batch: results and error codes, both by index."""

    results: Mapping[int, Mapping[str, Any]]
    errors: Mapping[int, str]


class Comprehend(Protocol):
    """Comprehend's batch questions."""

    def detect(self, question: Question, texts: Sequence[str], language: str) -> Detected:
        """Ask about at most 25 texts of at most 5,000 bytes each."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said to one prompt."""

    text: str
    stop_reason: str
    input_tokens: int
    output_tokens: int


class Model(Protocol):
    """A language model behind Bedrock."""

    def ask(self, model_id: str, prompt: str) -> Answer:
        """Return the answer to one user message; raise TryAgain when the model is busy."""


class Queue(Protocol):
    """One queue."""

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a JSON message."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside, handed to every handler."""

    settings: Settings
    input: Bucket
    results: Bucket
    ledger: Ledger
    config: Config
    hash_keys: HashKeys
    transcriber: Transcriber
    comprehend: Comprehend
    model: Model
    analysis_queue: Queue
    clock: Callable[[], datetime]
