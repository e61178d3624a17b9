"""The configuration as tables: whole, per tenant, moved only when it changed."""

from decimal import Decimal
from typing import Any

from contracts.forms import Criterion, Form, form_items
from contracts.tables import COPY_TABLES
from contracts.tenant import TenantId
from tests.support.call_documents import TENANTS
from tests.support.lake_world import BUCKET, World, meta, read_file
from transforms.config_copy import copy_config

WHEN = "2026-01-01T00:00:00Z"


def _form(version: int, *criteria: str) -> Form:
    return Form(
        "default",
        version,
        Decimal("0.7"),
        tuple(Criterion(name, f"Did they {name}?", Decimal("1.5")) for name in criteria),
    )


def _configured() -> World:
    world = World(*TENANTS)
    acme = TenantId("acme")
    old = form_items(acme, _form(1, "greet"), WHEN)[:1]
    new = form_items(acme, _form(2, "greet", "close"), WHEN)
    grants = [
        {"pk": "TENANT#acme", "sk": "ACCESS#user#ann", "granted_at": WHEN},
        {"pk": "TENANT#acme", "sk": "ACCESS#group#Claims Leads"},
    ]
    world.config.tenants["acme"] += [*old, *new, *grants]
    template = {
        "pk": "TENANT#acme-uk",
        "sk": "QA_TEMPLATE#v1",
        "criteria": [{"id": "greet", "text": "Did they greet?", "weight": 1}],
    }
    world.config.tenants["acme-uk"].append(template)
    return world


def _copy(world: World) -> dict[str, int]:
    world.lake.puts.clear()
    return copy_config(
        config=world.config,
        lake=world.lake,
        catalog=world.catalog,
        lake_bucket=BUCKET,
        say=world.said.append,
    )


def _rows(world: World, table: str, tenant: str) -> list[dict[str, Any]]:
    location = world.catalog.partitions[table][(tenant,)]["StorageDescriptor"]["Location"]
    (key,) = world.lake.list_keys(location.removeprefix(f"s3://{BUCKET}/"))
    rows: list[dict[str, Any]] = read_file(world.lake.body(key)).to_pylist()
    return rows


def test_tenants_forms_and_grants_become_rows() -> None:
    world = _configured()
    assert _copy(world) == {"config_tenants": 2, "config_form_criteria": 4, "config_access": 2}
    assert _rows(world, "config_tenants", "acme")[0]["tenant_name"] == "acme"
    criteria = _rows(world, "config_form_criteria", "acme")
    assert [(row["form_version"], row["criterion_id"]) for row in criteria] == [
        (1, "greet"),
        (2, "greet"),
        (2, "close"),
    ]
    assert [row["is_current_version"] for row in criteria] == [False, True, True]
    assert criteria[0]["weight"] == Decimal("1.5000")
    assert criteria[0]["pass_threshold_fraction"] == Decimal("0.700000")
    assert [row["criterion_number"] for row in criteria] == [1, 1, 2]
    founding = _rows(world, "config_form_criteria", "acme-uk")
    assert [(row["form_name"], row["is_current_version"]) for row in founding] == [
        ("default", True)
    ]
    access = _rows(world, "config_access", "acme")
    assert [(row["user_name"], row["group_name"]) for row in access] == [
        (None, "Claims Leads"),
        ("ann", None),
    ]
    assert _rows(world, "config_access", "acme-uk") == []


def test_the_same_configuration_writes_nothing_and_moves_nothing() -> None:
    world = _configured()
    _copy(world)
    writes = world.catalog.writes
    _copy(world)
    assert world.lake.puts == []
    assert world.catalog.writes == writes


def test_a_change_moves_its_table_to_a_new_generation_and_leaves_the_old_files() -> None:
    world = _configured()
    _copy(world)
    before = dict(world.catalog.partitions["config_tenants"])
    world.config.tenants["acme"][0] = meta("acme", status="suspended")
    _copy(world)
    assert {key.split("/")[1] for key in world.lake.puts} == {"config_tenants"}
    assert _rows(world, "config_tenants", "acme")[0]["status"] == "suspended"
    old = before[("acme",)]["StorageDescriptor"]["Location"].removeprefix(f"s3://{BUCKET}/")
    assert world.lake.list_keys(old)


def test_a_tenant_that_is_gone_leaves_every_copy() -> None:
    world = _configured()
    _copy(world)
    del world.config.tenants["acme"]
    _copy(world)
    for table in COPY_TABLES:
        assert set(world.catalog.partitions[table.name]) == {("acme-uk",)}


def test_a_form_that_cannot_be_read_is_left_out_and_said() -> None:
    world = _configured()
    world.config.tenants["acme"].append({"pk": "TENANT#acme", "sk": "FORM#sales#v1"})
    assert _copy(world)["config_form_criteria"] == 4
    assert any(line.get("reason") == "bad_form" for line in world.said)
