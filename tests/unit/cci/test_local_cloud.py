"""Only processes we started are ended, and a start that fails says why."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cci import local_cloud
from cci.local_cloud import NotStarted


def sleeper(state: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    return local_cloud.spawn(command, {}, state / "sleeper.log")


def test_a_started_process_is_found_and_ended(tmp_path: Path) -> None:
    process = sleeper(tmp_path)
    local_cloud.note(tmp_path, "sleeper", process.pid, "nowhere")
    assert local_cloud.find(tmp_path, "sleeper") is not None
    ended = local_cloud.end(tmp_path, "sleeper")
    assert ended is not None
    assert not ended.is_alive
    assert local_cloud.find(tmp_path, "sleeper") is None


def test_a_pid_that_now_belongs_to_another_process_is_left_alone(tmp_path: Path) -> None:
    stale = {"name": "localaws", "pid": os.getpid(), "mark": "1", "address": "nowhere"}
    (tmp_path / "localaws.pid.json").write_text(json.dumps(stale), encoding="utf-8")
    assert local_cloud.find(tmp_path, "localaws") is None
    assert local_cloud.end(tmp_path, "localaws") is None


def test_a_process_that_dies_before_it_answers_is_reported_with_its_last_words(
    tmp_path: Path,
) -> None:
    log = tmp_path / "x.log"
    process = local_cloud.spawn([sys.executable, "-c", "print('no such thing')"], {}, log)
    process.wait()
    with pytest.raises(NotStarted, match="no such thing"):
        local_cloud.wait_for("http://127.0.0.1:9", process, log)


def test_an_interrupt_while_localaws_starts_leaves_nothing_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []

    def interrupted(process: subprocess.Popen[bytes], _: Path, __: int) -> str:
        started.append(process.pid)
        raise KeyboardInterrupt

    monkeypatch.setattr(local_cloud, "_address", interrupted)
    with pytest.raises(KeyboardInterrupt):
        local_cloud.start_localaws(tmp_path / "state", 0)
    assert local_cloud.find(tmp_path / "state", "localaws") is None
    assert not Path(f"/proc/{started[0]}").exists()
