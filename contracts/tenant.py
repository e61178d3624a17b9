"""A text -> TenantId, or a refusal. The only place that makes one.

A tenant id is the first segment of every key it owns, so it must never be a word that is a first
segment of ours: a tenant called `tmp` would own every tenant's raw transcripts (security.md §1).
"""

import re
from typing import NewType

TenantId = NewType("TenantId", str)

_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")

RESERVED = frozenset({
    "tmp", "enriched", "final", "quarantine", "evaluations", "audio", "calls", "meta",
    "transcripts", "uploads", "platform", "tables", "build", "quality", "published", "seeds",
    "deployments", "assets", "artifacts", "system", "all", "none", "unknown", "default",
    "cci-lite", "cci-lite-shared", "cci-lite-dbt", "primary", "example",
})  # fmt: skip


def parse_tenant(text: str) -> TenantId:
    """Return `text` as a tenant id.

    Raise ValueError, saying what to change, when it does not match or is a reserved word.
    """
    if not _PATTERN.fullmatch(text):
        raise ValueError(
            f"{text!r} is no tenant id: use 1 to 63 of a-z, 0-9 and -, not - at either end"
        )
    if text in RESERVED:
        raise ValueError(f"{text!r} is reserved: it names a folder of ours; choose another id")
    return TenantId(text)
