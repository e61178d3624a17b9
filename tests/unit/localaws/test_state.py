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
    assert (state.newest_first(tmp_path)[0] / "a.json").read_text() == "4"


def test_a_snapshot_cut_short_is_not_one(tmp_path):
    state.write(tmp_path, {"a.json": "1"})
    (tmp_path / "partial-000000002").mkdir()
    assert [path.name for path in state.newest_first(tmp_path)] == ["snapshot-000000001"]


def test_a_value_that_cannot_be_saved_names_its_store():
    store = state.register("test_broken", dict)
    store["when"] = object()
    with pytest.raises(TypeError, match="test_broken"):
        state.serialise()
    store.clear()


def test_an_unchanged_file_is_not_written_again_and_a_changed_one_leaves_the_former_alone(tmp_path):
    first = state.write(tmp_path, {"same.json": "1", "other.json": "1"})
    second = state.write(tmp_path, {"same.json": "1", "other.json": "2"})
    assert (first / "same.json").samefile(second / "same.json")
    assert (first / "other.json").read_text() == "1"
    assert (second / "other.json").read_text() == "2"
    assert state.damage(second) is None


@pytest.mark.parametrize("fault", ["cut", "gone", "no digests", "digests cut"])
def test_a_damaged_snapshot_is_told_from_a_whole_one(tmp_path, fault):
    snapshot = state.write(tmp_path, {"a.json": '{"x": 1}'})
    whole = state.damage(snapshot)
    {
        "cut": lambda: (snapshot / "a.json").write_text('{"x"'),
        "gone": (snapshot / "a.json").unlink,
        "no digests": (snapshot / "digests.json").unlink,
        "digests cut": lambda: (snapshot / "digests.json").write_text("[]"),
    }[fault]()
    assert (whole, bool(state.damage(snapshot))) == (None, True)


def test_a_damaged_file_is_not_carried_into_the_next_snapshot(tmp_path):
    first = state.write(tmp_path, {"a.json": "1"})
    (first / "a.json").write_text("9")
    second = state.write(tmp_path, {"a.json": "1", "b.json": "2"})
    assert (second / "a.json").read_text() == "1"


def test_the_very_same_state_is_not_written_twice(tmp_path):
    first = state.write(tmp_path, {"a.json": "1"})
    assert state.write(tmp_path, {"a.json": "1"}) == first
    assert len(state.newest_first(tmp_path)) == 1
