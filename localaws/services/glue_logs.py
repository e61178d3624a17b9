"""Lines a Glue job prints -> CloudWatch Logs, while it runs."""

import os
import select
import time
from collections import deque
from typing import IO

from botocore.exceptions import ClientError

from localaws import clock
from localaws.caller import Caller
from localaws.clients import client

FLUSH_SECONDS = 0.3
BATCH = 1000


class LogStream:
    """One log stream; group and stream are made with the first line."""

    def __init__(self, caller: Caller, group: str, stream: str) -> None:
        self._logs = client("logs", caller)
        self._name = {"logGroupName": group, "logStreamName": stream}
        self._made = False

    def pump(self, pipe: IO[bytes], tail: deque[str] | None) -> None:
        """Ship all lines of `pipe` until it closes, and keep them in `tail` too."""
        rest = b""
        while True:
            chunk = _chunk(pipe)
            if chunk is None:
                continue
            *lines, rest = (rest + chunk).split(b"\n") if chunk else [rest, b""]
            texts = [line.decode("utf-8", "replace").rstrip("\r") for line in lines]
            if tail is not None:
                tail.extend(texts)
            self.write(texts)
            if not chunk:
                return

    def write(self, lines: list[str]) -> None:
        """Ship `lines` now; blank ones are left out, as CloudWatch refuses them."""
        now = int(clock.now() * 1000)
        found = [{"timestamp": now, "message": line} for line in lines if line.strip()]
        if found:
            self._make()
        for start in range(0, len(found), BATCH):
            self._logs.put_log_events(logEvents=found[start : start + BATCH], **self._name)

    def _make(self) -> None:
        if self._made:
            return
        self._made = True
        for make, names in (
            (self._logs.create_log_group, ("logGroupName",)),
            (self._logs.create_log_stream, tuple(self._name)),
        ):
            try:
                make(**{name: self._name[name] for name in names})
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                    raise


def _chunk(pipe: IO[bytes]) -> bytes | None:
    ready, _, _ = select.select([pipe], [], [], FLUSH_SECONDS)
    if not ready:
        return None
    time.sleep(0.02)
    return os.read(pipe.fileno(), 1 << 20)
