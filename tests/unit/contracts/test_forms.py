"""Forms and settings read back as written, older items too, and bad ones say what to change."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from contracts.errors import Rejected
from contracts.forms import (
    Criterion,
    Form,
    form_items,
    load_form,
    load_settings,
    parse_threshold,
    settings_item,
)
from contracts.tenant import TenantId
from tests.support.call_documents import GOLDEN

NOW = "2026-01-30T12:00:00Z"
FORM = Form(
    name="sales",
    version=3,
    pass_threshold=Decimal("0.7"),
    criteria=(
        Criterion("greeting", "Did the agent greet?", Decimal("1.25"), section="opening"),
        Criterion("consent", "Was consent asked?", Decimal(2), is_critical=True, guidance="Ask."),
    ),
    selection={"queue": ("claims",), "direction": ("inbound", "internal")},
    sampling_fraction=Decimal("0.5"),
    valid_from=NOW,
)


def item(**changes: Any) -> dict[str, Any]:
    whole = form_items(TenantId("acme"), FORM, NOW)[0]
    return {**whole, **changes}


@pytest.mark.parametrize("tenant", ["acme", "acme-uk"])
def test_a_published_form_reads_back_under_its_own_tenant(tenant: str) -> None:
    version, current = form_items(TenantId(tenant), FORM, NOW)
    assert load_form(version) == FORM
    assert (version["pk"], version["sk"]) == (f"TENANT#{tenant}", "FORM#sales#v3")
    assert current == {"pk": f"TENANT#{tenant}", "sk": "FORM#sales#current", "version": 3}


def test_a_form_without_a_beginning_is_valid_from_now() -> None:
    assert form_items(TenantId("acme"), replace(FORM, valid_from=None), NOW)[0]["valid_from"] == NOW


def test_the_founding_template_is_the_default_form_and_required_is_not_critical() -> None:
    form = load_form(json.loads((GOLDEN / "qa_template_v1.json").read_bytes()))
    assert (form.name, form.version, form.pass_threshold) == ("default", 1, Decimal("0.7"))
    assert sum(each.weight for each in form.criteria) == Decimal("4.5")
    assert [each.is_required for each in form.criteria] == [True, True, True, False, True]
    assert not any(each.is_critical for each in form.criteria)


@pytest.mark.parametrize(
    ("sort_key", "name", "version"),
    [
        ("QA_TEMPLATE#v1", "default", 1),
        ("QA_TEMPLATE#v2", "default", 2),
        ("QA_TEMPLATE#sales", "sales", 1),
        ("FORM#sales#v12", "sales", 12),
    ],
)
def test_pitfall_10_a_slot_is_a_version_or_a_name(sort_key: str, name: str, version: int) -> None:
    form = load_form(item(sk=sort_key))
    assert (form.name, form.version) == (name, version)


@pytest.mark.parametrize(
    ("given", "fraction"),
    [("0.7", "0.7"), (70, "0.7"), (Decimal(1), "1"), (100, "1"), (None, "0.7"), (" 55 ", "0.55")],
)
def test_pitfall_48_a_threshold_is_a_fraction_whichever_way_it_is_put(
    given: object, fraction: str
) -> None:
    assert parse_threshold(given, "x") == Decimal(fraction)


@pytest.mark.parametrize(
    "changes",
    [
        {"pass_threshold": 0},
        {"pass_threshold": 101},
        {"pass_threshold": "much"},
        {"pass_threshold": True},
        {"pass_threshold": "NaN"},
        {"criteria": []},
        {"criteria": [{"criterion_id": "a"}]},
        {"criteria": [{"id": "a", "text": "?", "weight": 0}]},
        {"criteria": [{"id": "a", "text": "?", "weight": "0.00001"}]},
        {"criteria": [{"id": "a", "text": "?", "weight": 100_000}]},
        {"criteria": [{"id": "a", "text": "?", "weight": "1e30"}]},
        {"criteria": [{"id": "a", "text": "?", "is_critical": "false"}]},
        {"criteria": [{"id": "a", "text": "?", "required": 1}]},
        {"criteria": ["a"]},
        {"selection": "claims"},
        {"selection": {"queue": "claims"}},
        {"criteria": [{"id": "a", "text": "?"}, {"id": "a", "text": "again?"}]},
        {"sampling_fraction": 2},
        {"sk": "FORM#sales#v0"},
        {"sk": "FORM#sales#current"},
        {"sk": "QA_TEMPLATE#"},
    ],
)
def test_a_bad_form_is_refused_by_name(changes: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match="TENANT#acme") as refused:
        load_form(item(**changes))
    assert refused.value.reason == "bad_form"


@pytest.mark.parametrize(
    ("call", "chosen"),
    [
        ({"queue": "claims", "direction": "inbound"}, True),
        ({"queue": "claims", "direction": "outbound"}, False),
        ({"queue": None, "direction": "inbound"}, False),
    ],
)
def test_a_form_judges_only_the_calls_it_selects(call: dict[str, Any], chosen: bool) -> None:
    assert FORM.selects(call) is chosen
    assert replace(FORM, selection={}).selects(call)


def test_settings_read_back_and_keep_what_they_do_not_know() -> None:
    item = {
        "pk": "TENANT#acme-uk",
        "sk": "META#v1",
        "name": "Acme UK",
        "status": "suspended",
        "timezone": "Europe/London",
        "lake_text_days": Decimal(30),
        "channels": {"3cx": {"inbound": 1}},
    }
    settings = load_settings(item)
    assert (settings.tenant_id, settings.status, settings.lake_text_days) == (
        "acme-uk",
        "suspended",
        30,
    )
    assert settings.residency == "eu_only"
    assert load_settings(settings_item(settings)) == settings
    assert settings_item(settings)["channels"] == {"3cx": {"inbound": 1}}


def test_the_founding_meta_item_names_its_model_in_camel_case() -> None:
    settings = load_settings(json.loads((GOLDEN / "tenant_meta.json").read_bytes()))
    assert settings.model_id == "anthropic.claude-3-haiku-20240307"
    assert settings.name == "Demo Tenant"


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "paused"},
        {"residency": "moon"},
        {"lake_text_days": 0},
        {"timezone": "Europe/Lodnon"},
        {"timezone": "../etc/passwd"},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match="TENANT#acme META#v1") as refused:
        load_settings({"pk": "TENANT#acme", "sk": "META#v1", **changes})
    assert refused.value.reason == "bad_settings"
