"""Texts that name people -> hashes under the tenant's key.

A plain hash of a telephone number is reversed in seconds; the key lies in Secrets Manager, one per
tenant, so equal callers of two tenants do not look equal (security.md 7.3).
"""

import hmac
import re
from collections.abc import Callable
from typing import Final

from contracts.tenant import TenantId
from ingestion.ports import HashKeys

_WITHHELD: Final = frozenset({"", "anonymous", "unknown", "private", "withheld", "0"})
_GROUPING: Final = re.compile(r"[\s().\-/]")


def entity_hasher(keys: HashKeys, tenant: TenantId) -> Callable[[str], str] | None:
    """Return the function that hashes entity texts, or None where the tenant has no key."""
    key = keys.key(tenant)
    return None if key is None else lambda text: _keyed(key, "entity", text)


def hash_caller(key: bytes, caller: str) -> str | None:
    """Return the hash of a caller's number or address; None for a withheld one.

    Withheld callers must not share a hash: they would become one very frequent caller.
    """
    said = caller.strip().casefold()
    for scheme in ("sip:", "tel:"):
        said = said.removeprefix(scheme)
    if "@" not in said:
        said = _GROUPING.sub("", said)
        said = f"+{said[2:]}" if said.startswith("00") else said
    return None if said in _WITHHELD else _keyed(key, "caller", said)


def _keyed(key: bytes, kind: str, text: str) -> str:
    return hmac.digest(key, f"{kind}\0{text}".encode(), "sha256").hex()[:32]
