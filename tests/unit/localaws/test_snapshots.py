"""What cannot be saved is a warning, and the next snapshot is tried all the same."""

import asyncio

from ministack.services import sqs

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


def test_a_service_that_cannot_be_saved_stays_in_every_snapshot_as_it_was_saved_last(tmp_path):
    snapshots = Snapshots(tmp_path / "snapshots", tmp_path / "ministack", enabled=True)
    changing = state.register("test_changing")
    sqs._queues["kept"] = {"name": "kept"}
    try:
        asyncio.run(snapshots.attempt())
        sqs._queues["lost"] = {"name": object}
        for number in range(4):
            changing["number"] = number
            asyncio.run(snapshots.attempt())
            newest = state.newest_first(tmp_path / "snapshots")[0]
            assert f'"number": {number}' in (newest / "localaws-test_changing.json").read_text()
            assert '"name": "kept"' in (newest / "sqs.json").read_text()
        (warning,) = snapshots.warnings
        assert warning.startswith("the state of sqs stays as it was saved last, it cannot be saved")
    finally:
        sqs._queues.clear()
        changing.clear()
