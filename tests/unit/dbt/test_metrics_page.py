"""docs/metrics.md and the marts name the same numbers."""

import re
from pathlib import Path

from tests.support.dbt_models import models

PAGE = (Path(__file__).parents[3] / "docs/metrics.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([a-z0-9_]+)`", PAGE))
MARTS = [model for model in models() if model.layer == "marts"]
COLUMNS = {column["name"] for model in MARTS for column in model.properties["columns"]}
NO_COLUMNS = {model.name for model in MARTS} | {"28_days", "90_days", "all", "unknown", "current_"}


def test_every_name_of_the_page_is_a_column_or_a_mart() -> None:
    assert not NAMED - COLUMNS - NO_COLUMNS


def test_every_rate_sum_and_test_of_the_marts_is_explained() -> None:
    measures = {
        name
        for name in COLUMNS
        if name.endswith(("_fraction", "_sum")) or name.startswith(("p_", "z_"))
    }
    assert not measures - NAMED
