"""The house rules hold in this repository, and each refuses a violation planted on purpose."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house import rules

ROOT = Path(__file__).parents[2]
Rule = Callable[[Path], list[str]]

PLANTED: list[tuple[Rule, str, str, str]] = [
    (rules.misplaced_boto3, "ingestion/analyser.py", "import boto3\n", "analyser.py:1"),
    (rules.misplaced_boto3, "cci/nightly.py", "\n    from botocore import x\n", "nightly.py:2"),
    (rules.misplaced_environment, "cci/show.py", "x = os.environ['A']\n", "show.py:1"),
    (rules.misplaced_environment, "localaws/server.py", "y = os.getenv('A')\n", "server.py:1"),
    (rules.local_branches, "serving/publish.py", "if is_local:\n    pass\n", "publish.py:1"),
    (rules.foreign_imports_of_contracts, "contracts/keys.py", "import pandas\n", "pandas"),
    (
        rules.swallowed_exceptions,
        "transforms/lake.py",
        "try:\n    x()\nexcept Exception:\n    pass\n",
        "lake.py:3",
    ),
    (rules.secrets_and_places, "docs/a.md", "account 4711" + "08154711\n", "a.md:1"),
    (rules.secrets_and_places, "docs/a.md", "AKIA" + "ABCDEFGHIJKLMNOP\n", "key id"),
    (rules.secrets_and_places, "docs/a.md", "see /" + "root/x\n", "machine"),
    (rules.addresses_in_locks, "requirements.lock", "a @ https:" + "//x/y\n", "lock:1"),
    (rules.unexpected_top_level, "notes.txt", "x\n", "notes.txt"),
    (rules.too_long, "serving/views.py", "x = 1\n" * 301, "301 lines"),
    (rules.too_long, "serving/views.py", "def f():\n" + "    x = 1\n" * 50, "f has 51"),
    (rules.too_long, "dbt_project/models/a.sql", "select 1\n" * 151, "a.sql"),
]


@pytest.mark.parametrize("rule", sorted({rule for rule, *_ in PLANTED}, key=lambda r: r.__name__))
def test_the_repository_keeps_the_rule(rule: Rule) -> None:
    assert rule(ROOT) == []


@pytest.mark.parametrize(("rule", "path", "text", "named"), PLANTED)
def test_a_planted_violation_is_refused_by_file_and_line(
    tmp_path: Path, rule: Rule, path: str, text: str, named: str
) -> None:
    planted = tmp_path / path
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(text, encoding="utf-8")
    assert any(named in problem for problem in rule(tmp_path))


def test_every_dependency_is_locked() -> None:
    assert rules.unlocked_dependencies(ROOT) == []


def test_an_unlocked_dependency_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\n[dependency-groups]\ndev = ["left_pad>=1"]\n', encoding="utf-8"
    )
    (tmp_path / "requirements.lock").write_text("right-pad==1\n", encoding="utf-8")
    assert any("left-pad" in problem for problem in rules.unlocked_dependencies(tmp_path))


@pytest.mark.parametrize("module", ["job_init", "analyser", "result_handler"])
def test_a_handler_loads_no_heavy_module(module: str) -> None:
    heavy = ("pandas", "pyarrow", "numpy", "great_expectations", "awswrangler", "duckdb", "dbt")
    code = (
        f"import sys, ingestion.{module}; "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert shown.stdout.strip() == "[]", shown.stderr
