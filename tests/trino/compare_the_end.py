"""A killed Trino: queries and the health page say so. Last, since nothing runs after it."""

import json
import os
import signal
import urllib.request
from pathlib import Path

from tests.support.athena_api import ask
from tests.support.localaws_server import LocalAws, wait_until


def test_a_killed_trino_is_named_by_queries_and_the_health_page(
    engines: dict[str, LocalAws],
) -> None:
    aws = engines["trino"]
    os.kill(_java_of(aws), signal.SIGKILL)
    wait_until(lambda: any("Trino has ended" in text for text in _warnings(aws)))
    found = ask(aws.client, "select 1")
    assert found.error == "GENERIC_INTERNAL_ERROR"
    assert "stop localaws and start it again" in found.message


def _warnings(aws: LocalAws) -> list[str]:
    with urllib.request.urlopen(f"{aws.endpoint}/_localaws/health") as page:  # noqa: S310 - http
        return list(json.load(page)["warnings"])


def _java_of(aws: LocalAws) -> int:
    (guard,) = _children(aws.process.pid, "trino_guard")
    (java,) = _children(guard, "TrinoServer")
    return java


def _children(parent: int, word: str) -> list[int]:
    listed = Path(f"/proc/{parent}/task").glob("*/children")
    pids = {int(pid) for file in listed for pid in file.read_text().split()}
    return [pid for pid in pids if word in Path(f"/proc/{pid}/cmdline").read_text()]
