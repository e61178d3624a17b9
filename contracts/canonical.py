"""A document -> its one byte form and its identity.

The identity is the sha256 of the canonical bytes without the time of writing and without itself,
so that the same statement written twice is one document.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical_bytes(document: Mapping[str, Any]) -> bytes:
    """Return the one byte form of a document; another JSON writer would change the hash."""
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def hash_document(document: Mapping[str, Any]) -> str:
    """Return the 64 hex that identify a document, whenever it was written."""
    lineage = {
        name: value
        for name, value in (document.get("lineage") or {}).items()
        if name not in ("processed_at", "document_hash")
    }
    return hashlib.sha256(canonical_bytes({**document, "lineage": lineage})).hexdigest()
