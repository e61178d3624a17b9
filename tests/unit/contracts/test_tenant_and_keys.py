"""A key says whose it is, reads back as it was built, and no tenant can own a folder of ours."""

import re
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import keys, names
from contracts.errors import Rejected
from contracts.tenant import RESERVED, TenantId, parse_tenant

TENANTS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True).filter(
    lambda text: text not in RESERVED
)
DATES = st.dates()
CALLS = st.from_regex(r"[0-9a-zA-Z][0-9a-zA-Z-]{0,30}-[0-9a-f]{10}", fullmatch=True)
PATHS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40).filter(
    lambda text: not text.endswith("/")
)
NAMES = st.from_regex(r"[0-9a-zA-Z_.+ äöü-]{1,30}", fullmatch=True)


@given(TENANTS, st.sampled_from(keys.DOORS), PATHS)
def test_a_door_key_reads_back(tenant: str, door: str, path: str) -> None:
    key = keys.DoorKey(TenantId(tenant), door, path)  # type: ignore[arg-type]
    assert keys.parse_door(str(key)) == key


@given(TENANTS, st.sampled_from(get_args(keys.DocumentKind)), DATES, CALLS, st.integers(1, 99))
def test_a_document_key_reads_back(
    tenant: str, kind: keys.DocumentKind, day: date, call: str, revision: int
) -> None:
    key = keys.DocumentKey(TenantId(tenant), kind, day, call, revision)
    assert keys.parse_document(str(key)) == key


@given(TENANTS, DATES, NAMES)
def test_a_legacy_key_reads_back(tenant: str, day: date, name: str) -> None:
    key = keys.LegacyKey(TenantId(tenant), day, f"{name}.json")
    assert keys.parse_legacy(str(key)) == key


@given(TENANTS, CALLS, PATHS)
def test_a_work_key_reads_back(tenant: str, call: str, name: str) -> None:
    key = keys.WorkKey(TenantId(tenant), call, name)
    assert keys.parse_work(str(key)) == key


@given(
    TENANTS,
    st.sampled_from(get_args(keys.QuarantineStage)),
    CALLS,
    st.sampled_from(get_args(keys.QuarantinePart)),
    st.integers(1, 99).map(keys.revision_word) | st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
)
def test_a_quarantine_key_reads_back(
    tenant: str, stage: keys.QuarantineStage, call: str, part: keys.QuarantinePart, version: str
) -> None:
    key = keys.QuarantineKey(TenantId(tenant), stage, call, part, version)
    assert keys.parse_quarantine(str(key)) == key


@given(TENANTS, DATES, st.integers(0, 999_999), st.from_regex(r"[a-z_]{1,20}", fullmatch=True))
def test_a_lake_file_key_reads_back(tenant: str, day: date, generation: int, table: str) -> None:
    key = keys.LakeFileKey(table, TenantId(tenant), day.isoformat()[:7], generation, "a-00.parquet")
    assert keys.parse_lake_file(str(key)) == key


@pytest.mark.parametrize(
    ("parse", "key"),
    [
        (keys.parse_document, "acme/final/2026/02/30/a-0123456789.json"),
        (keys.parse_document, "acme/final/2026/01/30/a-0123456789.r1.json"),
        (keys.parse_document, "acme/final/2026/01/30/a-0123456789.r007.json"),
        (keys.parse_document, "acme/final/\u0968\u0966\u0968\u096c/01/30/a-0123456789.json"),
        (keys.parse_document, "acme/final/2026/01/30/without-hash.json"),
        (keys.parse_document, "tmp/final/2026/01/30/a-0123456789.json"),
        (keys.parse_legacy, "acme_uk/2025/11/05/a.json"),
        (keys.parse_legacy, "acme/2025/11/05/deeper/a.json"),
        (keys.parse_door, "acme/audio/"),
        (keys.parse_door, "Acme/audio/a.wav"),
        (keys.parse_work, "tmp/acme/only-call"),
        (keys.parse_quarantine, "acme/quarantine/elsewhere/a.json"),
        (keys.parse_lake_file, "tables/calls/tenant_id=acme/call_month=2026-01/a.parquet"),
    ],
)
def test_a_key_of_no_layout_is_refused_with_what_was_expected(parse, key: str) -> None:
    with pytest.raises(Rejected, match=re.escape(repr(key))) as refused:
        parse(key)
    assert refused.value.reason == "unreadable_key"


def test_look_alike_tenants_never_share_a_prefix() -> None:
    days = [date(2026, 1, 30)] * 2
    ours, theirs = (
        str(keys.DocumentKey(TenantId(tenant), "final", day, "same-0123456789"))
        for tenant, day in zip(("acme", "acme-uk"), days, strict=True)
    )
    assert not theirs.startswith("acme/")
    assert not ours.startswith("acme-uk/")


def test_every_first_segment_of_our_own_keys_is_reserved() -> None:
    written = Path(keys.__file__).read_text()
    ours = set(re.findall(r'f?"(tmp|[a-z]+)/', written))
    words = ours | set(keys.DOORS) | set(get_args(keys.DocumentKind)) | {"tmp", "quarantine"}
    words |= {names.PROJECT, names.SHARED_WORKGROUP, names.DBT_WORKGROUP}
    assert {word for word in words if word not in RESERVED} == set()
    assert "published" in ours
    assert "tables" in ours


@pytest.mark.parametrize("text", ["", "Acme", "acme_uk", "-acme", "acme-", "a" * 64, "acme\n", "ä"])
def test_a_text_that_is_no_tenant_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="tenant id"):
        parse_tenant(text)


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_reserved_word_is_no_tenant(word: str) -> None:
    with pytest.raises(ValueError, match="reserved"):
        parse_tenant(word)


def test_every_bucket_carries_account_and_region() -> None:
    buckets = names.Buckets("000000000000", "eu-central-1")
    found = {buckets.name(kind) for kind in names.BUCKETS}
    assert found == {f"cci-lite-{kind}-000000000000-eu-central-1" for kind in names.BUCKETS}
    assert [field.name for field in fields(buckets)] == ["account", "region"]
    with pytest.raises(ValueError, match="no bucket"):
        buckets.name("lakes")
