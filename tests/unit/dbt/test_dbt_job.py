"""The job `cci-lite-dbt` with a dbt and a bucket that remember what was asked of them."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cci.jobs.dbt import Night, build, hash_seeds
from cci.jobs.dbt_commands import NodeResult
from contracts.keys import dbt_built

GOOD = NodeResult("fct_calls", "fct_calls", "success", "OK 1", 0)
BROKEN = NodeResult("fct_calls", "fct_calls", "error", "TYPE_MISMATCH: line 3", 0)
SKIPPED = NodeResult("rpt_sentiment_daily", "rpt_sentiment_daily", "skipped", "", 0)
TWICE = NodeResult("unique_together_fct_calls", "fct_calls", "fail", "Got 1 result", 1)
CRASHED = NodeResult("between_fct_evaluations", "fct_evaluations", "error", "Query failed", 0)


@dataclass
class FakeDbt:
    """dbt whose commands return what the test says."""

    seeds: list[NodeResult] = field(default_factory=lambda: [GOOD])
    models: list[NodeResult] = field(default_factory=lambda: [GOOD])
    tests: list[NodeResult] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def seed(self) -> list[NodeResult]:
        self.asked.append("seed")
        return self.seeds

    def run(self) -> list[NodeResult]:
        self.asked.append("run")
        return self.models

    def test(self) -> list[NodeResult]:
        self.asked.append("test")
        return self.tests

    def show_keys(self, test: str) -> list[dict[str, str | None]]:
        self.asked.append(f"show {test}")
        return [{"tenant_id": "acme", "call_id": "g1", "failure_count": "2"}]


@dataclass
class FakeBucket:
    """A bucket in a dictionary."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def read(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def write(self, key: str, body: bytes) -> None:
        self.objects[key] = body


def test_seeds_are_loaded_once_and_again_when_they_change() -> None:
    dbt, lake = FakeDbt(), FakeBucket()
    assert build(dbt, lake, Night("jr_1", "one", "in")) == 0
    assert build(dbt, lake, Night("jr_2", "one", "in")) == 0
    assert build(dbt, lake, Night("jr_3", "two", "in")) == 0
    assert dbt.asked == ["seed", "run", "test", "run", "test", "seed", "run", "test"]


def test_a_seed_that_failed_is_loaded_again_next_night() -> None:
    dbt, lake = FakeDbt(seeds=[BROKEN]), FakeBucket()
    assert build(dbt, lake, Night("jr_1", "one", "in")) == 1
    assert lake.objects == {dbt_built(): b""}
    assert dbt.asked == ["seed"]


def test_a_failing_model_stops_the_night_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    dbt = FakeDbt(models=[BROKEN, SKIPPED])
    assert build(dbt, FakeBucket(), Night("jr_1", "one", "in")) == 1
    said = capsys.readouterr().err
    assert "model fct_calls failed: TYPE_MISMATCH: line 3" in said
    assert "rpt_sentiment_daily" not in said
    assert "test" not in dbt.asked


def test_a_failing_data_test_is_kept_with_its_keys_and_stops_nobody(
    capsys: pytest.CaptureFixture[str],
) -> None:
    dbt, lake = FakeDbt(tests=[GOOD, TWICE, CRASHED]), FakeBucket()
    assert build(dbt, lake, Night("jr_1", "one", "in")) == 0
    kept = json.loads(lake.objects["quality/dbt/jr_1.json"])
    assert [row["test"] for row in kept["failed"]] == [TWICE.name, CRASHED.name]
    assert kept["failed"][0]["keys"] == [
        {"tenant_id": "acme", "call_id": "g1", "failure_count": "2"}
    ]
    assert kept["failed"][1]["keys"] == []
    assert "warning" in capsys.readouterr().out


def test_a_night_without_failed_tests_writes_nothing_but_its_two_marks() -> None:
    lake = FakeBucket()
    assert build(FakeDbt(tests=[GOOD]), lake, Night("jr_1", "one", "in")) == 0
    assert lake.objects == {dbt_built(): b"in", "quality/dbt/seeds.sha256": b"one"}


def test_the_hash_of_the_seeds_sees_names_and_bytes(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "a.csv").write_text("x\n")
    first = hash_seeds(tmp_path)
    (seeds / "a.csv").rename(seeds / "b.csv")
    renamed = hash_seeds(tmp_path)
    (seeds / "b.csv").write_text("y\n")
    assert len({first, renamed, hash_seeds(tmp_path)}) == 3


def test_only_a_build_whose_data_tests_all_pass_is_marked_as_clean() -> None:
    lake = FakeBucket({dbt_built(): b"in"})
    assert build(FakeDbt(tests=[TWICE]), lake, Night("jr_1", "one", "in")) == 0
    assert lake.objects[dbt_built()] == b""
    assert build(FakeDbt(), lake, Night("jr_2", "one", "in")) == 0
    assert lake.objects[dbt_built()] == b"in"


def test_a_build_that_failed_takes_the_mark_of_the_last_clean_one_away() -> None:
    lake = FakeBucket({dbt_built(): b"in"})
    assert build(FakeDbt(models=[BROKEN]), lake, Night("jr_1", "one", "in")) == 1
    assert lake.objects[dbt_built()] == b""
