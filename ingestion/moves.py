"""A move of a call -> the call after it, or the word for why there is nothing left to do.

The ledger decides: what an actor read may be old by the time it writes (reliability.md §2.4).
"""

from collections.abc import Mapping
from typing import Any

from contracts.errors import TryAgain
from contracts.ledger import Call, Move, Outcome, render, resolve
from ingestion.ports import Ledger


def make(
    ledger: Ledger,
    move: Move,
    call: Call,
    *,
    now: str,
    by: str,
    sets: Mapping[str, Any] | None = None,
    made: str | None = None,
) -> Call | Outcome:
    """Return the moved call, or the outcome of a refused move, which its actor acknowledges.

    `made` is the hash of the output this move announces. Raise TryAgain when the call is not yet
    where the move starts.
    """
    moved = ledger.move(render(move, call, now=now, by=by, sets=sets))
    if moved.is_made and moved.call is not None:
        return moved.call
    outcome = resolve(move, call, moved.call, made)
    if outcome == "early":
        raise TryAgain(f"tenant {call.tenant}, call {call.call_id}: too early to {move.value}")
    return outcome
