"""The preview page: failure rates, the agent heatmap, sentiment and tone, as one viewer sees them.

Run by `cci preview`. It has no access control of its own: it reads with the operator's role and
shows what row-level security would show the chosen viewer (serving/rls.py is that model).
"""

from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd
import streamlit as st
from pyathena.connection import Connection
from pyathena.error import Error as AthenaError

from contracts.verdicts import BLOCKING
from serving import charts, rls
from serving.preview import reads
from serving.preview.reads import Access, Numbers
from serving.settings import load_region

MINIMUM_N: Final = 30
WINDOWS: Final = {"28_days": "Last 28 days", "90_days": "Last 90 days", "all": "All time"}
OPERATOR: Final = "operator (no row-level security)"
NOBODY: Final = "user without a rule"


def page(connection: Connection[Any]) -> None:
    """Draw the whole page."""
    st.set_page_config(page_title="CCI Lite preview", layout="wide")
    st.title("Calls and quality")
    try:
        tenants = _viewer(_access(connection))
        numbers = _numbers(connection, tenants) if tenants else None
    except AthenaError as error:
        _explain(error)
        return
    if numbers is None:
        st.warning(
            "This viewer sees nothing: no rule grants a tenant. Grant one in the tenant's "
            "document, then run `cci nightly`."
        )
        return
    for tenant in tenants:
        _banner(tenant, numbers.of(tenant))
    label = f"Tenant ({len(tenants)} visible)"
    own = numbers.of(st.sidebar.selectbox(label, tenants) or tenants[0])
    if own.calls.empty:
        st.info("No call of this tenant is published yet. Land some, then run `cci nightly`.")
        return
    _criteria(own)
    _agents(own)
    _weeks(own)


@st.cache_data(ttl=60, show_spinner="Asking Athena who sees what …")
def _access(_connection: Connection[Any]) -> Access:
    return reads.read_access(_connection)


@st.cache_data(ttl=60, show_spinner="Asking Athena …")
def _numbers(_connection: Connection[Any], tenants: tuple[str, ...]) -> Numbers:
    return reads.read_numbers(_connection, tenants)


@st.cache_resource
def _connection() -> Connection[Any]:
    return reads.connect(load_region())


def _explain(error: AthenaError) -> None:
    if any(word in str(error) for word in ("TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND")):
        st.info(f"Nothing is published yet. Run `cci nightly`, then reload. (Athena: {error})")
    else:
        st.error(f"The published views could not be read: {error}. Look at `cci status`.")


def _viewer(access: Access) -> tuple[str, ...]:
    """Ask who looks, say what they see and why, and return just those tenants."""
    names = {
        f"{kind} {rule[f'{kind}_name']}": (kind, str(rule[f"{kind}_name"]))
        for kind in ("user", "group")
        for rule in access.rules
        if rule[f"{kind}_name"]
    }
    chosen = st.sidebar.selectbox("View as", [OPERATOR, *sorted(names, reverse=True), NOBODY])
    kind, name = names.get(chosen or OPERATOR, ("user", ""))
    seen = rls.visible(
        [{"tenant_id": tenant} for tenant in access.tenants],
        access.rules,
        name if kind == "user" else "",
        [name] if kind == "group" else [],
        is_owner=chosen == OPERATOR,
        attached=True,
    )
    tenants = tuple(row["tenant_id"] for row in seen)
    if chosen == OPERATOR:
        st.sidebar.error("Sees all tenants: operators only.")
    elif len(tenants) > 1 and tenants == access.tenants:
        st.sidebar.error("Sees all tenants: by a rule for each, or by one with a blank tenant.")
    else:
        st.sidebar.caption(f"Rules grant: {', '.join(tenants) or 'nothing'}.")
    return tenants


def _banner(tenant: str, own: Numbers) -> None:
    """Say which run is shown, its verdict and newest call; in red what was held back and why."""
    runs, calls = own.runs.to_dict("records"), own.calls.to_dict("records")
    shown = f"run of {_when(runs[0]['run_id'])}" if runs else "nothing"
    about = (
        f"{calls[0]['calls_count']} calls, newest of {calls[0]['newest']}" if calls else "0 calls"
    )
    text = f"**{tenant}** · shown: {shown}, {about}."
    newest = own.verdicts[own.verdicts["run_id"] == own.verdicts["run_id"].max()]
    held = newest[newest["status"].isin(BLOCKING)]
    if runs:
        held = held[held["run_id"] != runs[0]["run_id"]]
    warned = newest[newest["status"] == "WARN"]
    if len(held):
        when = _when(held["run_id"].max())
        st.error(f"{text} The run of {when} was held back because of {_causes(held)}")
    elif not runs:
        st.info(f"{text} No run was published yet: run `cci nightly`.")
    elif len(warned):
        st.warning(f"{text} Published with warnings: {_causes(warned)}")
    else:
        st.success(f"{text} Every check passed.")


def _causes(verdicts: pd.DataFrame) -> str:
    ordered = verdicts.sort_values("dataset").fillna("").to_dict("records")
    return " ".join(f"`{row['dataset']}`: {row['why']} {row['what_to_do']}" for row in ordered)


def _when(run_id: str) -> str:
    started = datetime.strptime(run_id.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return f"{started:%d %b %Y, %H:%M} UTC"


def _criteria(own: Numbers) -> None:
    """Draw the failure rates with intervals, in the shortest window that can say something."""
    st.header("Which criteria fail, and how sure are we?")
    sure = set(own.rates[~own.rates["is_below_minimum_n"].astype(bool)]["window"])
    window = st.radio(
        "Window",
        list(WINDOWS),
        index=next((place for place, name in enumerate(WINDOWS) if name in sure), len(WINDOWS) - 1),
        format_func=WINDOWS.__getitem__,
        horizontal=True,
        label_visibility="collapsed",
    )
    rates = own.rates[own.rates["window"] == window]
    if rates.empty:
        st.info("No criterion was scored in this window.")
    for form, rows in rates.groupby("form_name"):
        st.caption(f"Form {form}. Grey: n below {MINIMUM_N}, too few to rank.")
        st.altair_chart(charts.failure_rates(rows), width="stretch")
    worse = rates[rates["change_flag"] == "worse"]["question"]
    if len(worse):
        st.warning("Surely worse than in the 28 days before: " + " ".join(worse))


def _agents(own: Numbers) -> None:
    """Draw agents by criteria over the last 90 local days."""
    st.header("Who needs help with what?")
    if own.agents.empty:
        st.info("No criterion was scored in the last 90 days.")
    for form, rows in own.agents.groupby("form_name"):
        most = rows["scored_count"].max()
        few = f" No agent gets there yet: the largest n is {most}." if most < MINIMUM_N else ""
        st.caption(
            f"Share failed of the 90 local days up to the newest call, form {form}. "
            f"Grey: n below {MINIMUM_N}, too few to compare.{few}"
        )
        st.altair_chart(charts.agent_heatmap(rows, MINIMUM_N), width="stretch")


def _weeks(own: Numbers) -> None:
    """Draw sentiment, tone and QA score by week."""
    st.header("How do calls feel, and is quality getting better?")
    st.caption(
        f"Weeks from Monday, local dates. Small figures: n calls. Hollow: n below {MINIMUM_N}."
    )
    left, middle, right = st.columns(3)
    with left:
        st.subheader("Sentiment")
        _sentiment(own.sentiment)
    with middle:
        st.subheader("Tone")
        _tone(own.sentiment)
    with right:
        st.subheader("QA score")
        _scores(own.scores)


def _sentiment(days: pd.DataFrame) -> None:
    if days["labelled_count"].sum() == 0:
        st.info("No call carries a sentiment yet.")
        return
    weeks = reads.by_week(days, ["labelled_count", *reads.LABELS])
    st.altair_chart(charts.sentiment_by_week(weeks), width="stretch")


def _tone(days: pd.DataFrame) -> None:
    if days["toned_count"].sum() == 0:
        st.info("No call carries a tone yet.")
        return
    weeks = reads.mean_by_week(days, "tone_sum", "toned_count").assign(series="tone")
    chart = charts.mean_by_week(
        weeks, "mean tone, 0 to 100", highest=100, number=".0f", minimum_n=MINIMUM_N
    )
    st.altair_chart(chart, width="stretch")


def _scores(days: pd.DataFrame) -> None:
    if days["scored_count"].sum() == 0:
        st.info("No evaluation is scored yet.")
        return
    keys = ["form_name", "form_version", "evaluator", "model_id", "prompt_version"]
    series = [
        reads.mean_by_week(rows, "final_score_sum", "scored_count").assign(
            series=f"form {judge[0]} v{judge[1]}, {judge[2]} {judge[3]}, prompt {judge[4]}"
        )
        for judge, rows in days.groupby(keys)
    ]
    weeks = pd.concat(series, ignore_index=True)
    chart = charts.mean_by_week(
        weeks, "mean QA score", highest=1, number=".0%", minimum_n=MINIMUM_N
    )
    st.altair_chart(chart, width="stretch")
    st.caption("Judged by: " + "; ".join(sorted(set(weeks["series"]))))


if __name__ == "__main__":
    page(_connection())
