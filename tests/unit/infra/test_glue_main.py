"""The launcher passes a job's own arguments on and keeps Glue's to itself."""

import sys
from types import ModuleType

import pytest

from infra import glue_main


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    received: list[list[str]] = []
    module = ModuleType("some_job")
    module.main = lambda argv: received.append(argv) or 0  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "some_job", module)
    return received


def test_glue_arguments_are_dropped_and_the_run_id_is_passed_on(entry: list[list[str]]) -> None:
    glue = ["--JOB_NAME", "cci-lite-flatten", "--JOB_RUN_ID", "jr_1", "--WORKFLOW_RUN_ID", "wr_1"]
    own = ["--entry", "some_job", "--lake-bucket", "lake", "--dry-run"]
    assert glue_main.main([*glue, *own]) == 0
    assert entry == [["--job-run-id", "jr_1", "--lake-bucket", "lake", "--dry-run"]]


def test_the_exit_code_of_the_entry_is_the_job_s(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("failing_job")
    module.main = lambda _: 1  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "failing_job", module)
    assert glue_main.main(["--entry", "failing_job"]) == 1
