"""S3's folder as kill -9 left it -> a folder in which every object is whole.

ministack writes an object's bytes, then its metadata beside them, each by a rename. A kill between
the two leaves new bytes under old metadata: a wrong length and a wrong ETag. Nobody was told that
such a write succeeded, so the former version is put back where the bucket keeps versions; elsewhere
its bytes are gone and the new ones, which are whole, stand with metadata of their own.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_SIDECAR = ".meta.json"
_VERSIONS = ".versions"


def mend(root: Path) -> list[str]:
    """Make every object below `root` whole before ministack reads them; return what was mended."""
    if not root.exists():
        return []
    for cut_short in list(root.rglob("*.tmp")):
        if cut_short.is_file():
            cut_short.unlink()
    return [_mended(root, data, sidecar) for data, sidecar in _torn(root)]


def _torn(root: Path) -> Iterator[tuple[Path, Path]]:
    """Find the objects whose bytes are younger than their metadata, or of another length."""
    for sidecar in list(root.rglob(f"*{_SIDECAR}")):
        data = sidecar.with_name(sidecar.name.removesuffix(_SIDECAR))
        if _VERSIONS in sidecar.relative_to(root).parts or not data.is_file():
            continue
        meta = _read(sidecar)
        if meta.get("is_delete_marker"):
            continue
        found, noted = data.stat(), sidecar.stat()
        if found.st_mtime_ns > noted.st_mtime_ns or found.st_size != meta.get("size"):
            yield data, sidecar


def _mended(root: Path, data: Path, sidecar: Path) -> str:
    meta = _read(sidecar)
    former = _former(root, data, meta)
    if former is not None:
        shutil.copyfile(former, data)
        sidecar.touch()
        return f"{data.relative_to(root)}: the former version, a write was cut short"
    body = data.read_bytes()
    meta.update(size=len(body), etag=f'"{hashlib.md5(body).hexdigest()}"', checksums={})  # noqa: S324 (S3's ETag)
    sidecar.write_text(json.dumps(meta))
    return f"{data.relative_to(root)}: the new bytes, their metadata was cut short"


def _former(root: Path, data: Path, meta: dict[str, Any]) -> Path | None:
    """Return the file of the version the metadata speaks of, if the bucket kept one."""
    version = meta.get("version_id")
    account, bucket, *key = data.relative_to(root).parts
    if not version:
        return None
    kept = root.joinpath(_VERSIONS, account, bucket, str(version), *key)
    return kept if kept.is_file() and kept.stat().st_size == meta.get("size") else None


def _read(sidecar: Path) -> dict[str, Any]:
    try:
        found = json.loads(sidecar.read_text())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
