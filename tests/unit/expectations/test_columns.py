"""Suites and marts speak of the same columns, and the rows of the tests have their types."""

from pathlib import Path

import pytest
import yaml

from contracts.datasets import DATASETS, Dataset
from expectations.suite_files import read_suites
from tests.support.mart_types import TYPES

DERIVED = {"names_count", "is_active", "rules_count"}
ARROW = {
    "varchar": "string",
    "boolean": "bool",
    "integer": "int32",
    "bigint": "int64",
    "double": "double",
    "date": "date32[day]",
    "timestamp(3)": "timestamp[ms]",
}


def mart_types(repository: Path, dataset: Dataset) -> dict[str, str]:
    """Return column -> type of a mart, as its contract beside the model says."""
    (file,) = (repository / "dbt_project" / "models" / "marts").rglob(f"{dataset.name}.yml")
    (model,) = yaml.safe_load(file.read_text())["models"]
    return {column["name"]: str(column["data_type"]) for column in model["columns"]}


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_every_column_the_gate_names_is_in_the_mart_with_that_type(
    repository: Path, dataset: Dataset
) -> None:
    known = mart_types(repository, dataset)
    for name, kind in TYPES[dataset.name].items():
        if name not in DERIVED:
            told = known[name].replace(" ", "").replace("decimal(", "decimal128(")
            assert ARROW.get(told, told) == str(kind).replace(" ", ""), f"{dataset.name}.{name}"
    assert set(dataset.key) <= set(known)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_every_column_of_a_suite_is_in_the_rows_the_tests_judge(dataset: Dataset) -> None:
    for item in read_suites()[dataset.name].items:
        if "column" in item.kwargs:
            assert item.kwargs["column"] in {"tenant_id", *TYPES[dataset.name]}
