"""dbt-athena, unmodified: every materialisation twice and a full refresh, contents compared."""

from pathlib import Path

import pytest

from tests.support.athena_console import Console
from tests.support.dbt_acceptance import COMMANDS, CONTENTS, DATABASE, play, project
from tests.support.localaws_scenes import bucket
from tests.support.localaws_server import LocalAws

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def played(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> tuple[Console, Path]:
    bucket(aws, "acceptance")
    folder = project(tmp_path_factory.mktemp("dbt"))
    for command in COMMANDS:
        play(command, folder, aws.environment, "acceptance")
    return Console(aws, DATABASE, "s3://acceptance/asked/"), folder


@pytest.mark.parametrize("sql", CONTENTS)
def test_dbt_leaves_what_its_models_say(sql: str, played: tuple[Console, Path]) -> None:
    console, _ = played
    assert console.rows(console.done(sql)) == CONTENTS[sql]


def test_a_merge_is_one_snapshot_and_dbt_leaves_no_other_table(
    played: tuple[Console, Path],
) -> None:
    console, _ = played
    words = 'select operation from "calls_merged$snapshots" order by committed_at'
    assert console.rows(console.done(words)) == [["append"], ["overwrite"]]
    assert [row[0] for row in console.rows(console.done("show tables"))] == [
        "calls_appended",
        "calls_history",
        "calls_hive",
        "calls_iceberg",
        "calls_merged",
        "calls_overwritten",
        "calls_view",
        "raw_calls",
    ]


def test_the_catalog_of_the_docs_names_columns_and_types(played: tuple[Console, Path]) -> None:
    _, folder = played
    catalog = (folder / "target" / "catalog.json").read_text("utf-8")
    assert "calls_iceberg" in catalog
    assert "decimal(9,2)" in catalog
