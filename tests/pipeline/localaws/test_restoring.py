"""A service whose saved state does not fit is named in health, and that state is kept."""

import pytest

from tests.pipeline.localaws.test_pages import ask
from tests.support.localaws_server import start_localaws
from tests.support.unreadable_state import saved, unreadable

pytestmark = pytest.mark.pipeline


def warnings(aws):
    return ask(aws, "_localaws/health")[1]["warnings"]


@pytest.fixture
def start(tmp_path):
    """Start a localaws on the test's state folder; all are ended with the test."""
    started = []

    def started_now():
        started.append(start_localaws(tmp_path))
        return started[-1]

    yield started_now
    for server in started:
        server.stop()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (saved([5]), "AttributeError: 'list' object has no attribute 'get'"),
        (saved({"queues": {}}, version=99), "ministack refuses its file, and logged why"),
        ("{", "ministack refuses its file, and logged why"),
        (saved({"__scoped__": True}), "KeyError: 'data'"),
    ],
    ids=["another shape", "a newer format", "no JSON", "no data"],
)
def test_a_state_that_is_not_restored_is_named_in_health_and_kept(tmp_path, start, text, why):
    unreadable(tmp_path, "sqs", text)
    server = start()
    (warning,) = warnings(server)
    (kept,) = (tmp_path / "unrestored").glob("sqs-*.json")
    assert kept.read_text() == text
    assert "the state of sqs was not restored, or only in part" in warning
    assert f"{why}): it is kept in {kept}; make anew what is missing" in warning
    assert warning in server.log.read_text()


def test_later_snapshots_leave_the_kept_state_alone_and_health_names_it_until_it_is_deleted(
    tmp_path, start
):
    text = saved([5])
    unreadable(tmp_path, "sqs", text)
    for number in range(4):
        server = start()
        server.client("sqs").create_queue(QueueName=f"queue-{number}")
        told = warnings(server)
        server.stop()
        assert len(told) == 1
    assert len(list((tmp_path / "snapshots").iterdir())) == 3
    (kept,) = (tmp_path / "unrestored").glob("sqs-*.json")
    assert kept.read_text() == text
    for path in (tmp_path / "unrestored").iterdir():
        path.unlink()
    again = start()
    assert warnings(again) == []
    assert len(again.client("sqs").list_queues()["QueueUrls"]) == 4


def test_a_reset_forgets_what_was_kept_too(tmp_path, start):
    unreadable(tmp_path, "sqs", saved([5]))
    server = start()
    assert len(warnings(server)) == 1
    assert ask(server, "_localaws/reset", method="POST")[0] == 200
    assert warnings(server) == []
    assert not (tmp_path / "unrestored").exists()
