"""Rows change in Iceberg tables only; the words of a change keep their place in the text."""

from typing import Any, cast

import pytest

from localaws.athena.catalog import Catalog
from localaws.athena.failures import QueryFailed
from localaws.athena.grammar import read_statement
from localaws.athena.row_changes import need_iceberg
from localaws.athena.statements import ChangeRows, Optimize, Vacuum

TABLES: dict[str, Any] = {
    "events": {"Parameters": {"table_type": "iceberg"}},
    "calls": {"TableType": "EXTERNAL_TABLE", "Parameters": {"EXTERNAL": "TRUE"}},
    "v": {"TableType": "VIRTUAL_VIEW", "Parameters": {"presto_view": "true"}},
}


class Tables:
    def described(self, _schema: str, name: str) -> Any:
        return TABLES.get(name)

    def missing(self, schema: str, name: str) -> QueryFailed:
        return QueryFailed("TABLE_NOT_FOUND", f"{schema}.{name}")


def _refused(text: str) -> str:
    statement = read_statement(text, "lake")
    assert isinstance(statement, ChangeRows | Optimize | Vacuum)
    with pytest.raises(QueryFailed) as caught:
        need_iceberg(statement, cast("Catalog", Tables()))
    return str(caught.value)


def test_a_change_names_its_table_and_keeps_its_text() -> None:
    found = read_statement('-- all\nDelete from "Events" where a = 1;', "lake")
    text = '      \nDelete from "Events" where a = 1'
    assert found == ChangeRows("DELETE", ("lake", "events"), text)
    assert read_statement("update d.t set a = 1", "lake") == ChangeRows(
        "UPDATE", ("d", "t"), "update d.t set a = 1"
    )


def test_an_optimize_keeps_its_condition() -> None:
    found = read_statement("optimize t rewrite data using bin_pack where a = 1", "lake")
    assert isinstance(found, Optimize)
    assert (found.name, found.where.strip()) == (("lake", "t"), "a = 1")


def test_only_an_iceberg_table_may_be_changed() -> None:
    hive = "NOT_SUPPORTED: Modifying Hive table rows is only supported for transactional tables"
    assert _refused("delete from calls") == hive
    assert _refused("update calls set a = 1") == hive
    assert "NOT_SUPPORTED: Changing the rows of a view" in _refused("delete from v")
    assert "NOT_SUPPORTED: OPTIMIZE" in _refused("optimize calls rewrite data using bin_pack")
    assert "NOT_SUPPORTED: VACUUM" in _refused("vacuum calls")
    assert _refused("vacuum nothing") == "TABLE_NOT_FOUND: lake.nothing"
    statement = read_statement("vacuum events", "lake")
    assert isinstance(statement, Vacuum)
    need_iceberg(statement, cast("Catalog", Tables()))
