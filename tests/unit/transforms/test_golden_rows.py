"""A golden document in -> its rows in every lake table; each rows.json was read by a person.

The document lies once under each of two tenants whose ids begin alike. NULLs are left out of the
files, so a value that appears or vanishes shows. After a change on purpose, run this file as a
script (with PYTHONPATH=.) and read the difference.
"""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from contracts.tables import LAKE_TABLES
from tests.support.call_documents import GOLDEN, TENANTS, body, story
from tests.support.lake_world import World

STORIES = sorted(path.parent.name for path in GOLDEN.glob("*/rows.json"))


@pytest.mark.parametrize("name", STORIES)
def test_a_golden_document_gives_its_golden_rows(name: str) -> None:
    assert golden_rows(name, "acme") == story(name, "rows")


@pytest.mark.parametrize("name", STORIES)
def test_rows_of_a_look_alike_tenant_differ_only_in_identity(name: str) -> None:
    one, other = golden_rows(name, "acme"), golden_rows(name, "acme-uk")
    assert {table: len(rows) for table, rows in one.items()} == {
        table: len(rows) for table, rows in other.items()
    }
    assert {row["tenant_id"] for rows in other.values() for row in rows} == {"acme-uk"}


def test_every_shape_of_document_has_golden_rows() -> None:
    assert {path.parent.name for path in GOLDEN.glob("*/in.json")} == set(STORIES)


def test_every_table_is_filled_by_some_story() -> None:
    assert {table for name in STORIES for table in story(name, "rows")} == {
        table.name for table in LAKE_TABLES
    }


def golden_rows(name: str, tenant: str) -> dict[str, Any]:
    """Return the rows of a story as JSON, flattened with both tenants' copies in one lake."""
    world = World(*TENANTS)
    for one in TENANTS:
        document = {**story(name), "tenant_id": one}
        world.results.put(f"{one}/2026/01/30/{name}.json", body(document))
        world.flatten(prefix=f"{one}/2026/")
    rows = {table.name: world.rows(table.name, tenant) for table in LAKE_TABLES}
    return {table: [_plain(row) for row in found] for table, found in rows.items() if found}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


if __name__ == "__main__":
    for path in sorted(GOLDEN.glob("*/in.json")):
        rows = golden_rows(path.parent.name, "acme")
        text = json.dumps(rows, indent=2, ensure_ascii=False)
        (path.parent / "rows.json").write_text(text + "\n", encoding="utf-8")
