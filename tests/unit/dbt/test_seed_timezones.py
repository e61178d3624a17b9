"""The seed of zone offsets: what it must hold, and that writing it again changes nothing."""

import csv
import itertools
from pathlib import Path

from cci.seed_timezones import SEED, render

ROOT = Path(__file__).parents[3]


def test_regenerating_the_seed_changes_nothing() -> None:
    assert (ROOT / SEED).read_text(encoding="utf-8") == render()


def test_spans_of_a_zone_meet_without_gap_or_overlap() -> None:
    rows = list(csv.DictReader((ROOT / SEED).read_text(encoding="utf-8").splitlines()))
    for before, after in itertools.pairwise(rows):
        if before["timezone"] == after["timezone"]:
            assert before["valid_to"] == after["valid_from"]
            assert before["offset_seconds"] != after["offset_seconds"]
        else:
            assert before["valid_to"] == "2036-01-01 00:00:00"
            assert after["valid_from"] == "2018-01-01 00:00:00"


def test_london_springs_forward_on_29_march_2026_at_one() -> None:
    rows = csv.DictReader((ROOT / SEED).read_text(encoding="utf-8").splitlines())
    spring = [
        row
        for row in rows
        if row["timezone"] == "Europe/London" and row["valid_from"].startswith("2026-03")
    ]
    assert [(row["valid_from"], row["offset_seconds"]) for row in spring] == [
        ("2026-03-29 01:00:00", "3600")
    ]


def test_zones_that_zone1970_lacks_are_there() -> None:
    names = {line.split(",")[0] for line in (ROOT / SEED).read_text("utf-8").splitlines()}
    assert {"UTC", "Europe/Amsterdam", "Europe/Oslo", "Europe/Stockholm"} <= names
