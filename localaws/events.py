"""What a service of localaws announces -> an EventBridge event on the default bus.

`put_events` refuses a source that begins with `aws.`, as AWS does, so our services publish here.
The server connects the bus at start; until then `emit` raises, it never drops an event.
"""

from collections.abc import Callable, Sequence
from typing import Any

from localaws.caller import Caller

Publish = Callable[[str, str, dict[str, Any], Caller, Sequence[str]], None]


def emit(
    source: str,
    detail_type: str,
    detail: dict[str, Any],
    caller: Caller,
    resources: Sequence[str] = (),
) -> None:
    """Put one event on the default bus of the caller's account and region; safe in any thread.

    Return once every matching rule has been handed the event. Raise RuntimeError outside a server.
    """
    if not _connected:
        raise RuntimeError("no event bus: emit works inside a running localaws only")
    _connected[-1](source, detail_type, detail, caller, resources)


def connect(publish: Publish) -> None:
    """Make `publish` the bus that `emit` reaches; tests connect a list's append-like function."""
    _connected[:] = [publish]


_connected: list[Publish] = []
