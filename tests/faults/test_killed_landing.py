"""A landing cut by kill -9 of its AWS: the next life finishes every call that was acknowledged."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.localaws_server import wait_until
from tests.support.product import Product, brought_up

pytestmark = pytest.mark.pipeline

CALLS = 30
DOOR = "acme-uk/transcripts/drop/"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "localaws"
    Product({}).cci("local", "down", "--state", tmp_path / "localaws")


def kill(state: Path) -> None:
    os.kill(json.loads((state / "localaws.pid.json").read_text())["pid"], signal.SIGKILL)


def transcript(number: int) -> bytes:
    turns = [
        {"speaker": speaker, "start": at, "end": at + 2.5, "text": f"call {number}, turn {at}"}
        for at, speaker in enumerate(("agent", "customer") * 6)
    ]
    return json.dumps({"cci_transcript": "v1", "language": "en-GB", "turns": turns}).encode()


@pytest.mark.parametrize("seconds", [0.1, 1.5])
def test_every_call_acknowledged_before_a_kill_becomes_final(state: Path, seconds: float) -> None:
    product = brought_up(state)
    time.sleep(5)  # what is deployed must be older than what a kill may cost
    s3, bucket = product.client("s3"), product.bucket("input")
    for number in range(CALLS):
        s3.put_object(Bucket=bucket, Key=f"{DOOR}{number}.json", Body=transcript(number))
    time.sleep(seconds)
    kill(state)
    again = brought_up(state)
    wait_until(
        lambda: [call["state"] for call in again.calls("acme-uk").values()] == ["FINAL"] * CALLS,
        seconds=60,
        every=1,
    )
