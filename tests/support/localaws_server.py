"""A localaws of the tests' own: free port, temporary state, ended by its pid.

`aws` is one server per test module; `aws_factory` starts more (restart, kill -9, other settings).
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.support.answer_shapes import check_answers

ROOT = Path(__file__).parents[2]
REGION = "eu-central-1"
ACCOUNT = "000000000000"


@dataclass
class LocalAws:
    """A running server: `endpoint` for AWS_ENDPOINT_URL, `client("s3")`, `session()` for boto3."""

    process: subprocess.Popen[bytes]
    endpoint: str
    state: Path
    log: Path
    clients: dict[str, Any] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What a product process needs to find this AWS, on top of PATH and HOME."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }

    def session(self, access_key: str = "test", secret_key: str = "test") -> boto3.Session:  # noqa: S107
        return boto3.Session(
            aws_access_key_id=access_key, aws_secret_access_key=secret_key, region_name=REGION
        )

    def client(self, service: str) -> Any:
        """Return the (cached) boto3 client of `service` on this server; no retries hide a fault."""
        if service not in self.clients:
            self.clients[service] = self.session().client(
                service,
                endpoint_url=self.endpoint,
                config=Config(retries={"max_attempts": 0}, read_timeout=120),
            )
            check_answers(self.clients[service])
        return self.clients[service]

    def stop(self) -> int:
        """End it as a user would (SIGTERM); return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """kill -9, the power cut of the tests."""
        self.process.kill()
        self.process.wait(timeout=20)


def start_localaws(state: Path, module: str = "localaws", **variables: str) -> LocalAws:
    """Start `python -m localaws` on a free port and return once it says it is ready."""
    state.mkdir(parents=True, exist_ok=True)
    log = state / "server.log"
    settings = {"LOCALAWS_PORT": "0", "LOCALAWS_STATE": str(state), "LOCALAWS_JOB_SECONDS": "0"}
    passed = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={**passed, "AWS_REGION": REGION, **settings, **variables},
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    line = _first_line(process, seconds=330 if variables.get("LOCALAWS_ENGINE") == "trino" else 60)
    if not line:
        process.kill()
        process.wait(timeout=20)
        raise RuntimeError(f"localaws did not start:\n{log.read_text()[-4000:]}")
    return LocalAws(process, json.loads(line)["address"], state, log)


def workers(aws: LocalAws) -> list[int]:
    """Return the pids of a server's processes that run queries."""
    return [
        int(process.name)
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and _is_worker(process, aws.process.pid)
    ]


def wait_until(check: Callable[[], Any], seconds: float = 20, every: float = 0.05) -> Any:
    """Return the first truthy answer of `check`; fail the test after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"still {answer!r} after {seconds} s")
        time.sleep(every)


@pytest.fixture(scope="module")
def aws_factory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., LocalAws]]:
    """Start servers: `aws_factory(state=…, LOCALAWS_AUTH="1")`; all are ended with the module."""
    started: list[LocalAws] = []

    def start(state: Path | None = None, **variables: str) -> LocalAws:
        server = start_localaws(state or tmp_path_factory.mktemp("localaws"), **variables)
        started.append(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="module")
def aws(aws_factory: Callable[..., LocalAws]) -> LocalAws:
    """One localaws with default settings, shared by the tests of a module."""
    return aws_factory()


@pytest.fixture(scope="module")
def endpoint(aws: LocalAws) -> str:
    """Return the address to give as AWS_ENDPOINT_URL."""
    return aws.endpoint


def _is_worker(process: Path, server: int) -> bool:
    try:
        parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        return parent == server and b"athena.worker" in (process / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _first_line(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], seconds)
    with process.stdout as output:
        return output.readline() if ready else b""
