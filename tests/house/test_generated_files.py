"""Generated files are what the contracts say: regenerating them changes nothing."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from cci import generate
from contracts.tables import COPY_TABLES, LAKE_TABLES

ROOT = Path(__file__).parents[2]
FILES = sorted(generate.renderings())


@pytest.mark.parametrize("name", FILES)
def test_regenerating_leaves_no_difference(name: str, tmp_path: Path) -> None:
    assert generate.main(["--into", str(tmp_path)]) == 0
    assert (tmp_path / name).read_text() == (ROOT / name).read_text(), (
        f"{name} differs from what contracts/ renders: change the contract, then `make generate`"
    )


@pytest.mark.parametrize("name", FILES)
def test_a_generated_file_says_so_in_its_first_line_and_where_from(name: str) -> None:
    first = (ROOT / name).read_text().partition("\n")[0]
    assert "Generated from " in first
    assert "do not edit" in first
    source = first.partition("Generated from ")[2].partition(" ")[0]
    assert (ROOT / source).is_file()


def test_no_generated_folder_holds_a_file_nobody_renders() -> None:
    folders = (ROOT / generate.SUITES, ROOT / generate.SCHEMAS)
    found = {path for folder in folders for path in folder.rglob("*.*")}
    assert found == {
        ROOT / name for name in FILES if name.startswith((generate.SUITES, generate.SCHEMAS))
    }


def test_one_changed_byte_is_noticed(tmp_path: Path) -> None:
    generate.main(["--into", str(tmp_path)])
    planted = tmp_path / generate.SOURCES
    planted.write_text(planted.read_text().replace("varchar", "varchat", 1))
    assert planted.read_text() != generate.renderings()[generate.SOURCES]


def test_the_dbt_sources_list_every_table_with_tenant_first_and_in_its_key() -> None:
    sources = yaml.safe_load((ROOT / generate.SOURCES).read_text())["sources"]
    tables = {table["name"]: table for source in sources for table in source["tables"]}
    assert set(tables) == {table.name for table in (*LAKE_TABLES, *COPY_TABLES)}
    for table in tables.values():
        assert table["columns"][0]["name"] == "tenant_id"
        for test in table.get("data_tests", []):
            assert test["unique_together"]["arguments"]["columns"][0] == "tenant_id"


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".json")])
def test_a_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(json.loads((ROOT / name).read_text()))
