"""A call id is readable, unique per tenant and identity, and names nobody."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.call_ids import CALL_ID, build_call_id
from contracts.tenant import TenantId

ACME, ACME_UK = TenantId("acme"), TenantId("acme-uk")


@given(st.text(max_size=300), st.text(max_size=300))
def test_every_call_id_fits_a_transcribe_job_name(identity: str, file_name: str) -> None:
    try:
        found = build_call_id(ACME, "upload", identity, file_name)
    except UnicodeEncodeError:
        return
    assert CALL_ID.fullmatch(found)
    assert re.fullmatch(r"[0-9a-zA-Z._-]{1,200}", f"{found}.2")


def test_the_same_file_of_two_tenants_is_two_calls() -> None:
    ids = {build_call_id(tenant, "upload", "audio/a.wav", "a.wav") for tenant in (ACME, ACME_UK)}
    assert len(ids) == 2
    assert {found[:2] for found in ids} == {"a-"}


@pytest.mark.parametrize(
    ("file_name", "slug"),
    [
        ("101-102-20260130120000.wav", "101-102-20260130120000"),
        ("Anruf Müller (2).wav", "Anruf-M-ller-2"),
        ("call+44163296012.wav", "call"),
        ("20794601.wav", "call"),
        ("20260130.wav", "20260130"),
        ("[Smith]_101.wav", "101"),
        ("jo@example.com 7.wav", "7"),
        ("a.b.wav", "a-b"),
    ],
)
def test_the_slug_keeps_what_helps_and_drops_what_names_a_person(file_name: str, slug: str) -> None:
    found = build_call_id(ACME, "upload", file_name, file_name)
    assert found.rpartition("-")[0] == slug


def test_names_of_the_metadata_do_not_show() -> None:
    found = build_call_id(ACME, "oak", "1", "jane-doe-101.wav", names=["Jane", "doe", ""])
    assert found.startswith("101-")


def test_a_name_without_anything_readable_still_has_an_id() -> None:
    assert re.fullmatch(r"call-[0-9a-f]{20}", build_call_id(ACME, "oak", "1", "+44163296012"))
