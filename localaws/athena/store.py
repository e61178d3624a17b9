"""What Athena remembers per account and region, as JSON: executions, groups, texts, tags."""

import threading
from collections.abc import Callable
from typing import Any

from localaws.caller import Caller

Clock = Callable[[], float]


class Store:
    """Sections of a dictionary the server snapshots; `lock` guards changes that must be one."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.lock = threading.RLock()

    def section(self, caller: Caller, name: str) -> dict[str, Any]:
        """Return one section of the caller's account and region."""
        key = f"{caller.account}/{caller.region}/{name}"
        found: dict[str, Any] = self.data.setdefault(key, {})
        return found

    def tags(self, resource: str) -> dict[str, str]:
        """Return the tags of a resource by ARN."""
        found: dict[str, str] = self.data.setdefault("tags", {}).setdefault(resource, {})
        return found
