"""The dbt-athena projects of tests/acceptance: run them on any Athena, and what one must leave."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ACCEPTANCE = Path(__file__).parents[1] / "acceptance"
PROJECT = ACCEPTANCE / "dbt_project"
PARTITIONS = ACCEPTANCE / "dbt_partitions"
DATABASE = "acceptance"
COMMANDS = ("seed", "run", "snapshot", "test", "docs generate", "build --full-refresh", "build")
CONTENTS: dict[str, list[list[str | None]]] = {
    "select call_id, agent, seconds, landed, call_month from calls_view order by tenant_id, 1": [
        ["c1", "ada", "60", "2026-01-30", "2026-01"],
        ["c2", None, "90", "2026-02-01", "2026-02"],
        ["c1", "bob", None, "2026-01-31", "2026-01"],
        ["c3", 'Eve, "E"', "15", "2026-02-01", "2026-02"],
    ],
    "select call_id, seconds, minutes, names, tenant_id from calls_hive order by 5, 1": [
        ["c1", "60", "1.00", "[ada, x]", "acme"],
        ["c2", "90", "1.50", "[null, x]", "acme"],
        ["c1", None, None, "[bob, x]", "acme-uk"],
        ["c3", "15", "0.25", '[Eve, "E", x]', "acme-uk"],
    ],
    "select call_month, tenant_id, call_id, seconds from calls_overwritten order by 1, 2, 3": [
        ["2026-01", "acme", "c1", "60"],
        ["2026-01", "acme-uk", "c1", "0"],
        ["2026-02", "acme", "c2", "1090"],
        ["2026-02", "acme-uk", "c3", "1015"],
    ],
    "select call_id, seconds from calls_appended order by 1": [
        ["c1", "60"],
        ["c1", "60"],
        ["c2", "90"],
        ["c2", "90"],
    ],
    "select tenant_id, call_id, seconds, landed, labels from calls_iceberg order by 1, 2": [
        ["acme", "c1", "60", "2026-01-30", "{agent=ada}"],
        ["acme", "c2", "90", "2026-02-01", "{agent=null}"],
        ["acme-uk", "c1", None, "2026-01-31", "{agent=bob}"],
        ["acme-uk", "c3", "15", "2026-02-01", '{agent=Eve, "E"}'],
    ],
    "select tenant_id, call_id, seconds from calls_merged order by 1, 2": [
        ["acme", "c1", "60"],
        ["acme", "c9", "9"],
        ["acme-uk", "c1", "5"],
        ["acme-uk", "c3", "15"],
    ],
    "select call_key, seconds, dbt_valid_to is null from calls_history order by 1, 2": [
        ["acme-uk/c1", "0", "false"],
        ["acme-uk/c1", "5", "true"],
        ["acme-uk/c3", "15", "true"],
        ["acme/c1", "60", "true"],
        ["acme/c2", "90", "true"],
        ["acme/c9", "9", "true"],
    ],
}


def project(folder: Path, source: Path = PROJECT) -> Path:
    """Return a copy of a project that dbt may write beside."""
    found = folder / "acceptance"
    shutil.copytree(source, found)
    return found


def play(command: str, folder: Path, environment: dict[str, str], bucket: str) -> None:
    """Run one dbt command; fail with its output if it fails. Tables go to `bucket`."""
    passed = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    telling = {"DO_NOT_TRACK": "1", "ACCEPTANCE_BUCKET": bucket}
    words = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *command.split()]
    done = subprocess.run(
        [*words, "--project-dir", str(folder), "--profiles-dir", str(folder)],
        env={**passed, **environment, **telling},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
