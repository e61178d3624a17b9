"""One port, 127.0.0.1 only: ministack with our services in it, and our own pages beside it.

Imported after `settings.enter`. The gateway refuses services nobody answers (ministack would take
their requests for S3) and turns ministack's "unknown action" into the refusal that names it.
"""

import asyncio
import json
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from typing import Any

from hypercorn.asyncio import serve as serve_asgi
from hypercorn.config import Config

from localaws import clock, events, ministack, operations, timed
from localaws.athena import api as athena
from localaws.bridge import on_loop, own_caller, publish
from localaws.gateway import Gateway
from localaws.services import alarms, former_life, glue_workflows, s3_expiry, trails
from localaws.settings import Settings
from localaws.snapshots import Snapshots


async def serve(
    settings: Settings, listener: socket.socket, replace: Callable[[], None] = ministack.apply
) -> None:
    """Answer on `listener` until SIGTERM or SIGINT, then save and end every child process."""
    replace()
    events.connect(publish)
    snapshots = Snapshots(
        settings.state / "snapshots", settings.state / "ministack", enabled=settings.persist
    )
    snapshots.restore()
    gateway = Gateway(settings, snapshots, _address(listener))
    asgi: Any = gateway
    timed.add(lambda: glue_workflows.ring(clock.now, own_caller()))
    timed.add(lambda: on_loop(s3_expiry.expire))
    timed.add(lambda: on_loop(alarms.look_again))
    timed.add(lambda: on_loop(trails.deliver))
    beside = (
        _announce(gateway, settings, listener, snapshots.unsure_since),
        snapshots.forever(),
        timed.forever(),
    )
    async with _beside(*beside):
        await serve_asgi(asgi, _configuration(listener), shutdown_trigger=_told_to_end())
    await snapshots.end()


def _told_to_end() -> Callable[[], Awaitable[None]]:
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)

    async def ended() -> None:
        await asked.wait()
        await asyncio.to_thread(athena.close)
        await asyncio.to_thread(ministack.end_children)

    return ended


def _configuration(listener: socket.socket) -> Config:
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.2
    config.loglevel = "WARNING"
    return config


@asynccontextmanager
async def _beside(*tasks: Any) -> AsyncIterator[None]:
    running = [asyncio.create_task(task) for task in tasks]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _announce(
    gateway: Gateway, settings: Settings, listener: socket.socket, unsure_since: float | None
) -> None:
    begun = time.time()
    await gateway.started.wait()
    gateway.waiting_for = ["jobs of the last run", "workers"]
    await asyncio.to_thread(glue_workflows.settle_orphans)
    former_life.rename_queues()
    former_life.release_messages(begun)
    if unsure_since is not None:
        former_life.repeat_events(unsure_since)
    gateway.waiting_for = ["workers"]
    await asyncio.to_thread(operations.warm, ("s3", "lambda"))
    await asyncio.to_thread(athena.warm)
    gateway.waiting_for = []
    line = {
        "address": _address(listener),
        "state": str(settings.state) if settings.persist else None,
        "engine": settings.engine,
        "auth": settings.auth,
        "ministack": version("ministack"),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"
