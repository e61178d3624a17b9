"""The power of a process in memory: it can be cut after any effect."""

from dataclasses import dataclass


class PowerCut(BaseException):
    """The process died; not an Exception, so nothing can go on."""


@dataclass
class Power:
    """How many effects are still allowed; None is the mains."""

    effects: int | None = None
    spent: int = 0

    def spend(self) -> None:
        """Count an effect that has just happened, and perhaps die after it."""
        self.spent += 1
        if self.effects is not None and self.spent >= self.effects:
            raise PowerCut
