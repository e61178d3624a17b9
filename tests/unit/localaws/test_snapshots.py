"""What cannot be saved is a warning, and the next snapshot is tried all the same."""

import asyncio

from localaws import state
from localaws.snapshots import Snapshots


def test_a_store_that_cannot_be_saved_is_a_warning_until_it_can(tmp_path):
    snapshots = Snapshots(tmp_path / "snapshots", tmp_path / "ministack", enabled=True)
    store = state.register("test_unsaved")
    store["when"] = object()
    asyncio.run(snapshots.attempt())
    (warning,) = snapshots.warnings
    assert warning.startswith("no snapshot was taken: store test_unsaved cannot be saved: ")
    store.clear()
    asyncio.run(snapshots.attempt())
    assert snapshots.warnings == []
    assert len(state.newest_first(tmp_path / "snapshots")) == 1
