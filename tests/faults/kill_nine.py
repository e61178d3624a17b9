"""`python -m tests.faults.kill_nine --kills 50 --seed 7`: kill localaws under load, count losses.

Each life of the server is ended by kill -9 at a random moment, also while a snapshot is written;
the next one starts on the same state and is held against what the writers were told.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.load import Load, clients
from tests.support.localaws_server import LocalAws, start_localaws


@dataclass(frozen=True, slots=True)
class Life:
    """One life: what was acknowledged in it, what was missing after it, seconds to be ready."""

    acknowledged: int
    missing: tuple[str, ...]
    unsettled: tuple[str, ...]
    orphans: tuple[int, ...]
    ready_seconds: float


def lives(state: Path, kills: int, seed: int, longest: float = 9.0) -> Iterator[Life]:
    """Yield one Life per kill; the server that runs at the end is ended."""
    chance = random.Random(seed)  # noqa: S311 (to be repeated)
    load = Load(seed)
    server = start_localaws(state)
    load.prepare(clients(server.endpoint))
    time.sleep(4)  # what is written to must be older than what a kill may cost
    try:
        for _ in range(kills):
            killed: list[float] = []

            def until(server: LocalAws = server, killed: list[float] = killed) -> None:
                time.sleep(chance.uniform(0.5, longest))
                server.kill()
                killed.append(time.time())

            acknowledged = load.run(server.endpoint, until)
            begun = time.monotonic()
            former, server = server.endpoint, start_localaws(state)
            seconds = time.monotonic() - begun
            missing = load.missing(clients(server.endpoint), killed[0])
            unsettled = _unsettled(server)
            yield Life(acknowledged, tuple(missing), unsettled, orphans(former), seconds)
    finally:
        server.stop()


def orphans(endpoint: str) -> tuple[int, ...]:
    """Return the processes that still belong to a localaws that was at `endpoint`."""
    until = time.monotonic() + 5
    while True:
        found = tuple(_of(endpoint))
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.2)


def _of(endpoint: str) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            variables = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if f"AWS_ENDPOINT_URL={endpoint}".encode() in variables:
            yield int(path.parent.name)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _unsettled(server: LocalAws) -> tuple[str, ...]:
    """Return the queries that a former life left QUEUED or RUNNING."""
    athena = server.client("athena")
    names = [
        name
        for page in athena.get_paginator("list_query_executions").paginate()
        for name in page["QueryExecutionIds"]
    ]
    found = []
    for first in range(0, len(names), 50):
        batch = athena.batch_get_query_execution(QueryExecutionIds=names[first : first + 50])
        found += [
            execution["QueryExecutionId"]
            for execution in batch["QueryExecutions"]
            if execution["Status"]["State"] in ("QUEUED", "RUNNING")
        ]
    return tuple(found)


def main(arguments: list[str] | None = None) -> int:
    """Print one line per kill and the sum; return 1 when anything was missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    _say(f"{chosen.kills} kills, seed {chosen.seed}")
    found = []
    with tempfile.TemporaryDirectory(prefix="localaws-faults-") as folder:
        for number, life in enumerate(lives(Path(folder), chosen.kills, chosen.seed), 1):
            found.append(life)
            _say(
                f"{number:3} acknowledged {life.acknowledged:6}  missing {len(life.missing)}  "
                f"unsettled {len(life.unsettled)}  orphans {len(life.orphans)}  "
                f"ready in {life.ready_seconds:.1f} s"
            )
            for problem in (*life.missing, *life.unsettled):
                _say(f"    {problem}")
    total = sum(life.acknowledged for life in found)
    faults = sum(len(life.missing) + len(life.unsettled) + len(life.orphans) for life in found)
    _say(f"{len(found)} kills, {total} writes acknowledged, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
