"""Calls a run shows -> their moves to PUBLISHED, and the refusal to show an erased one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from contracts.ledger import Move, State, render
from contracts.tenant import TenantId
from serving.ports import Ledger, PublishError

_BY: Final = "publish"


def refuse_erased(ledger: Ledger, tenant: TenantId, visible: Mapping[str, str]) -> None:
    """Raise PublishError when a call the run shows was erased after the marts were built."""
    erased = {call.call_id for call in ledger.calls(tenant, State.ERASED)}
    shown = sorted(erased & set(visible))
    if shown:
        raise PublishError(
            f"{tenant}: erased_since_build: call {shown[0]} and {len(shown) - 1} more were erased "
            "after the marts were built; run the night again"
        )


def settle(
    ledger: Ledger, tenant: TenantId, run_id: str, visible: Mapping[str, str], *, now: datetime
) -> int:
    """Move to PUBLISHED the flattened calls whose very document the run shows; return how many.

    `visible` is the document key of each call shown. Derived from what readers see, so repeating it
    converges.
    """
    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    updates = []
    for call in ledger.calls(tenant, State.FLATTENED):
        document = call.text("document_hash") or ""
        if visible.get(call.call_id) == document[:16]:
            sets = {"published_run_id": run_id, "published_document_hash": document}
            updates.append(render(Move.PUBLISH, call, now=stamp, by=_BY, sets=sets))
    return ledger.move(updates)
