"""dbt-athena's acceptance project, unmodified, on Trino: it leaves what its models say."""

from pathlib import Path

import pytest

from tests.support.athena_api import BUCKET, ask
from tests.support.dbt_acceptance import CONTENTS, DATABASE, play, project
from tests.support.localaws_server import LocalAws

# A full refresh and a plain build come to what all commands do that `make test` plays.
COMMANDS = ("build --full-refresh", "build")


@pytest.fixture(scope="module")
def played(engines: dict[str, LocalAws], tmp_path_factory: pytest.TempPathFactory) -> LocalAws:
    """The engine Trino, the project built twice in it."""
    aws = engines["trino"]
    folder = project(Path(tmp_path_factory.mktemp("dbt")))
    for command in COMMANDS:
        play(command, folder, aws.environment, BUCKET)
    return aws


@pytest.mark.parametrize("sql", CONTENTS)
def test_dbt_leaves_on_trino_what_its_models_say(sql: str, played: LocalAws) -> None:
    found = ask(played.client, sql, DATABASE)
    assert [list(row) for row in found.rows] == CONTENTS[sql], found.message
