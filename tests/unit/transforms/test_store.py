import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import LocalStore, MemoryStore

from contracts.document_bytes import MAX_BYTES
from transforms.store import ObjectStore


@pytest.fixture(params=["memory", "directory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return MemoryStore() if request.param == "memory" else LocalStore(tmp_path)


def test_objects_come_in_the_order_of_their_keys_and_none_for_a_missing_one(store: Any) -> None:
    objects = ObjectStore(store, in_flight=3)
    keys = [f"acme/final/{number}.json" for number in range(20)]
    for key in keys:
        objects.put(key, key.encode())
    found = list(objects.read_many([*keys, "acme/final/none.json"]))
    assert [one and one.body for one in found] == [*(key.encode() for key in keys), None]
    assert [one.listed.key for one in found if one] == keys


def test_a_key_is_written_once(store: Any) -> None:
    objects = ObjectStore(store)
    assert objects.put_once("tables/a", b"first") is True
    assert objects.put_once("tables/a", b"later") is False
    assert bytes(obstore.get(store, "tables/a").bytes()) == b"first"


def test_reading_ahead_is_bounded() -> None:
    store = MemoryStore()
    asked: list[str] = []

    def keys() -> Iterator[str]:
        for number in range(100):
            asked.append(f"k{number}")
            yield asked[-1]

    reading = ObjectStore(store, in_flight=4).read_many(keys())
    next(reading)
    assert len(asked) <= 5
    reading.close()  # type: ignore[attr-defined]
    assert threading.active_count() < 20


def test_an_object_too_large_to_read_comes_without_its_body() -> None:
    objects = ObjectStore(MemoryStore())
    objects.put("acme/final/big.json", b" " * (MAX_BYTES + 1))
    found = next(objects.read_many(["acme/final/big.json"]))
    assert found is not None
    assert (found.body, found.listed.size) == (None, MAX_BYTES + 1)


def test_a_listing_stays_below_its_prefix() -> None:
    objects = ObjectStore(MemoryStore())
    for key in ("acme/2025/a.json", "acme-uk/2025/a.json", "acme/2025/b c+ü.json"):
        objects.put(key, b"x")
    assert [one.key for one in objects.list("acme/")] == [
        "acme/2025/a.json",
        "acme/2025/b c+ü.json",
    ]
    objects.delete(["acme/2025/a.json", "acme/2025/none.json"])
    assert not objects.has("acme/2025/a.json")
    assert objects.has("acme/2025/b c+ü.json")
