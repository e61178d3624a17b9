"""A file name and an identity -> call_id: readable, unique, fit for a Transcribe job name.

`call_id` = slug + 10 hex of sha256(tenant, identity). It reaches logs, so the slug drops what may
name a person: digit runs of 7 and more that are no timestamp, anything with an `@`, bracketed text
(architecture.md §3). An empty slug becomes `call` with 20 hex.
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from contracts.tenant import TenantId

SLUG_LENGTH = 80
CALL_ID = re.compile(r"[0-9a-zA-Z._-]{1,120}-(?:[0-9a-f]{10}|[0-9a-f]{20})")

_BRACKETED = re.compile(r"\[[^\]]*\]|\{[^}]*\}")
_ADDRESS = re.compile(r"\S*@\S*")
_DIGITS = re.compile(r"\d{7,}")
_TIMESTAMP = re.compile(
    r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:(?:[01]\d|2[0-3])[0-5]\d[0-5]\d)?"
)
_NOT_SLUG = re.compile(r"[^0-9a-zA-Z]+")


def build_call_id(
    tenant: TenantId, provider: str, identity: str, file_name: str, names: Iterable[str] = ()
) -> str:
    """Return the call id of `identity`, deterministic over (tenant, provider, identity).

    `identity` is the provider's id for the call, or the source key; `file_name` is only read for
    the slug; `names` are texts of the metadata that must not show in it.
    """
    digest = hashlib.sha256("\0".join((tenant, provider, identity)).encode()).hexdigest()
    slug = _slug(file_name, names)
    return f"{slug}-{digest[:10]}" if slug else f"call-{digest[:20]}"


def _slug(file_name: str, names: Iterable[str]) -> str:
    stem = _ADDRESS.sub(" ", _BRACKETED.sub(" ", PurePosixPath(file_name).stem))
    for name in names:
        stem = re.sub(re.escape(name), " ", stem, flags=re.IGNORECASE) if name else stem
    kept = _DIGITS.sub(_timestamp_or_nothing, stem)
    return _NOT_SLUG.sub("-", kept).strip("-")[:SLUG_LENGTH].strip("-")


def _timestamp_or_nothing(found: re.Match[str]) -> str:
    return found[0] if _TIMESTAMP.fullmatch(found[0]) else " "
