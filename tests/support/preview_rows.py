"""Rows of the published views for the preview page, and a DuckDB that answers its SQL from them.

acme is published, acme-uk (with acme's call ids) is held back at an older run, globex was never
published. Tables take names and types of columns from the dbt contracts, so that a page asking
for a column no mart has fails here.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import yaml

from contracts.verdicts import VERDICTS
from serving.runs import POINTER_COLUMNS

Rows = dict[str, list[dict[str, Any]]]
MODELS = Path(__file__).parents[2] / "dbt_project" / "models" / "marts"
OLD_RUN, NEW_RUN = "20260129T020000Z-aaaaaa", "20260130T020000Z-bbbbbb"
FIRST_DAY = date(2026, 1, 5)
WHY, WHAT_TO_DO = "A pass without a quote is an opinion.", "Replay the call."
JUDGE = {
    "form_name": "default",
    "form_version": 1,
    "evaluator": "model",
    "evaluation_type": "standard",
    "model_id": "judge-a",
    "prompt_version": "evaluate-1",
}


def story() -> Rows:
    """Return view -> rows; the week of 19 January has no call."""
    return {
        "published_runs": [
            {"tenant_id": "acme", "run_id": NEW_RUN, "verdict": "PASS"},
            {"tenant_id": "acme-uk", "run_id": OLD_RUN, "verdict": "PASS"},
        ],
        "quality_status": [
            _verdict("acme", "fct_calls", "PASS"),
            _verdict("acme-uk", "fct_calls", "PASS"),
            _verdict("acme-uk", "fct_criterion_results", "FAIL"),
            _verdict("globex", "fct_calls", "ERROR"),
        ],
        "rls_rules": [
            {"user_name": "ann@acme.example", "tenant_id": "acme"},
            {"group_name": "uk-analysts", "tenant_id": "acme-uk"},
            {"group_name": "globex-analysts", "tenant_id": "globex"},
        ],
        "fct_calls": [
            {"tenant_id": tenant, "call_id": call_id, "local_date": day}
            for tenant in ("acme", "acme-uk")
            for call_id, day in _calls(tenant)
        ],
        "fct_criterion_results": [
            row for tenant in ("acme", "acme-uk") for row in _criterion_results(tenant)
        ],
        "rpt_criterion_failure_rates": [
            _rate("acme", "28_days", "greeting", (2, 8, 0.25, 0.071, 0.591)),
            _rate("acme", "90_days", "greeting", (10, 40, 0.25, 0.142, 0.402)),
            _rate("acme", "90_days", "resolution", (0, 7, 0.0, 0.0, 0.354)),
            _rate("acme-uk", "28_days", "greeting", (3, 4, 0.75, 0.301, 0.954)),
            _rate("acme-uk", "all", "greeting", (3, 4, 0.75, 0.301, 0.954)),
        ],
        "rpt_sentiment_daily": [_mood(t, day) for t in ("acme", "acme-uk") for day in _days()],
        "rpt_qa_daily": [_score(t, day) for t in ("acme", "acme-uk") for day in _days()],
    }


def types(view: str) -> dict[str, str]:
    """Return column -> SQL type of a published view, as its owner declares them."""
    sql = {"string": "varchar", "timestamp": "timestamp"}
    if view == "published_runs":
        named = {name: sql[kind] for name, kind in POINTER_COLUMNS}
    elif view == "quality_status":
        named = {column.name: sql.get(column.type, column.type) for column in VERDICTS.columns}
    else:
        (path,) = MODELS.glob(f"*/{view}.yml")
        (model,) = yaml.safe_load(path.read_text())["models"]
        named = {column["name"]: column["data_type"] for column in model["columns"]}
    return {"tenant_id": "varchar", **named}


class FakeConnection:
    """What PyAthena's connection is to the page: cursors over an in-memory DuckDB."""

    def __init__(self, rows: Rows) -> None:
        self.asked: list[str] = []
        self._database = duckdb.connect()
        for view, own in rows.items():
            columns = ", ".join(f'"{name}" {kind}' for name, kind in types(view).items())
            self._database.execute(f"create table {view} ({columns})")
            for row in own:
                named = ", ".join(f'"{name}"' for name in row)
                marks = ", ".join("?" * len(row))
                self._database.execute(
                    f"insert into {view} ({named}) values ({marks})",
                    list(row.values()),
                )

    def cursor(self) -> "FakeCursor":
        return FakeCursor(self._database.cursor(), self.asked)


class FakeCursor:
    def __init__(self, cursor: duckdb.DuckDBPyConnection, asked: list[str]) -> None:
        self._cursor, self._asked = cursor, asked

    def execute(self, sql: str, parameters: Mapping[str, Any]) -> None:
        self._asked.append(sql)
        self._cursor.execute(re.sub(r"%\((\w+)\)s", r"$\1", sql), dict(parameters) or None)

    @property
    def description(self) -> Sequence[Any]:
        return self._cursor.description or ()

    def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()


def _verdict(tenant: str, dataset: str, status: str) -> dict[str, Any]:
    row = {"tenant_id": tenant, "dataset": dataset, "run_id": NEW_RUN, "status": status}
    return row if status == "PASS" else {**row, "why": WHY, "what_to_do": WHAT_TO_DO}


def _days() -> list[date]:
    return [FIRST_DAY + timedelta(days=days) for days in (0, 1, 7, 21, 25)]


def _calls(tenant: str) -> list[tuple[str, date]]:
    days = _days()
    return [(f"call-{n}", days[n % 5]) for n in range(40 if tenant == "acme" else 4)]


def _criterion_results(tenant: str) -> list[dict[str, Any]]:
    return [
        {
            "tenant_id": tenant,
            "call_id": call_id,
            "form_name": "default",
            "criterion_id": "greeting",
            "agent_id": None if number == 0 else "G-11" if number < 8 else "G-7",
            "local_date": day,
            "is_counted": True,
            "is_unknown_criterion": False,
            "scored_count": 1,
            "failed_count": int(number % 4 == 0),
        }
        for number, (call_id, day) in enumerate(_calls(tenant))
    ]


def _rate(
    tenant: str, window: str, criterion: str, numbers: tuple[int, int, float, float, float]
) -> dict[str, Any]:
    failed, scored, rate, low, high = numbers
    return {
        "tenant_id": tenant,
        "form_name": "default",
        "criterion_id": criterion,
        "window": window,
        "latest_question": f"Was there a {criterion}?",
        "is_critical": criterion == "resolution",
        "scored_count": scored,
        "failed_count": failed,
        "failure_fraction": rate,
        "failure_low_fraction": low,
        "failure_high_fraction": high,
        "is_below_minimum_n": scored < 30,
    }


def _mood(tenant: str, day: date) -> dict[str, Any]:
    return {
        "tenant_id": tenant,
        "local_date": day,
        "labelled_count": 4,
        "positive_count": 3 if tenant == "acme" else 1,
        "neutral_count": 0,
        "mixed_count": 0,
        "negative_count": 1 if tenant == "acme" else 3,
        "toned_count": 4,
        "tone_sum": 280 if tenant == "acme" else 120,
    }


def _score(tenant: str, day: date) -> dict[str, Any]:
    return {
        "tenant_id": tenant,
        "local_date": day,
        **JUDGE,
        "scored_count": 4,
        "final_score_sum": 3 if tenant == "acme" else 1,
    }
