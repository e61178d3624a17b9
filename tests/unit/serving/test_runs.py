"""Run ids and manifests: built, read back, told apart from anything else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.run_manifests import (
    DataFile,
    RunManifest,
    RunPartition,
    RunTotals,
    parse_manifest,
    render_manifest,
)
from contracts.tenant import parse_tenant
from serving.run_ids import build_run_id, is_run_id, is_run_of

texts = st.text(min_size=1, max_size=20)
sizes = st.integers(0, 2**40)
files = st.builds(DataFile, key=texts, etag=texts, size_bytes=sizes)
manifests = st.builds(
    RunManifest,
    tenant_id=st.sampled_from([parse_tenant("acme"), parse_tenant("acme-uk")]),
    run_id=texts,
    verdict=st.sampled_from(["PASS", "WARN"]),
    partitions=st.lists(
        st.builds(
            RunPartition,
            dataset=texts,
            call_month=texts,
            prefix=texts,
            files=st.lists(files, max_size=2).map(tuple),
            row_count=sizes,
            content_hash=texts,
        ),
        max_size=3,
    ).map(tuple),
    totals=st.lists(st.builds(RunTotals, texts, sizes, sizes, sizes), max_size=2).map(tuple),
)


@given(manifests)
def test_a_manifest_reads_back_as_it_was_written(manifest: RunManifest) -> None:
    assert parse_manifest(render_manifest(manifest)) == manifest


def test_run_ids_sort_by_time_and_differ_by_seed() -> None:
    began = datetime(2026, 1, 30, 2, 0, tzinfo=UTC)
    one, two = build_run_id(began, "jr_1"), build_run_id(began, "jr_2")
    assert one.startswith("20260130T020000Z-")
    assert one != two
    assert build_run_id(began + timedelta(seconds=1), "jr_0") > max(one, two)
    assert is_run_id(one)
    assert is_run_of(one, "jr_1")
    assert not is_run_of(one, "jr_2")


@pytest.mark.parametrize("text", ["", "20260130T020000Z-abcdef'", "x", "20260130T020000Z-ABCDEF"])
def test_nothing_else_is_a_run_id(text: str) -> None:
    assert not is_run_id(text)
