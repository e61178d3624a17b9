"""What happens by the clock: Glue's triggers, S3's expiry, CloudWatch's alarms.

Each step runs every 20 seconds and at once when `POST /_localaws/clock` moves the clock; that page
answers when everything then due has happened.
"""

import asyncio
import logging
from collections.abc import Callable

from localaws import clock, pages
from localaws.errors import ApiError

Step = Callable[[], None]

SECONDS_BETWEEN = 20
_EXAMPLE = '{"forward_seconds": 86400}'
_LOG = logging.getLogger("localaws")


def add(step: Step) -> None:
    """Have `step` run by the clock, in a thread of its own."""
    _steps.append(step)


async def forever() -> None:
    """Run every step again and again; a step that fails is logged and runs again."""
    while True:
        await asyncio.sleep(SECONDS_BETWEEN)
        await ring()


async def ring() -> None:
    """Run every step once."""
    async with _RINGING:
        for step in _steps:
            try:
                await asyncio.to_thread(step)
            except (ApiError, RuntimeError, OSError, KeyError, ValueError):
                _LOG.exception("%s failed; it runs again in %s s", step, SECONDS_BETWEEN)


async def _move(_query: dict[str, str], body: bytes) -> pages.Document:
    wanted = pages.document_of(body, _EXAMPLE).get("forward_seconds")
    if isinstance(wanted, bool) or not isinstance(wanted, int | float) or wanted < 0:
        text = f"forward_seconds={wanted!r}: give seconds to move forward, such as {_EXAMPLE}"
        raise ApiError("ValidationException", text)
    clock.move(wanted)
    await ring()
    return _shown()


async def _show(_query: dict[str, str], _body: bytes) -> pages.Document:
    return _shown()


def _shown() -> pages.Document:
    return {"now": clock.now(), "utc": clock.today().isoformat(timespec="seconds")}


_RINGING = asyncio.Lock()
_steps: list[Step] = []
pages.add("POST", "clock", _move)
pages.add("GET", "clock", _show)
