"""Snapshots: whole or absent, the last three kept, stores filled whenever they register."""

import json

import pytest

from localaws import state


def test_a_store_finds_what_the_last_snapshot_held_even_when_it_registers_later(tmp_path):
    store = state.register("test_early", dict)
    store["query"] = {"state": "SUCCEEDED"}
    snapshot = state.write(tmp_path, state.serialise())
    (snapshot / "localaws-test_late.json").write_text(json.dumps({"x": 1}))
    store.clear()
    state.restore(snapshot)
    assert store == {"query": {"state": "SUCCEEDED"}}
    assert state.serialise()["localaws-test_late.json"] == '{"x": 1}'
    assert state.register("test_late", dict) == {"x": 1}
    assert state.register("test_early", dict) is store


def test_the_last_three_snapshots_are_kept(tmp_path):
    for number in range(5):
        state.write(tmp_path, {"a.json": str(number)})
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == [f"snapshot-{number:09d}" for number in (3, 4, 5)]
    newest = state.latest(tmp_path)
    assert newest is not None
    assert (newest / "a.json").read_text() == "4"


def test_a_snapshot_cut_short_is_not_one(tmp_path):
    state.write(tmp_path, {"a.json": "1"})
    (tmp_path / "partial-000000002").mkdir()
    newest = state.latest(tmp_path)
    assert newest is not None
    assert newest.name == "snapshot-000000001"


def test_a_value_that_cannot_be_saved_names_its_store():
    store = state.register("test_broken", dict)
    store["when"] = object()
    with pytest.raises(TypeError, match="test_broken"):
        state.serialise()
    store.clear()
