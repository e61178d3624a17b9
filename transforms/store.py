"""One bucket through obstore: concurrent reads in order, writes that happen once.

obstore reads outside the GIL: 0.076 ms of CPU an object where boto3 takes 0.78 (lake.md §4). The
window is bounded, because `executor.map` would submit every key, and hold every body, at once.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import obstore
from obstore.exceptions import AlreadyExistsError

from contracts.document_bytes import MAX_BYTES
from transforms.ports import Fetched, Listed


class ObjectStore:
    """`ports.Objects` over any obstore store: S3, a directory, memory."""

    def __init__(self, store: Any, *, in_flight: int = 16) -> None:
        self._store = store
        self._in_flight = in_flight

    def read_many(self, keys: Iterable[str]) -> Iterator[Fetched | None]:
        """Yield the objects in the order of `keys`, None for one that is not there.

        One beyond 16 MiB comes without its body: the loader refuses it by its size.
        """
        window: deque[Future[Fetched | None]] = deque()
        with ThreadPoolExecutor(self._in_flight) as pool:
            for key in keys:
                window.append(pool.submit(self._read, key))
                if len(window) >= self._in_flight:
                    yield window.popleft().result()
            while window:
                yield window.popleft().result()

    def list(self, prefix: str) -> Iterator[Listed]:
        """Yield the objects below a prefix of whole segments, in key order."""
        found = [_listed(meta) for page in obstore.list(self._store, prefix) for meta in page]
        yield from sorted(found, key=lambda listed: listed.key)

    def put_once(self, key: str, body: bytes) -> bool:
        """Write unless the key exists; say whether this call wrote it.

        Also False when obstore's own retry after a lost answer met our object.
        """
        try:
            obstore.put(self._store, key, body, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return False
        return True

    def put(self, key: str, body: bytes) -> None:
        """Write, replacing what is there."""
        obstore.put(self._store, key, body, use_multipart=False)

    def has(self, key: str) -> bool:
        """Say whether the object is there."""
        try:
            obstore.head(self._store, key)
        except FileNotFoundError:
            return False
        return True

    def delete(self, keys: Sequence[str]) -> None:
        """Delete the objects; one that is not there is no error."""
        if keys:
            obstore.delete(self._store, list(keys))

    def _read(self, key: str) -> Fetched | None:
        try:
            answer = obstore.get(self._store, key)
        except FileNotFoundError:
            return None
        listed = _listed(answer.meta)
        body = None if listed.size > MAX_BYTES else bytes(answer.bytes())
        return Fetched(listed, body)


def _listed(meta: Any) -> Listed:
    etag = (meta["e_tag"] or "").strip('"')
    return Listed(meta["path"], etag, meta["size"], meta["last_modified"])
