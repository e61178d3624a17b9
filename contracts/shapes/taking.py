"""How a shape takes an older document apart: what is taken leaves it, the rest stays behind."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from contracts.tenant import TenantId


@dataclass(frozen=True, slots=True)
class Place:
    """What the object says about its document: the tenant and date of its key, when written."""

    tenant: TenantId
    key_date: date | None = None
    written_at: datetime | None = None


def take(node: object, *path: str) -> Any:
    """Remove the value at `path` below `node` and return it; None where there is none."""
    *outer, last = path
    for name in outer:
        node = inside(node, name)
    return node.pop(last, None) if isinstance(node, dict) else None


def inside(node: object, name: str) -> Any:
    """Return the value called `name` without taking it; None where there is none."""
    return node.get(name) if isinstance(node, dict) else None


def members(node: object) -> list[Any]:
    """Return the members of a list; anything else has none."""
    return node if isinstance(node, list) else []
