"""What a command cannot do ends in one sentence and the right exit code, never a stack trace."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cci import main
from cci.athena import QueryFailed
from cci.main import cli
from cci.nightly import JOBS, Job, Night
from serving.ports import PublishError


@pytest.mark.parametrize(
    "document",
    [
        [1],
        "acme",
        {"tenant_id": "acme", "settings": []},
        {"tenant_id": "acme", "forms": [1]},
        {"tenant_id": "acme", "access": {"user": "u"}},
    ],
)
def test_a_tenant_document_of_another_shape_is_a_usage_error(
    document: object, tmp_path: Path
) -> None:
    path = tmp_path / "tenant.json"
    path.write_text(json.dumps(document))
    found = CliRunner().invoke(cli, ["tenant", "add", str(path)])
    assert (found.exit_code, type(found.exception)) == (2, SystemExit)
    assert str(path) in found.stderr


def test_an_empty_statement_is_a_usage_error() -> None:
    found = CliRunner().invoke(cli, ["sql", " "])
    assert found.exit_code == 2
    assert "STATEMENT" in found.stderr


@pytest.mark.parametrize(
    "problem", [QueryFailed("no table"), PublishError("no run"), PermissionError("not yours")]
)
def test_what_a_query_a_run_or_a_file_refuses_is_said_in_one_line(
    problem: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise problem

    monkeypatch.setattr(main, "cli", refuse)
    with pytest.raises(SystemExit) as end:
        main.main()
    assert end.value.code == 1
    assert capsys.readouterr().err == f"Error: {problem}\n"


@pytest.mark.parametrize("absent", JOBS)
def test_a_night_in_which_a_job_never_started_has_failed(absent: str) -> None:
    jobs = tuple(Job(name, "r", "SUCCEEDED", 1, "") for name in JOBS if name != absent)
    assert Night("n", "COMPLETED", jobs).has_failed
    assert not Night("n", "COMPLETED", (*jobs, Job(absent, "r", "SUCCEEDED", 1, ""))).has_failed
