"""Two ways to say no: this input will never work, or not just now.

`Rejected` is an answer (a value that `load` returns, an exception deeper down): the input is
quarantined under its reason word and acknowledged. `TryAgain` goes back to the queue. Anything
else is a bug and crashes.
"""


class Rejected(Exception):
    """This input will never work: `reason` is a word of the runbook, `detail` a sentence."""

    def __init__(self, reason: str, detail: str, path: str | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.path = path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rejected) and (self.reason, self.path) == (
            other.reason,
            other.path,
        )

    def __hash__(self) -> int:
        return hash((self.reason, self.path))


class TryAgain(Exception):
    """The input may work later: the queue delivers it again, at last to the dead letters."""
