"""In-memory ports of ingestion: a ledger that honours conditions, buckets, scripted AI services."""

import hashlib
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from contracts.errors import Rejected
from contracts.forms import Criterion, Form, TenantSettings, form_items, settings_item
from contracts.ledger import Call, call_key, read_call
from contracts.tenant import TenantId
from ingestion.ports import Answer, Api, Detected, Head, Job, Moved, Ports, Question, Stored
from ingestion.settings import Settings

NOW = datetime(2026, 1, 30, 13, 5, tzinfo=UTC)
INPUT = "cci-lite-input-123456789012-eu-central-1"
RESULTS = "cci-lite-results-123456789012-eu-central-1"
SETTINGS = Settings(
    input_bucket=INPUT,
    results_bucket=RESULTS,
    config_table="cci-lite-config",
    ledger_table="cci-lite-calls",
    analysis_queue_url="queue",
    default_model_id="eu.example.model-v1:0",
    code_version="test",
)


class FakeBucket:
    """Objects in a dict; `others` are the buckets copies may come from."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.objects: dict[str, bytes] = {}
        self.others: dict[str, FakeBucket] = {}
        self.written: list[str] = []
        self.modified = NOW

    def head(self, key: str) -> Head | None:
        body = self.objects.get(key)
        return None if body is None else Head(etag(body), len(body), self.modified)

    def get(self, key: str) -> Stored | None:
        body = self.objects.get(key)
        return None if body is None else Stored(body, etag(body), is_ours=False)

    def get_start(self, key: str, length: int) -> bytes:
        return self.objects[key][:length]

    def put_once(self, key: str, body: bytes, content_type: str = "application/json") -> Stored:  # noqa: ARG002
        if key not in self.objects:
            self.written.append(key)
        there = self.objects.setdefault(key, body)
        return Stored(there, etag(there), is_ours=there == body)

    def copy_from(self, bucket: str, key: str, to: str) -> None:
        self.objects[to] = self.others[bucket].objects[key]


class FakeLedger:
    """Items in a dict; conditions of rendered writes are evaluated, not assumed."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.after_get: Callable[[], None] = lambda: None

    def get(self, tenant: TenantId, call_id: str) -> Call | None:
        item = self.items.get(_pair(call_key(tenant, call_id)))
        return read_call(dict(item)) if item else None

    def create(self, put: Mapping[str, Any]) -> Moved:
        item = dict(put["Item"])
        there = self.items.get(_pair(item))
        if there:
            return Moved(is_made=False, call=read_call(dict(there)))
        self.items[_pair(item)] = item
        return Moved(is_made=True, call=read_call(dict(item)))

    def move(self, update: Mapping[str, Any]) -> Moved:
        item = self.items.get(_pair(update["Key"]))
        if item is None or not _holds(update, item):
            return Moved(is_made=False, call=read_call(dict(item)) if item else None)
        _apply(update, item)
        return Moved(is_made=True, call=read_call(dict(item)))


class FakeConfig:
    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Mapping[str, Any]] = {}

    def item(self, pk: str, sk: str) -> Mapping[str, Any] | None:
        return self.items.get((pk, sk))


class FakeHashKeys:
    def __init__(self) -> None:
        self.keys: dict[str, bytes] = {}

    def key(self, tenant: TenantId) -> bytes | None:
        return self.keys.get(tenant)


@dataclass
class FakeTranscriber:
    """Remembers requests; a test ends a job by putting a Job into `jobs`."""

    requests: list[tuple[Api, Mapping[str, Any]]] = field(default_factory=list)
    jobs: dict[str, Job] = field(default_factory=dict)
    refusal: Rejected | None = None

    def start(self, api: Api, request: Mapping[str, Any]) -> None:
        if self.refusal:
            raise self.refusal
        self.requests.append((api, request))

    def job(self, api: Api, name: str) -> Job | None:  # noqa: ARG002
        return self.jobs.get(name)


@dataclass
class FakeComprehend:
    """Everything is neutral, one phrase and one person per text; `failing` texts land in errors."""

    failing: set[str] = field(default_factory=set)
    calls: list[tuple[Question, tuple[str, ...]]] = field(default_factory=list)
    scores: Mapping[str, float] = field(
        default_factory=lambda: {"Positive": 0.1, "Negative": 0.2, "Neutral": 0.7, "Mixed": 0.0}
    )

    def detect(self, question: Question, texts: Sequence[str], language: str) -> Detected:  # noqa: ARG002
        self.calls.append((question, tuple(texts)))
        answer = {
            "sentiment": {"Sentiment": "NEUTRAL", "SentimentScore": self.scores},
            "key_phrases": {"KeyPhrases": [{"Text": "the refund", "Score": 0.9}]},
            "entities": {"Entities": [{"Text": "Mia Poe", "Type": "PERSON", "Score": 0.8}]},
        }[question]
        good = [index for index, text in enumerate(texts) if text not in self.failing]
        bad = [index for index, text in enumerate(texts) if text in self.failing]
        return Detected(
            {index: {"Index": index, **answer} for index in reversed(good)},
            dict.fromkeys(bad, "INTERNAL_SERVER_ERROR"),
        )


class FakeModel:
    """Answers by purpose; `answers` maps a word of the prompt's first line to the text."""

    def __init__(self, summary: str = "{}", evaluation: str = "{}") -> None:
        self.summary = summary
        self.evaluation = evaluation
        self.prompts: list[str] = []
        self.stop_reason = "end_turn"

    def ask(self, model_id: str, prompt: str) -> Answer:  # noqa: ARG002
        self.prompts.append(prompt)
        text = self.evaluation if "<criteria>" in prompt else self.summary
        return Answer(text, self.stop_reason, 100, 20)


@dataclass
class FakeQueue:
    messages: list[Mapping[str, Any]] = field(default_factory=list)

    def send(self, message: Mapping[str, Any]) -> None:
        self.messages.append(message)


class World:
    """Every fake, and the `Ports` made of them, with two look-alike tenants registered."""

    def __init__(self) -> None:
        self.input = FakeBucket(INPUT)
        self.results = FakeBucket(RESULTS)
        self.results.others = {INPUT: self.input}
        self.ledger = FakeLedger()
        self.config = FakeConfig()
        self.hash_keys = FakeHashKeys()
        self.transcriber = FakeTranscriber()
        self.comprehend = FakeComprehend()
        self.model = FakeModel()
        self.queue = FakeQueue()
        self.now = NOW
        for tenant in ("acme", "acme-uk"):
            self.register(TenantSettings(TenantId(tenant), tenant))
            self.publish(tenant, form())
            self.hash_keys.keys[tenant] = f"key of {tenant}".encode()

    @property
    def ports(self) -> Ports:
        return Ports(
            settings=SETTINGS,
            input=self.input,
            results=self.results,
            ledger=self.ledger,
            config=self.config,
            hash_keys=self.hash_keys,
            transcriber=self.transcriber,
            comprehend=self.comprehend,
            model=self.model,
            analysis_queue=self.queue,
            clock=lambda: self.now,
        )

    def register(self, settings: TenantSettings) -> None:
        item = settings_item(settings)
        self.config.items[item["pk"], item["sk"]] = item

    def publish(self, tenant: str, published: Form) -> None:
        for item in form_items(TenantId(tenant), published, "2026-01-01T00:00:00Z"):
            self.config.items[item["pk"], item["sk"]] = item

    def calls(self) -> list[Call]:
        return [read_call(dict(item)) for item in self.ledger.items.values()]

    def only_call(self) -> Call:
        (call,) = self.calls()
        return call


def form() -> Form:
    criteria = (
        Criterion("greeting", "Did the agent greet?", Decimal(1)),
        Criterion("empathy", "Did the agent show empathy?", Decimal(1)),
        Criterion("closing", "Did the agent say goodbye?", Decimal("0.5"), is_critical=True),
    )
    return Form("default", 3, Decimal("0.7"), criteria)


def wav(seconds: float = 2.0, channels: int = 1, rate: int = 8000, extra: bytes = b"") -> bytes:
    """Return a silent PCM16 WAV; `extra` bytes go into a LIST chunk before the sound."""
    sound = bytes(int(seconds * rate) * channels * 2)
    head = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    chunks = b"fmt " + struct.pack("<I", len(head)) + head
    if extra:
        chunks += b"LIST" + struct.pack("<I", len(extra)) + extra + b"\0" * (len(extra) % 2)
    chunks += b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


def _pair(key: Mapping[str, Any]) -> tuple[str, str]:
    return str(key["pk"]), str(key["sk"])


def _holds(update: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    names, values = update["ExpressionAttributeNames"], update["ExpressionAttributeValues"]
    return all(
        _one_holds(part, names, values, item)
        for part in update["ConditionExpression"].split(" AND ")
    )


def _one_holds(
    part: str, names: Mapping[str, str], values: Mapping[str, Any], item: Mapping[str, Any]
) -> bool:
    if found := re.fullmatch(r"(#\w+) IN \((.*)\)", part):
        return item.get(names[found[1]]) in [values[mark] for mark in found[2].split(", ")]
    found = re.fullmatch(r"(#\w+) (=|<>) (:\w+)", part)
    assert found, f"the fake ledger does not know the condition {part!r}"
    is_equal = item.get(names[found[1]]) == values[found[3]]
    return is_equal if found[2] == "=" else not is_equal


def _apply(update: Mapping[str, Any], item: dict[str, Any]) -> None:
    names, values = update["ExpressionAttributeNames"], update["ExpressionAttributeValues"]
    sets, _, removes = update["UpdateExpression"].removeprefix("SET ").partition(" REMOVE ")
    for part in sets.split(", "):
        target, _, value = part.partition(" = ")
        if "." in target:
            outer, inner = (names[name] for name in target.split("."))
            item[outer] = {**item[outer], inner: values[value]}
        elif " + " in value:
            item[names[target]] = item.get(names[target], 0) + values[value.split(" + ")[1]]
        else:
            item[names[target]] = values[value]
    for mark in filter(None, removes.split(", ")):
        item.pop(names[mark], None)
