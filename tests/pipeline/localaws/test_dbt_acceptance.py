"""dbt-athena, unmodified: every materialisation twice and a full refresh, contents compared."""

from pathlib import Path

import pytest

from tests.support.athena_api import BUCKET, done
from tests.support.dbt_acceptance import COMMANDS, CONTENTS, DATABASE, play, project
from tests.support.localaws_scenes import bucket
from tests.support.localaws_server import LocalAws

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def played(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> tuple[LocalAws, Path]:
    for name in ("acceptance", BUCKET):
        bucket(aws, name)
    folder = project(tmp_path_factory.mktemp("dbt"))
    for command in COMMANDS:
        play(command, folder, aws.environment, "acceptance")
    return aws, folder


@pytest.mark.parametrize("sql", CONTENTS)
def test_dbt_leaves_what_its_models_say(sql: str, played: tuple[LocalAws, Path]) -> None:
    aws, _ = played
    assert done(aws.client, sql, DATABASE) == CONTENTS[sql]


def test_a_merge_is_one_snapshot_and_dbt_leaves_no_other_table(
    played: tuple[LocalAws, Path],
) -> None:
    aws, _ = played
    words = 'select operation from "calls_merged$snapshots" order by committed_at'
    assert done(aws.client, words, DATABASE) == [["append"], ["overwrite"]]
    assert [row[0] for row in done(aws.client, "show tables", DATABASE)] == [
        "calls_appended",
        "calls_history",
        "calls_hive",
        "calls_iceberg",
        "calls_merged",
        "calls_overwritten",
        "calls_view",
        "raw_calls",
    ]


def test_the_catalog_of_the_docs_names_columns_and_types(played: tuple[LocalAws, Path]) -> None:
    _, folder = played
    catalog = (folder / "target" / "catalog.json").read_text("utf-8")
    assert "calls_iceberg" in catalog
    assert "decimal(9,2)" in catalog
