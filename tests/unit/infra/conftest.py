"""The templates, synthesised once for the folder by the child process that deploying uses."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.package import build_artefacts, write_artefact_keys

ROOT = Path(__file__).parents[3]
Template = dict[str, Any]


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    folder = tmp_path_factory.mktemp("cdk")
    keys = folder / "artefacts.json"
    write_artefact_keys(build_artefacts(ROOT), keys)
    command = [sys.executable, "-m", "infra.app", "--artefacts", str(keys), "--into", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return {
        path.name.removesuffix(".template.json"): json.loads(path.read_text())
        for path in folder.glob("*.template.json")
    }
