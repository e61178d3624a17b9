"""The marts, built by unmodified dbt on either engine: the same rows, to the last digit."""

from collections import Counter

import pytest

from contracts.names import BUILD_DATABASE
from tests.support import marts_story as story
from tests.support.athena_api import ask
from tests.support.conformance import Answer
from tests.support.localaws_server import LocalAws
from tests.support.marts_build import build_marts
from tests.support.marts_lake import write_many, write_story
from tests.support.small_lake import create_lake

RANDOM = story.random_evaluations(seed=3, count=60)


@pytest.fixture(scope="module")
def built(
    engines: dict[str, LocalAws], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, LocalAws]:
    """Both engines, `dbt build` done on the same lake."""
    for engine, aws in engines.items():
        create_lake(aws)
        write_story(aws, RANDOM)
        write_many(aws, seed=7, count=150)
        build_marts(aws, tmp_path_factory.mktemp(engine) / "dbt_project")
    return engines


def test_every_built_table_holds_the_same_rows(built: dict[str, LocalAws]) -> None:
    names = _tables(built["duckdb"])
    assert names == _tables(built["trino"])
    assert len(names) > 20
    different = [
        name for name in names if _rows(built["duckdb"], name) != _rows(built["trino"], name)
    ]
    assert different == [], [_difference(built, name) for name in different]


def test_the_built_tables_are_not_empty(built: dict[str, LocalAws]) -> None:
    rows = {name: len(_read(built["trino"], name).rows) for name in _tables(built["trino"])}
    assert rows["fct_calls"] == len(RANDOM) + 4 + 300
    assert [name for name, count in rows.items() if name.startswith("fct_") and not count] == []


def _tables(aws: LocalAws) -> list[str]:
    pages = aws.client("glue").get_paginator("get_tables").paginate(DatabaseName=BUILD_DATABASE)
    return sorted(table["Name"] for page in pages for table in page["TableList"])


def _rows(aws: LocalAws, name: str) -> Counter[object]:
    found = _read(aws, name)
    return Counter([("columns", found.columns, found.types), *found.rows])


def _read(aws: LocalAws, name: str) -> Answer:
    found = ask(aws.client, f'select * from "{BUILD_DATABASE}"."{name}"')
    assert found.error == "", (name, found.message)
    return found


def _difference(built: dict[str, LocalAws], name: str) -> object:
    one, two = _rows(built["duckdb"], name), _rows(built["trino"], name)
    only = [sorted(map(str, (a - b).elements()))[:3] for a, b in ((one, two), (two, one))]
    return {"table": name, "rows": one.total(), "only duckdb": only[0], "only trino": only[1]}
