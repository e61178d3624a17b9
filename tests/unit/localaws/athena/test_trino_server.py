"""What the second engine is started with, what it is made of, and that it never outlives us."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from localaws import settings
from localaws.athena import trino_files
from localaws.athena.trino_files import Missing
from localaws.athena.trino_server import TrinoServer, configuration


def test_trino_listens_on_this_machine_only_and_reads_our_glue_and_s3() -> None:
    found = configuration(18999, "http://127.0.0.1:4999", "eu-central-1")
    assert found["config.properties"]["node.bind-ip"] == "127.0.0.1"
    assert found["config.properties"]["node.internal-address"] == "127.0.0.1"
    hive = found["catalog/awsdatacatalog.properties"]
    assert hive["hive.recursive-directories"] == "true"
    for name in ("awsdatacatalog", "iceberg"):
        catalog = found[f"catalog/{name}.properties"]
        assert catalog["s3.endpoint"] == "http://127.0.0.1:4999"
        assert catalog["hive.metastore.glue.endpoint-url"] == "http://127.0.0.1:4999"


def test_a_server_that_ended_says_where_its_log_is_and_what_to_do(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    server = TrinoServer(18999, process, tmp_path / "server.log")
    assert server.fault() == ""
    server.stop()
    assert server.fault().startswith("Trino has ended (log: ")
    assert server.fault().endswith("server.log): stop localaws and start it again")


def test_an_archive_with_another_sum_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "x.zip"
    archive.write_bytes(b"other")
    with pytest.raises(Missing, match=r"x\.zip has the sum d9298a10"):
        trino_files.verified(archive, "0" * 64)


@pytest.mark.parametrize(
    ("release", "fits"),
    [('JAVA_VERSION="25.0.2"\n', True), ('JAVA_VERSION="17.0.15"\n', False), ("", False)],
)
def test_only_a_java_new_enough_is_taken(tmp_path: Path, release: str, fits: bool) -> None:
    (tmp_path / "release").write_text(release)
    found = trino_files.java_of(tmp_path)
    assert found == (tmp_path / "bin" / "java" if fits else None)
    assert trino_files.java_of(tmp_path / "nowhere") is None


def test_without_maven_the_start_says_what_to_install_and_ends_with_3(tmp_path: Path) -> None:
    (tmp_path / "java" / "bin").mkdir(parents=True)
    (tmp_path / "java" / "release").write_text('JAVA_VERSION="25"\n')
    variables = {
        "PATH": str(tmp_path),
        "HOME": str(tmp_path),
        "JAVA_HOME": str(tmp_path / "java"),
        "LOCALAWS_ENGINE": "trino",
        "LOCALAWS_PORT": "0",
        "LOCALAWS_STATE": str(tmp_path / "state"),
        "LOCALAWS_TRINO": str(tmp_path / "files"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "localaws"],
        env=variables,
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "the engine trino needs Maven (Debian: apt-get install maven)" in done.stderr


def test_trino_is_refused_where_authorization_is_on() -> None:
    with pytest.raises(ValueError, match="Trino reads with its own rights"):
        settings.load({"LOCALAWS_ENGINE": "trino", "LOCALAWS_AUTH": "1"})


def test_what_is_guarded_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    child = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    guard = [sys.executable, "-m", "localaws.athena.trino_guard", str(tmp_path)]
    guard += [sys.executable, "-c", child]
    parent = (
        "import subprocess, sys, time; "
        f"subprocess.Popen({guard!r}, stdin=subprocess.PIPE); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], cwd=Path(__file__).parents[4])
    _wait(lambda: note.exists() and note.read_text() != "")
    process.kill()
    process.wait()
    pid = int(note.read_text())
    _wait(lambda: not _runs(pid))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _wait(check: object) -> None:
    assert callable(check)
    end = time.monotonic() + 60
    while not check():
        assert time.monotonic() < end, f"still not so, in process {os.getpid()}"
        time.sleep(0.05)
