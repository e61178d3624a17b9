"""A Transcribe with its objects in a dict: jobs end in milliseconds, events land in a list."""

import json
import struct
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
from botocore.model import Shape

from localaws.caller import Caller
from localaws.services import call_analytics, transcribe
from localaws.services.jobs import Jobs
from localaws.services.objects import Encryption, Place
from localaws.services.transcribe_requests import Surroundings
from localaws.settings import Settings, load

CALLER = Caller("http://127.0.0.1:9", "eu-central-1", "000000000000", "test", "test")
ENDED = ("COMPLETED", "FAILED")


@dataclass
class FakeObjects:
    """Objects by (bucket, key); `keys` notes the KMS key each was written with."""

    stored: dict[tuple[str, str], bytes] = field(default_factory=dict)
    keys: dict[str, str | None] = field(default_factory=dict)

    def size(self, place: Place) -> int | None:
        body = self.read(place)
        return None if body is None else len(body)

    def read(self, place: Place) -> bytes | None:
        return self.stored.get((place.bucket, place.key))

    def write(self, place: Place, body: bytes, kind: str, encryption: Encryption) -> None:
        assert kind in ("application/json", "text/vtt", "text/plain")
        self.stored[place.bucket, place.key] = body
        self.keys[place.key] = encryption.key_id


@dataclass
class Bench:
    """Ask `call(operation, …)`; `finish(name)` waits for a job and returns it."""

    settings: Settings
    objects: FakeObjects = field(default_factory=FakeObjects)
    store: dict[str, Any] = field(default_factory=dict)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    seconds: float = 0.0

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        is_calls = "CallAnalytics" in operation
        family = call_analytics.FAMILY if is_calls else transcribe.STANDARD
        jobs = Jobs(family, self.store, CALLER, self._note, self.seconds)
        around = Surroundings(CALLER, self.objects, jobs, self.settings)
        answer = transcribe.answer_in(operation, request, around)
        check_answer("transcribe", operation, answer)
        return answer

    def finish(self, name: str, word: str = "TranscriptionJob") -> dict[str, Any]:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            job: dict[str, Any] = self.call(f"Get{word}", **{f"{word}Name": name})[word]
            if job[f"{word}Status"] in ENDED and any(name in d.values() for _, d in self.events):
                return job
            time.sleep(0.005)
        raise AssertionError(f"{name} has not ended: {job}")

    def land(self, key: str, body: bytes, heard: dict[str, Any] | None = None) -> str:
        self.objects.stored["in-bucket", key] = body
        if heard is not None:
            prepared = json.dumps(heard).encode()
            self.objects.stored["in-bucket", f"{key}.transcript.json"] = prepared
        return f"s3://in-bucket/{key}"

    def document(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.objects.stored["out-bucket", key])
        return found

    def _note(self, source: str, kind: str, detail: dict[str, Any], caller: Caller) -> None:
        assert (source, caller) == ("aws.transcribe", CALLER)
        self.events.append((kind, detail))


def bench(**variables: str) -> Bench:
    return Bench(load(variables))


def wav(seconds: float = 12.0, channels: int = 2, rate: int = 8_000) -> bytes:
    """Return silence, with a LIST chunk before the sound as real recorders write it."""
    sound = bytes(int(seconds * rate) * 2 * channels)
    form = struct.pack(
        "<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * 2 * channels, 2 * channels, 16
    )
    listed = struct.pack("<4sI4s", b"LIST", 4, b"INFO")
    data = struct.pack("<4sI", b"data", len(sound)) + sound
    body = form + listed + data
    return struct.pack("<4sI4s", b"RIFF", 4 + len(body), b"WAVE") + body


def check_answer(service: str, operation: str, answer: dict[str, Any]) -> None:
    """Fail on any field the botocore output model does not know, or a missing required one."""
    shape = _output_shape(service, operation)
    if shape is not None:
        _check(shape, answer, operation)


@cache
def _output_shape(service: str, operation: str) -> Shape | None:
    model = botocore.session.get_session().get_service_model(service)
    return model.operation_model(operation).output_shape


def _check(shape: Shape, value: Any, path: str) -> None:
    if shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
        unknown = value.keys() - shape.members.keys()
        missing = set(shape.required_members) - value.keys()
        assert not unknown, f"{path}: unknown {unknown}"
        assert not missing, f"{path}: missing {missing}"
        for name, item in value.items():
            _check(shape.members[name], item, f"{path}.{name}")
    elif shape.type_name == "list":
        for item in value:
            _check(shape.member, item, path)
    elif shape.type_name == "timestamp":
        assert isinstance(value, float), f"{path} is no epoch second"
    elif shape.type_name in ("integer", "long"):
        assert type(value) is int, path
    elif shape.type_name == "string":
        assert isinstance(value, str), path
        assert value in (getattr(shape, "enum", None) or [value]), f"{path}: {value}"
