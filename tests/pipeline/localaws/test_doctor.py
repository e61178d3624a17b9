"""`python -m localaws doctor | status | stop` and `cci doctor`: each line says what to do."""

import os
import subprocess
import sys

import pytest

from tests.support.localaws_scenes import bucket, job, zipped
from tests.support.localaws_server import ROOT, wait_until

pytestmark = pytest.mark.pipeline


def run(*words, **variables):
    """Run a command in this repository and return it ended, with its words as text."""
    passed = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env={**passed, **variables},
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_sound_machine_has_nothing_to_mend(tmp_path):
    ended = run("localaws", "doctor", LOCALAWS_STATE=str(tmp_path / "s"), LOCALAWS_PORT="0")
    assert (ended.returncode, ended.stderr) == (0, "")
    words = [line.split()[0] for line in ended.stdout.splitlines()]
    assert set(words) <= {"ok", "note"}
    assert "functions of ministack 1.5.33 are replaced" in ended.stdout
    assert "packages, as locked" in ended.stdout


def test_a_taken_port_is_to_be_mended_and_its_owner_named(aws, tmp_path):
    port = aws.endpoint.rpartition(":")[2]
    ended = run("localaws", "doctor", LOCALAWS_STATE=str(tmp_path / "s"), LOCALAWS_PORT=port)
    assert ended.returncode == 1
    assert f"fix   port {port} is taken by pid {aws.process.pid} (" in ended.stdout


def test_its_own_port_is_in_order(aws):
    port = aws.endpoint.rpartition(":")[2]
    ended = run("localaws", "doctor", LOCALAWS_STATE=str(aws.state), LOCALAWS_PORT=port)
    assert f"ok    localaws itself listens on port {port}" in ended.stdout


def test_a_state_folder_that_cannot_be_written_is_to_be_mended(tmp_path):
    (tmp_path / "file").touch()
    folder = str(tmp_path / "file" / "state")
    ended = run("localaws", "doctor", LOCALAWS_STATE=folder, LOCALAWS_PORT="0")
    assert ended.returncode == 1
    assert "set LOCALAWS_STATE to a folder of yours" in ended.stdout


def test_a_setting_with_an_unknown_word_is_a_line_too():
    ended = run("localaws", "doctor", LOCALAWS_ENGINE="spark")
    assert ended.returncode == 1
    assert "fix   localaws cannot start with LOCALAWS_ENGINE=spark" in ended.stdout


def test_cci_doctor_asks_localaws_and_takes_its_exit_code(aws, tmp_path):
    port = aws.endpoint.rpartition(":")[2]
    variables = {"LOCALAWS_STATE": str(tmp_path / "s"), "LOCALAWS_PORT": port}
    ended = run("cci.main", "doctor", **variables)
    assert ended.returncode == 1
    assert f"port {port} is taken by pid" in ended.stdout


def test_status_says_where_it_listens_and_stop_ends_it_with_all_it_started(aws_factory, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    server = aws_factory(TMPDIR=str(scratch))
    bucket(server, "artefacts")
    job(server, "sleeper", "import time\ntime.sleep(60)")
    server.client("glue").start_job_run(JobName="sleeper")
    server.client("lambda").create_function(
        FunctionName="warm",
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/r",
        Handler="m.handler",
        Code={"ZipFile": zipped({"m.py": "def handler(e, c): return 1"})},
    )
    server.client("lambda").invoke(FunctionName="warm")
    wait_until(lambda: len(list(scratch.iterdir())) >= 2)
    state = {"LOCALAWS_STATE": str(server.state)}
    told = run("localaws", "status", **state)
    assert told.stdout.startswith(f"{server.endpoint} (pid {server.process.pid}, ")
    assert run("localaws", "stop", **state).returncode == 0
    assert server.process.wait(timeout=5) == 0
    assert list(scratch.iterdir()) == []
    assert run("localaws", "status", **state).returncode == 1


def test_help_names_the_words_and_the_variables():
    ended = run("localaws", "--help")
    assert ended.returncode == 0
    assert all(word in ended.stdout for word in ("doctor", "status", "stop", "LOCALAWS_PORT"))
