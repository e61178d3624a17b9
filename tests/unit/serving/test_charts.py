"""Charts say how sure a number is: intervals, n, grey below the minimum, gaps for NULL."""

from typing import Any

import pandas as pd

from serving import charts

MINIMUM_N = 30


def rates() -> pd.DataFrame:
    columns = ["criterion_id", "failed_count", "scored_count", "low", "is_below_minimum_n"]
    rows = [
        ("few", 6, 7, 0.49, True),
        ("sure", 20, 40, 0.35, False),
        ("rare", 2, 40, 0.01, False),
    ]
    frame = pd.DataFrame(rows, columns=columns).rename(columns={"low": "failure_low_fraction"})
    return frame.assign(
        question=frame["criterion_id"] + "?",
        is_critical=frame["criterion_id"] == "rare",
        failure_fraction=frame["failed_count"] / frame["scored_count"],
        failure_high_fraction=0.97,
    )


def agents() -> pd.DataFrame:
    rows = [
        ("G-11", "greeting", 3, 30),
        ("G-7", "greeting", 6, 12),
        ("unknown", "greeting", 1, 1),
        ("G-7", "disclosure", 0, 0),
    ]
    return pd.DataFrame(rows, columns=["agent_id", "criterion_id", "failed_count", "scored_count"])


def weeks(series: str, first: str, means: list[float | None]) -> pd.DataFrame:
    dates = pd.date_range(first, periods=len(means), freq="7D")
    counts = [0 if mean is None else 40 for mean in means]
    return pd.DataFrame({"week": dates, "mean": means, "n": counts, "series": series})


def layers(chart: Any) -> list[dict[str, Any]]:
    return list(chart.to_dict()["layer"])


def data(chart: Any, layer: int = 0) -> list[dict[str, Any]]:
    spec = chart.to_dict()
    own = spec["layer"][layer].get("data", spec.get("data"))
    return list(spec["datasets"][own["name"]])


def test_failure_rates_are_ranked_by_the_lower_bound_and_too_few_come_last() -> None:
    chart = charts.failure_rates(rates())
    assert layers(chart)[0]["encoding"]["y"]["sort"] == ["sure", "rare", "few"]


def test_every_failure_rate_carries_its_interval_its_n_and_what_it_is() -> None:
    numbers = [row["numbers"] for row in data(charts.failure_rates(rates()))]
    assert numbers == [
        "50.0% (35.0% to 97.0%) · n = 40",
        "5.0% (1.0% to 97.0%) · n = 40 · critical",
        "85.7% (49.0% to 97.0%) · n = 7, too few",
    ]


def test_failure_bars_are_drawn_from_zero_on_one_scale_and_grey_below_the_minimum() -> None:
    bars = layers(charts.failure_rates(rates()))[0]["encoding"]
    assert bars["x"]["scale"]["domain"] == [0, 1]
    assert bars["color"]["condition"]["test"] == "datum.is_below_minimum_n"


def test_the_heatmap_colours_no_cell_below_the_minimum() -> None:
    colour = layers(charts.agent_heatmap(agents(), MINIMUM_N))[0]["encoding"]["color"]
    assert colour["condition"]["test"] == "datum.scored_count >= 30"
    assert colour["condition"]["scale"]["domain"] == [0, 1]


def test_the_heatmap_ends_with_all_agents_and_counts_g_7_before_g_11() -> None:
    chart = charts.agent_heatmap(agents(), MINIMUM_N)
    order = layers(chart)[0]["encoding"]["y"]["sort"]
    assert order == ["G-7", "G-11", "unknown", "all agents"]
    together = [row for row in data(chart) if row["agent_id"] == "all agents"]
    counts = {row["criterion_id"]: (row["failed_count"], row["scored_count"]) for row in together}
    assert counts == {"greeting": (10, 43), "disclosure": (0, 0)}


def test_a_cell_where_nothing_was_scored_has_no_rate_and_says_n_0() -> None:
    cells = data(charts.agent_heatmap(agents(), MINIMUM_N))
    assert [(row["rate"], row["percent"]) for row in cells if row["n"] == "n = 0"] == [
        (None, ""),
        (None, ""),
    ]


def test_sentiment_shares_of_a_week_add_up_and_an_empty_week_draws_nothing() -> None:
    frame = pd.DataFrame(
        {
            "week": pd.date_range("2026-01-05", periods=2, freq="7D"),
            "labelled_count": [4, 0],
            "positive": [1, 0],
            "neutral": [0, 0],
            "mixed": [1, 0],
            "negative": [2, 0],
        }
    )
    drawn = data(charts.sentiment_by_week(frame))
    assert [(row["label"], row["low"], row["high"]) for row in drawn] == [
        ("positive", 0.0, 0.25),
        ("mixed", 0.25, 0.5),
        ("negative", 0.5, 1.0),
    ]


def test_a_week_without_a_mean_is_null_and_points_below_the_minimum_are_hollow() -> None:
    chart = _means(weeks("a", "2026-01-05", [0.5, None, 0.7]))
    assert [row["mean"] for row in data(chart)] == [0.5, None, 0.7]
    fill = layers(chart)[1]["encoding"]["fill"]
    assert fill["condition"] == {"test": "datum.n < 30", "value": "white"}


def test_another_judge_is_another_line_announced_by_a_vertical_mark() -> None:
    both = [weeks("a", "2026-01-05", [0.5, 0.6]), weeks("b", "2026-01-19", [0.7])]
    chart = _means(pd.concat(both, ignore_index=True))
    mark = layers(chart)[-1]
    assert mark["mark"]["type"] == "rule"
    assert [row["week"] for row in data(chart, -1)] == ["2026-01-19T00:00:00"]
    assert layers(_means(both[0]))[-1]["mark"]["type"] == "text"


def test_every_chart_describes_itself() -> None:
    made = [
        charts.failure_rates(rates()),
        charts.agent_heatmap(agents(), MINIMUM_N),
        _means(weeks("a", "2026-01-05", [0.5])),
    ]
    assert all(chart.to_dict()["description"] for chart in made)


def _means(frame: pd.DataFrame) -> Any:
    return charts.mean_by_week(frame, "QA", highest=1, number=".0%", minimum_n=MINIMUM_N)
