"""Every table and view of the product as Athena's catalog has them, without Glue and without rows.

Lake tables and copies come from the contracts, models from their SQL in dbt's order, published
tables and views from serving.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml

from contracts.columns import Table as Contract
from contracts.datasets import DATASETS, Dataset
from contracts.names import BUILD_DATABASE, LAKE_DATABASE, PUBLISHED_DATABASE
from contracts.tables import COPY_TABLES, LAKE_TABLES, glue_table_input
from contracts.verdicts import VERDICTS
from localaws.athena import dialect
from localaws.athena.catalog import table_of
from localaws.athena.failures import QueryFailed
from localaws.athena.tables import Columns, Table, View
from localaws.athena.trino_types import VARCHAR, parse
from serving.runs import POINTER_COLUMNS
from serving.views import POINTERS, RUN_PARTITIONS, STATUS_VIEW, runs_table, status_sql, view_sql
from tests.support.dbt_models import PROJECT, Model, models

MODELS = {model.name: model for model in models()}


class ProductTables:
    """Finds a table by its database and name; a model also by its name alone, as `ref` renders."""

    def find(self, schema: str, name: str) -> Table | View:
        return _found(schema, name)


def translated(sql: str, schema: str) -> dialect.Query:
    """Return a query as the embedded engine would run it; raise QueryFailed if it refuses."""
    return dialect.translate(dialect.parse(sql), schema, ProductTables())


def contract(model: Model) -> Columns:
    """Return the columns a mart's YAML promises."""
    return tuple((c["name"], parse(c["data_type"])) for c in model.properties["columns"])


@cache
def _found(schema: str, name: str) -> Table | View:
    for holder in (_lake, _build, _published):
        if (found := holder(schema, name)) is not None:
            return found
    raise QueryFailed("TABLE_NOT_FOUND", f"Table '{schema}.{name}' does not exist")


def _lake(schema: str, name: str) -> Table | None:
    tables = {table.name: table for table in (*LAKE_TABLES, *COPY_TABLES)}
    if schema not in (LAKE_DATABASE, "lake", "config") or name not in tables:
        return None
    return _of_contract(schema, tables[name])


def _build(schema: str, name: str) -> Table | View | None:
    if schema != BUILD_DATABASE:
        return None
    if name in _seeds():
        return Table(schema, name, _seeds()[name])
    if name not in MODELS:
        return None
    model = MODELS[name]
    if model.layer == "marts":
        return Table(schema, name, contract(model))
    columns = translated(model.sql, schema).columns
    return View(model.sql, schema, name, tuple(column.name for column in columns))


def _published(schema: str, name: str) -> Table | View | None:
    if schema != PUBLISHED_DATABASE:
        return None
    if name == VERDICTS.name:
        return _of_contract(schema, VERDICTS)
    if name == POINTERS:
        columns = [(name, parse(kind)) for name, kind in POINTER_COLUMNS]
        return Table(schema, name, (*columns, ("tenant_id", VARCHAR)))
    runs = {runs_table(dataset): dataset for dataset in DATASETS}
    if name in runs:
        keys = tuple((key, VARCHAR) for key in RUN_PARTITIONS)
        return Table(schema, name, (*_data(runs[name]), *keys), keys)
    views = dict(view_texts())
    if name not in views:
        return None
    found = translated(views[name], schema).columns
    return View(views[name], schema, name, tuple(column.name for column in found))


def view_texts() -> Iterator[tuple[str, str]]:
    """Yield name and query of every view serving makes."""
    for dataset in DATASETS:
        columns = [{"Name": name} for name, _ in _data(dataset)]
        yield dataset.published_as, _query(view_sql(dataset, columns))
    yield STATUS_VIEW, _query(status_sql())


def _data(dataset: Dataset) -> Columns:
    columns = contract(MODELS[dataset.name])
    return tuple(column for column in columns if column[0] not in RUN_PARTITIONS)


def _query(statement: str) -> str:
    return statement.partition(" as\n")[2]


def _of_contract(schema: str, table: Contract) -> Table:
    return table_of(schema, glue_table_input(table, "s3://lake/tables"))


@cache
def _seeds() -> dict[str, Columns]:
    listed: list[dict[str, Any]] = yaml.safe_load(
        (PROJECT / "seeds" / "seeds.yml").read_text(encoding="utf-8")
    )["seeds"]
    return {
        seed["name"]: tuple((n, parse(k)) for n, k in seed["config"]["column_types"].items())
        for seed in listed
    }
