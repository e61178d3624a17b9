"""Published views -> frames, through Athena, for the tenants a viewer may see and no others.

One query per visual, all in parallel; every query carries the tenant list, and an empty list asks
nothing. What the page narrows further (one tenant, one window) it takes from these frames, so that
a changed filter asks nothing either.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, Final

import pandas as pd
from pyathena.connection import Connection

from contracts.names import PUBLISHED_DATABASE, SHARED_WORKGROUP
from contracts.tenant import parse_tenant

LABELS: Final = ("positive", "neutral", "mixed", "negative")
_QUERIES: Final = {
    "runs": "select tenant_id, run_id, verdict from published_runs where {tenants}",
    "verdicts": (
        "select tenant_id, dataset, run_id, status, why, what_to_do "
        "from quality_status where {tenants}"
    ),
    "calls": (
        "select tenant_id, min(local_date) as oldest, max(local_date) as newest, "
        "count(*) as calls_count from fct_calls where {tenants} group by tenant_id"
    ),
    "rates": (
        'select tenant_id, form_name, criterion_id, "window", latest_question as question, '
        "is_critical, scored_count, failed_count, failure_fraction, failure_low_fraction, "
        "failure_high_fraction, is_below_minimum_n, change_flag "
        "from rpt_criterion_failure_rates where {tenants} and scored_count > 0"
    ),
    "agents": (
        "select results.tenant_id, results.form_name, "
        "coalesce(results.agent_id, 'unknown') as agent_id, results.criterion_id, "
        "sum(results.failed_count) as failed_count, sum(results.scored_count) as scored_count "
        "from fct_criterion_results as results inner join ("
        "select tenant_id, max(local_date) as newest from fct_calls "
        "where {tenants} group by tenant_id"
        ") as calls on results.tenant_id = calls.tenant_id "
        "where results.{tenants} and results.local_date >= calls.newest - interval '89' day "
        "and results.is_counted and not results.is_unknown_criterion "
        "group by results.tenant_id, results.form_name, "
        "coalesce(results.agent_id, 'unknown'), results.criterion_id"
    ),
    "sentiment": (
        "select tenant_id, local_date, sum(labelled_count) as labelled_count, "
        + "".join(f"sum({label}_count) as {label}, " for label in LABELS)
        + "sum(toned_count) as toned_count, cast(sum(tone_sum) as double) as tone_sum "
        "from rpt_sentiment_daily where {tenants} group by tenant_id, local_date"
    ),
    "scores": (
        "select tenant_id, local_date, form_name, form_version, evaluator, model_id, "
        "prompt_version, sum(scored_count) as scored_count, "
        "cast(sum(final_score_sum) as double) as final_score_sum "
        "from rpt_qa_daily where {tenants} group by tenant_id, local_date, form_name, "
        "form_version, evaluator, model_id, prompt_version"
    ),
}


@dataclass(frozen=True, slots=True)
class Access:
    """Every tenant the platform knows, and the published rules of who sees which."""

    tenants: tuple[str, ...]
    rules: tuple[dict[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The frames of one page, each with a `tenant_id`.

    runs: what readers see now · verdicts: the newest per dataset, a held-back run's too · calls:
    number and span · rates: per criterion and window · agents: per agent and criterion, the 90
    local days up to the newest call · sentiment: per local day · scores: per local day and judge.
    """

    runs: pd.DataFrame
    verdicts: pd.DataFrame
    calls: pd.DataFrame
    rates: pd.DataFrame
    agents: pd.DataFrame
    sentiment: pd.DataFrame
    scores: pd.DataFrame

    def of(self, tenant: str) -> "Numbers":
        """Return the same frames for one tenant alone."""
        frames = {each.name: getattr(self, each.name) for each in fields(self)}
        return Numbers(
            **{name: frame[frame["tenant_id"] == tenant] for name, frame in frames.items()}
        )


def connect(region: str) -> Connection[Any]:
    """Return a connection to the shared work group; AWS is found by the environment."""
    return Connection(
        region_name=region,
        work_group=SHARED_WORKGROUP,
        schema_name=PUBLISHED_DATABASE,
        poll_interval=0.2,
    )


def read_access(connection: Connection[Any]) -> Access:
    """Return tenants and rules.

    Raise pyathena's Error; its text has TABLE_NOT_FOUND before the first publish.
    """
    known = _frame(
        connection,
        "select tenant_id from published_runs union select tenant_id from quality_status",
        {},
    )
    rules = _frame(connection, "select user_name, group_name, tenant_id from rls_rules", {})
    plain = [{str(name): value for name, value in row.items()} for row in rules.to_dict("records")]
    return Access(tuple(sorted(known["tenant_id"])), tuple(plain))


def read_numbers(connection: Connection[Any], tenants: Sequence[str]) -> Numbers:
    """Return every frame of the page for `tenants`, at least one; raise pyathena's Error."""
    names = {f"tenant{place}": parse_tenant(name) for place, name in enumerate(tenants)}
    if not names:
        raise ValueError("no tenant: a viewer who sees none must be told so, not asked about")
    listed = f"tenant_id in ({', '.join(f'%({name})s' for name in names)})"
    with ThreadPoolExecutor(len(_QUERIES)) as pool:
        running = {
            name: pool.submit(_frame, connection, sql.replace("{tenants}", listed), names)
            for name, sql in _QUERIES.items()
        }
    return Numbers(**{name: future.result() for name, future in running.items()})


def by_week(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the sums of `columns` per week (Monday) of `local_date`, empty weeks as zeros."""
    weeks = pd.to_datetime([day - timedelta(days=day.weekday()) for day in frame["local_date"]])
    sums = frame.assign(week=weeks).groupby("week")[list(columns)].sum()
    every = pd.date_range(sums.index.min(), sums.index.max(), freq="7D", name="week")
    return sums.reindex(every, fill_value=0).reset_index()


def mean_by_week(frame: pd.DataFrame, total: str, count: str) -> pd.DataFrame:
    """Return week, mean and n; a week without data has no mean."""
    weeks = by_week(frame, [total, count])
    n = weeks[count].astype(float)
    return weeks.assign(mean=weeks[total].astype(float) / n.where(n > 0), n=weeks[count])


def _frame(connection: Connection[Any], sql: str, parameters: dict[str, Any]) -> pd.DataFrame:
    cursor = connection.cursor()
    cursor.execute(sql, parameters)
    columns = [column[0] for column in cursor.description or ()]
    return pd.DataFrame(cursor.fetchall(), columns=columns)
