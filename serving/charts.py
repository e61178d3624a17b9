"""Frames of published numbers -> Altair charts that say how sure a number is.

Intervals are drawn, n is shown, what is below the minimum n is grey or hollow and never ranked;
NULL is a gap and 0 is 0. Colours are Okabe-Ito's; no chart relies on colour alone. Texts stand
above their bars and inside their cells, so that a chart 350 px wide still says everything.
"""

from collections.abc import Mapping
from typing import Any, Final

import altair as alt
import pandas as pd

SENTIMENT_COLOURS: Final = {
    "positive": "#0072B2",
    "neutral": "#999999",
    "mixed": "#E69F00",
    "negative": "#D55E00",
}
ALL_AGENTS: Final = "all agents"
UNKNOWN_AGENT: Final = "unknown"
_SERIES: Final = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"]
_GREY: Final = "#BBBBBB"
_PALE: Final = "#EEEEEE"
_INK: Final = "#222222"
_QUIET: Final = "#555555"
_ORANGES: Final = ["#FFF5EB", "#F16913"]
"""Light enough that dark text on the far end keeps a contrast of 5:1."""
_WHOLE: Final = ".0%"
_TENTHS: Final = ".1%"


def failure_rates(frame: pd.DataFrame) -> Any:
    """Return one bar per criterion with its 95 % interval, most surely failing first.

    Needs criterion_id, question, is_critical, failure_fraction, failure_low_fraction,
    failure_high_fraction, scored_count, failed_count, is_below_minimum_n.
    """
    ranked = frame.sort_values(
        ["is_below_minimum_n", "failure_low_fraction", "criterion_id"],
        ascending=[True, False, True],
    )
    shown = ranked.assign(numbers=[_numbers(row) for row in ranked.to_dict("records")])
    base = alt.Chart(shown).encode(
        y=alt.Y("criterion_id:N", sort=list(shown["criterion_id"]), axis=None),
        tooltip=[
            "question:N",
            alt.Tooltip("failure_fraction:Q", format=_TENTHS, title="failed"),
            alt.Tooltip("failure_low_fraction:Q", format=_TENTHS, title="low"),
            alt.Tooltip("failure_high_fraction:Q", format=_TENTHS, title="high"),
            "failed_count:Q",
            "scored_count:Q",
        ],
    )
    bars = base.mark_bar(size=12, yOffset=17).encode(
        x=alt.X(
            "failure_fraction:Q",
            title="share failed, with 95% interval",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format=_WHOLE, tickCount=5),
        ),
        color=alt.condition("datum.is_below_minimum_n", alt.value(_GREY), alt.value(_SERIES[0])),
    )
    intervals = base.mark_rule(strokeWidth=2, color=_INK, yOffset=17).encode(
        x="failure_low_fraction:Q", x2="failure_high_fraction:Q"
    )
    questions = _left(base, -15, _INK).encode(text="question:N")
    numbers = _left(base, 1, _QUIET).encode(text="numbers:N")
    chart = bars + intervals + questions + numbers
    return _finished(
        chart, 58 * len(shown) + 50, "Failure rate of each criterion with its 95% interval"
    )


def agent_heatmap(frame: pd.DataFrame, minimum_n: int) -> Any:
    """Return agents by criteria, the failure rate in each cell; grey where n is too small.

    Needs agent_id, criterion_id, failed_count, scored_count. The last row is all agents together.
    """
    sums = frame.groupby("criterion_id", as_index=False)[["failed_count", "scored_count"]].sum()
    shown = pd.concat([frame, sums.assign(agent_id=ALL_AGENTS)], ignore_index=True)
    scored = shown["scored_count"].astype(float)
    shown["rate"] = shown["failed_count"].astype(float) / scored.where(scored > 0)
    shown["percent"] = ["" if pd.isna(rate) else f"{rate:.0%}" for rate in shown["rate"]]
    shown["n"] = [f"n = {count}" for count in shown["scored_count"]]
    base = alt.Chart(shown).encode(
        x=alt.X(
            "criterion_id:N",
            title=None,
            axis=alt.Axis(orient="top", labelAngle=-35, labelOverlap=False, ticks=False),
        ),
        y=alt.Y("agent_id:N", title=None, sort=_agents(frame), axis=alt.Axis(ticks=False)),
        tooltip=[
            "agent_id:N",
            "criterion_id:N",
            alt.Tooltip("rate:Q", format=_TENTHS, title="failed"),
            "failed_count:Q",
            "scored_count:Q",
        ],
    )
    cells = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.condition(
            f"datum.scored_count >= {minimum_n}",
            alt.Color("rate:Q", scale=alt.Scale(domain=[0, 1], range=_ORANGES), legend=None),
            alt.value(_PALE),
        )
    )
    rates = base.mark_text(dy=-6, fontSize=13, color=_INK).encode(text="percent:N")
    counts = base.mark_text(dy=9, fontSize=10, color=_QUIET).encode(text="n:N")
    height = 38 * shown["agent_id"].nunique() + 75
    return _finished(cells + rates + counts, height, "Failure rate by agent and criterion")


def sentiment_by_week(frame: pd.DataFrame) -> Any:
    """Return the share of each sentiment among labelled calls per week, n above each bar.

    Needs week, labelled_count and one column of counts per sentiment.
    """
    labels, weeks = list(SENTIMENT_COLOURS), _weeks(frame["week"])
    bars = (
        alt.Chart(_stacked(frame, labels))
        .mark_rect(stroke="white", strokeWidth=1)
        .encode(
            x=weeks,
            x2="week_end:T",
            y=alt.Y("low:Q", axis=alt.Axis(format=_WHOLE), title="share of labelled calls"),
            y2="high:Q",
            color=alt.Color(
                "label:N",
                scale=alt.Scale(domain=labels, range=list(SENTIMENT_COLOURS.values())),
                title=None,
                legend=alt.Legend(orient="bottom", columns=2),
            ),
            tooltip=[
                alt.Tooltip("week:T", title="week of"),
                "label:N",
                "calls_count:Q",
                "labelled_count:Q",
            ],
        )
    )
    middles = frame.assign(week=frame["week"] + pd.Timedelta(hours=84))
    chart = bars + _counts(middles, "labelled_count", weeks)
    return _finished(chart, 310, "Sentiment of labelled calls per week")


def mean_by_week(
    frame: pd.DataFrame, title: str, *, highest: float, number: str, minimum_n: int
) -> Any:
    """Return weekly means as a line per series; a week without data is a gap.

    Needs week, mean, n, series. A point is hollow when its n is below the minimum; a series that
    begins later (another model, prompt or form) is announced by a vertical mark.
    """
    several, weeks = frame["series"].nunique() > 1, _weeks(frame["week"])
    base = alt.Chart(frame).encode(
        x=weeks,
        y=alt.Y(
            "mean:Q",
            title=title,
            scale=alt.Scale(domain=[0, highest]),
            axis=alt.Axis(format=number),
        ),
        color=alt.Color(
            "series:N",
            scale=alt.Scale(range=_SERIES),
            title=None,
            legend=alt.Legend(orient="bottom", columns=1, labelLimit=320) if several else None,
        ),
        tooltip=[
            alt.Tooltip("week:T", title="week of"),
            alt.Tooltip("mean:Q", format=".3f"),
            "n:Q",
            "series:N",
        ],
    )
    lines = base.mark_line().encode(strokeDash=alt.StrokeDash("series:N", legend=None))
    points = base.mark_point(size=45, opacity=1).encode(
        fill=alt.condition(
            f"datum.n < {minimum_n}",
            alt.value("white"),
            alt.Color("series:N", scale=alt.Scale(range=_SERIES), legend=None),
        )
    )
    totals = frame.groupby("week")[["n"]].sum().reset_index()
    chart = lines + points + _counts(totals, "n", weeks)
    if several:
        chart += _changes(frame, weeks)
    return _finished(chart, 260, f"{title} per week")


def _numbers(row: Mapping[Any, Any]) -> str:
    words = [
        f"{row['failure_fraction']:.1%} "
        f"({row['failure_low_fraction']:.1%} to {row['failure_high_fraction']:.1%})",
        f"n = {row['scored_count']}" + (", too few" if row["is_below_minimum_n"] else ""),
    ]
    return " · ".join([*words, "critical"] if row["is_critical"] else words)


def _left(base: Any, down: int, colour: str) -> Any:
    return base.mark_text(align="left", dy=down, fontSize=12, color=colour).encode(x=alt.value(0))


def _agents(frame: pd.DataFrame) -> list[str]:
    """Return agents as people count them (G-7 before G-11), the nameless and the sum last."""
    names = sorted(set(frame["agent_id"]) - {UNKNOWN_AGENT}, key=lambda name: (len(name), name))
    return [*names, UNKNOWN_AGENT, ALL_AGENTS]


def _stacked(frame: pd.DataFrame, labels: list[str]) -> pd.DataFrame:
    """Return one row per week and label that has calls, with the span of its share, 0 to 1."""
    shown = frame.assign(week_end=frame["week"] + pd.Timedelta(days=7))
    long = shown.melt(["week", "week_end", "labelled_count"], labels, "label", "calls_count")
    share = long["calls_count"].astype(float) / long["labelled_count"].astype(float)
    high = share.groupby(long["week"]).cumsum()
    return long.assign(low=high - share, high=high)[long["calls_count"] > 0]


def _changes(frame: pd.DataFrame, weeks: Any) -> Any:
    """Return a vertical mark at the first week of every series but the first."""
    begins = frame[frame["n"] > 0].groupby("series")[["week"]].min()
    later = begins[begins["week"] > begins["week"].min()]
    return alt.Chart(later).mark_rule(strokeDash=[4, 3], color=_QUIET).encode(x=weeks)


def _weeks(weeks: "pd.Series[Any]") -> Any:
    """Return the time axis of these Mondays; it names at most five of them."""
    mondays = sorted(set(weeks))
    named = [
        alt.DateTime(year=day.year, month=day.month, date=day.day)
        for day in mondays[:: -(-len(mondays) // 5)]
    ]
    return alt.X("week:T", title=None, axis=alt.Axis(format="%d %b", values=named, grid=False))


def _counts(frame: pd.DataFrame, column: str, weeks: Any) -> Any:
    """Return the n of each week as a row of small figures above the plot."""
    return (
        alt.Chart(frame)
        .mark_text(fontSize=10, color=_QUIET)
        .encode(x=weeks, y=alt.value(-10), text=f"{column}:Q")
    )


def _finished(chart: Any, height: int, description: str) -> Any:
    return (
        chart.properties(height=height, description=description)
        .configure_axis(labelColor=_QUIET, titleColor=_QUIET, labelFontSize=12, titleFontSize=12)
        .configure_legend(labelColor=_QUIET, labelFontSize=12)
    )
