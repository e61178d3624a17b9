"""kill -9 under load: what was acknowledged stands, S3 without exception; `make faults` does 50."""

import json

import pytest

from tests.faults.kill_nine import lives
from tests.pipeline.localaws.test_pages import ask
from tests.support.localaws_server import start_localaws, wait_until

pytestmark = pytest.mark.pipeline


def test_three_kills_under_load_lose_no_object_and_nothing_older_than_five_seconds(tmp_path):
    found = list(lives(tmp_path / "state", kills=3, seed=20))
    assert [life.missing for life in found] == [(), (), ()]
    assert [life.unsettled for life in found] == [(), (), ()]
    assert [life.orphans for life in found] == [(), (), ()]
    assert sum(life.acknowledged for life in found) > 60


def test_a_damaged_newest_snapshot_is_passed_over_and_health_says_so(tmp_path):
    state = tmp_path / "state"
    server = start_localaws(state)
    server.client("sqs").create_queue(QueueName="before")
    wait_until(lambda: list((state / "snapshots").glob("snapshot-*")))
    server.client("sqs").create_queue(QueueName="after")
    server.stop()
    newest = max((state / "snapshots").glob("snapshot-*"))
    (newest / "sqs.json").write_text("{")
    again = start_localaws(state)
    try:
        warnings = ask(again, "_localaws/health")[1]["warnings"]
        queues = again.client("sqs").list_queues()["QueueUrls"]
    finally:
        again.stop()
    assert [url.rpartition("/")[2] for url in queues] == ["before"]
    assert f"{newest.name} is damaged" in warnings[0]
    assert "the one before it was taken" in (state / "server.log").read_text()


def test_a_state_of_another_version_is_refused_with_advice(tmp_path):
    state = tmp_path / "state"
    server = start_localaws(state)
    server.client("sqs").create_queue(QueueName="kept")
    server.stop()
    newest = max((state / "snapshots").glob("snapshot-*"))
    (newest / "format.json").write_text(json.dumps({"localaws": 1, "ministack": "1.5.33"}))
    with pytest.raises(RuntimeError, match="start with that version, or with another"):
        start_localaws(state)


def test_a_second_localaws_on_the_same_folder_is_refused_with_the_pid_of_the_first(tmp_path):
    state = tmp_path / "state"
    server = start_localaws(state)
    try:
        with pytest.raises(RuntimeError, match=rf"pid {server.process.pid}\) already runs on"):
            start_localaws(state)
    finally:
        server.stop()
