"""dbt's commands in this process -> what came of each node, in our words.

In process, because starting dbt and parsing the project cost more than most of what it runs: the
manifest of the first command serves the next ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

SHOWN_KEYS = 20


class DbtError(Exception):
    """dbt could not run the command at all: a wrong project, profile or connection."""


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What came of one model, seed or data test.

    `about` is the model or source a test is about, `failures` counts the rows it returned.
    """

    name: str
    about: str
    status: str
    message: str
    failures: int

    @property
    def has_failed(self) -> bool:
        """Whether it did not do what it was for; a warning is no failure."""
        return self.status not in ("success", "pass", "warn", "no-op")


class DbtCommands:
    """dbt on one project folder, whose `profiles.yml` reads the environment.

    Raise DbtError when the project cannot be parsed.
    """

    def __init__(self, project: Path) -> None:
        self._folders = [
            *("--project-dir", str(project), "--profiles-dir", str(project)),
            *("--log-path", str(project / "logs"), "--target-path", str(project / "target")),
        ]
        parsed = dbtRunner().invoke(["--no-use-colors", "parse", *self._folders])
        if not isinstance(parsed.result, Manifest):
            raise DbtError(f"dbt cannot read the project: {parsed.exception}")
        self._runner = dbtRunner(manifest=parsed.result)

    def seed(self) -> list[NodeResult]:
        """Load every seed whole."""
        return self._results("seed", "--full-refresh")

    def run(self) -> list[NodeResult]:
        """Build every model; one that fails is skipped by those that read it."""
        return self._results("run")

    def test(self) -> list[NodeResult]:
        """Run the data tests; unit tests are about code and belong to the tests of this project."""
        return self._results("test", "--exclude-resource-type", "unit_test")

    def show_keys(self, test: str) -> list[dict[str, str | None]]:
        """Return up to 20 rows of a failed data test: keys and counts, tenant first."""
        shown = self._invoke("show", "--select", test, "--limit", str(SHOWN_KEYS))
        tables = [one.agate_table for one in shown if one.agate_table is not None]
        return [
            {name: None if value is None else str(value) for name, value in row.dict().items()}
            for table in tables
            for row in table.rows
        ]

    def _results(self, *command: str) -> list[NodeResult]:
        return [_node_result(one) for one in self._invoke(*command)]

    def _invoke(self, *command: str) -> Sequence[Any]:
        """Run one command; raise DbtError when it ended without results."""
        answer = self._runner.invoke(["--no-use-colors", *command, *self._folders])
        if not isinstance(answer.result, RunExecutionResult):
            raise DbtError(f"dbt {command[0]} ended without results: {answer.exception}")
        return list(answer.result.results)


def _node_result(one: Any) -> NodeResult:
    is_test = one.node.resource_type == "test"
    return NodeResult(
        name=one.node.name,
        about=one.node.depends_on.nodes[0].rpartition(".")[2] if is_test else one.node.name,
        status=str(one.status),
        message=" ".join(str(one.message or "").split()),
        failures=int(one.failures or 0),
    )
