"""Frames of published numbers -> Altair charts that say how sure a number is.

Intervals are drawn, n is shown, rows below the minimum n are grey and never ranked; NULL is a gap
and 0 is 0. Colours are Okabe-Ito's; no chart relies on colour alone.
"""

from typing import Any, Final

import altair as alt
import pandas as pd

COLOURS: Final = {
    "positive": "#0072B2",
    "neutral": "#999999",
    "mixed": "#E69F00",
    "negative": "#D55E00",
}
ACCENT: Final = "#0072B2"
GREY: Final = "#BBBBBB"
PERCENT: Final = ".1%"


def failure_rates(frame: pd.DataFrame) -> Any:
    """Return one bar per criterion with its 95 % interval, most surely failing first.

    Needs criterion, failure_fraction, failure_low_fraction, failure_high_fraction, scored_count,
    failed_count, is_below_minimum_n.
    """
    shown = frame.assign(
        n=[
            f"n = {scored}, too few" if few else f"n = {scored}"
            for scored, few in zip(frame["scored_count"], frame["is_below_minimum_n"], strict=True)
        ]
    )
    order = [
        str(name)
        for name in shown.sort_values(
            ["is_below_minimum_n", "failure_low_fraction"], ascending=[True, False]
        )["criterion"]
    ]
    base = alt.Chart(shown).encode(
        y=alt.Y("criterion:N", sort=order, title=None, axis=alt.Axis(labelLimit=320)),
        tooltip=[
            "criterion",
            alt.Tooltip("failure_fraction:Q", format=PERCENT, title="failed"),
            alt.Tooltip("failure_low_fraction:Q", format=PERCENT, title="low"),
            alt.Tooltip("failure_high_fraction:Q", format=PERCENT, title="high"),
            "failed_count",
            "scored_count",
        ],
    )
    colour = alt.condition(alt.datum.is_below_minimum_n, alt.value(GREY), alt.value(ACCENT))
    bars = base.mark_bar(height={"band": 0.6}).encode(
        x=alt.X("failure_fraction:Q", title="failed ÷ (passed + failed)", axis=_percent()),
        color=colour,
    )
    rules = base.mark_rule(strokeWidth=2, color="#333333").encode(
        x="failure_low_fraction:Q", x2="failure_high_fraction:Q"
    )
    labels = base.mark_text(align="left", dx=6, color="#333333").encode(
        x="failure_high_fraction:Q", text="n:N"
    )
    return (bars + rules + labels).properties(
        height=alt.Step(34), description="Failure rate of each criterion with its 95 % interval"
    )


def agent_heatmap(frame: pd.DataFrame, minimum_n: int) -> Any:
    """Return agents by criteria, the failure rate in each cell; grey where n is too small.

    Needs agent_id, criterion_id, failed_count, scored_count.
    """
    shown = frame.assign(rate=frame["failed_count"] / frame["scored_count"].replace(0, pd.NA))
    shown["rate"] = shown["rate"].astype("Float64")
    shown["label"] = [
        "no data" if pd.isna(rate) else f"{rate:.0%}" + ("" if n >= minimum_n else f" (n = {n})")
        for rate, n in zip(shown["rate"], shown["scored_count"], strict=True)
    ]
    base = alt.Chart(shown).encode(
        x=alt.X("criterion_id:N", title=None, axis=alt.Axis(labelAngle=-30, labelLimit=200)),
        y=alt.Y("agent_id:N", title="agent"),
        tooltip=["agent_id", "criterion_id", "failed_count", "scored_count", "label"],
    )
    scale = alt.Scale(scheme="oranges", domain=[0, 1])
    cells = base.mark_rect().encode(
        color=alt.condition(
            f"datum.scored_count >= {minimum_n}",
            alt.Color("rate:Q", scale=scale, title="failed", legend=alt.Legend(format=".0%")),
            alt.value("#E8E8E8"),
        )
    )
    text = base.mark_text(fontSize=11).encode(
        text="label:N",
        color=alt.condition(
            f"datum.scored_count >= {minimum_n} && datum.rate > 0.6",
            alt.value("white"),
            alt.value("#222222"),
        ),
    )
    return (cells + text).properties(
        height=alt.Step(30), description="Failure rate by agent and criterion"
    )


def sentiment_over_time(frame: pd.DataFrame) -> Any:
    """Return the share of each sentiment among labelled calls per week.

    Needs week, label, calls_count, labelled_count.
    """
    return (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X("week:T", title=None),
            y=alt.Y("calls_count:Q", stack="normalize", axis=_percent(), title="labelled calls"),
            color=alt.Color(
                "label:N",
                scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())),
                title=None,
                legend=alt.Legend(orient="bottom"),
            ),
            tooltip=[alt.Tooltip("week:T"), "label", "calls_count", "labelled_count"],
        )
        .properties(height=260, description="Sentiment of labelled calls per week")
    )


def mean_over_time(frame: pd.DataFrame, value: str, title: str, low: float, high: float) -> Any:
    """Return a weekly mean as a line with its points; a week without data is a gap.

    Needs week, `value`, n.
    """
    return (
        alt.Chart(frame)
        .mark_line(point=True, color=ACCENT)
        .encode(
            x=alt.X("week:T", title=None),
            y=alt.Y(f"{value}:Q", title=title, scale=alt.Scale(domain=[low, high])),
            tooltip=[alt.Tooltip("week:T"), alt.Tooltip(f"{value}:Q", format=".3f"), "n"],
        )
        .properties(height=260, description=f"{title} per week")
    )


def _percent() -> Any:
    return alt.Axis(format=".0%")
