"""One row of the table in `ministack.py`; areas with many rows keep them beside their code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Replacement:
    """One function of ministack that ours stands in for."""

    module: str
    name: str
    ours: Callable[[Function], Function]
    reason: str
    signature: str
    source_sha256: str
