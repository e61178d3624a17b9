"""How many Lambda processes one queue may start on this machine."""

import os
from collections.abc import Callable
from typing import Any


def within_the_machine(original: Callable[..., int]) -> Callable[..., int]:
    """Return ministack's concurrency of a queue, cut to twice the processors here.

    Each batch in flight has an interpreter of its own; starting 50 of them takes minutes. A number
    that came through a CloudFormation parameter is text in ministack.
    """
    ceiling = max(2, 2 * (os.cpu_count() or 1))

    def sqs_esm_concurrency(*arguments: Any) -> int:
        return min(int(original(*arguments)), ceiling)

    return sqs_esm_concurrency
