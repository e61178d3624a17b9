"""The project's own `dbt build` on a localaws that holds the lake of tests/support/small_lake."""

import os
import shutil
import subprocess
from pathlib import Path

from contracts.names import DBT_WORKGROUP
from tests.support.dbt_models import PROJECT
from tests.support.localaws_server import ROOT, LocalAws
from tests.support.small_lake import BUCKETS


def build_marts(aws: LocalAws, project: Path) -> None:
    """Copy the project to the new folder `project` and build all of it; fail with dbt's output."""
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    done = subprocess.run(
        [str(ROOT / ".venv" / "bin" / "dbt"), "--no-use-colors", "build", *folders],
        env={
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **aws.environment,
            "CCI_LAKE_BUCKET": BUCKETS.lake,
            "CCI_STAGING_BUCKET": BUCKETS.staging,
            "CCI_DBT_WORKGROUP": DBT_WORKGROUP,
        },
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
