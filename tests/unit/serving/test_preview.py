"""The preview page for every kind of viewer: no exception, and the numbers of the rows."""

import json
from typing import Any

import pytest
import streamlit as st
from pyathena.error import OperationalError
from streamlit.testing.v1 import AppTest

from serving.preview import reads
from tests.support.preview_rows import NEW_RUN, WHAT_TO_DO, WHY, FakeConnection, Rows, story


@pytest.fixture(autouse=True)
def _no_cache() -> None:
    st.cache_data.clear()


@pytest.fixture
def rows() -> Rows:
    return story()


def see(connection: Any, viewer: str = "") -> AppTest:
    """Run the page as `viewer`, the operator unless named."""
    page = AppTest.from_function(_script, args=(connection,), default_timeout=30).run()
    if viewer:
        page.sidebar.selectbox[0].select(viewer).run()
    assert not page.exception
    return page


def _script(connection):  # type: ignore[no-untyped-def]  # AppTest runs its bare source
    from serving.preview.app import page

    page(connection)


def charts(page: AppTest) -> list[str]:
    """Return the specification and data of every chart as one text each."""
    found = []
    for chart in page.get("vega_lite_chart"):
        frames = [_table(data.data.data) for data in chart.proto.datasets]
        found.append(json.dumps([json.loads(chart.proto.spec), frames], default=str))
    return found


def _table(body: bytes) -> Any:
    import pyarrow as pa

    return pa.ipc.open_stream(body).read_all().to_pylist()


def texts(page: AppTest) -> str:
    kinds = (page.success, page.error, page.warning, page.info, page.caption)
    return "\n".join(element.value for kind in kinds for element in kind)


def test_the_operator_reads_the_state_of_every_tenant_and_is_warned(rows: Rows) -> None:
    page = see(FakeConnection(rows))
    assert [one.value for one in page.sidebar.error] == ["Sees all tenants: operators only."]
    assert "**acme** · shown: run of 30 Jan 2026, 02:00 UTC, 40 calls" in page.success[0].value
    assert page.sidebar.selectbox[1].options == ["acme", "acme-uk", "globex"]


def test_a_user_sees_the_numbers_of_the_granted_tenant_alone(rows: Rows) -> None:
    page = see(FakeConnection(rows), "user ann@acme.example")
    assert page.sidebar.selectbox[1].options == ["acme"]
    assert "acme-uk" not in texts(page)
    drawn = charts(page)
    assert len(drawn) == 5
    assert "25.0% (14.2% to 40.2%) \\u00b7 n = 40" in drawn[0]
    assert '"rate": 0.25, "percent": "25%", "n": "n = 32"' in drawn[1]
    assert '"mean": 70.0' in drawn[3]
    assert '"mean": 0.75' in drawn[4]


def test_the_page_opens_at_the_shortest_window_that_reaches_the_minimum(rows: Rows) -> None:
    page = see(FakeConnection(rows), "user ann@acme.example")
    assert page.radio[0].value == "90_days"
    page.radio[0].set_value("28_days").run()
    assert "n = 8, too few" in charts(page)[0]


def test_a_changed_filter_asks_athena_nothing(rows: Rows) -> None:
    connection = FakeConnection(rows)
    page = see(connection)
    asked = len(connection.asked)
    page.radio[0].set_value("28_days").run()
    page.sidebar.selectbox[1].select("acme-uk").run()
    assert len(connection.asked) == asked == 9


def test_a_group_of_a_blocked_tenant_reads_what_was_held_back_and_why(rows: Rows) -> None:
    page = see(FakeConnection(rows), "group uk-analysts")
    (banner,) = page.error
    assert "shown: run of 29 Jan 2026, 02:00 UTC, 4 calls" in banner.value
    assert "The run of 30 Jan 2026, 02:00 UTC was held back" in banner.value
    assert f"`fct_criterion_results`: {WHY} {WHAT_TO_DO}" in banner.value
    assert '"mean": 30.0' in charts(page)[3]
    assert "the largest n is 3" in texts(page)


def test_a_tenant_that_was_never_published_says_so_and_draws_nothing(rows: Rows) -> None:
    page = see(FakeConnection(rows), "group globex-analysts")
    assert "**globex** · shown: nothing, 0 calls. The run of" in page.error[0].value
    assert "No call of this tenant is published yet" in page.info[0].value
    assert charts(page) == []


def test_a_user_without_a_rule_sees_nothing_and_is_told_why(rows: Rows) -> None:
    page = see(FakeConnection(rows), "user without a rule")
    assert "This viewer sees nothing" in page.warning[0].value
    assert charts(page) == []


def test_a_blank_tenant_in_a_rule_is_shown_in_red_as_seeing_all(rows: Rows) -> None:
    rows["rls_rules"].append({"user_name": "eve@acme.example", "tenant_id": " "})
    page = see(FakeConnection(rows), "user eve@acme.example")
    assert "Sees all tenants" in page.sidebar.error[0].value


def test_warnings_of_a_published_run_are_said_in_the_banner(rows: Rows) -> None:
    rows["quality_status"][0] |= {"status": "WARN", "why": WHY, "what_to_do": WHAT_TO_DO}
    page = see(FakeConnection(rows), "user ann@acme.example")
    assert f"Published with warnings: `fct_calls`: {WHY}" in page.warning[0].value


def test_calls_without_any_evaluation_or_mood_are_sentences_not_empty_charts(rows: Rows) -> None:
    for view in ("fct_criterion_results", "rpt_criterion_failure_rates", "rpt_qa_daily"):
        rows[view] = []
    for row in rows["rpt_sentiment_daily"]:
        row |= {"labelled_count": 0, "toned_count": 0, "tone_sum": None}
    page = see(FakeConnection(rows), "user ann@acme.example")
    assert charts(page) == []
    assert len(page.info) == 5


def test_nothing_published_says_what_to_run() -> None:
    page = see(_Failing("TABLE_NOT_FOUND: Table 'cci_lite.published_runs' does not exist"))
    assert "Nothing is published yet. Run `cci nightly`" in page.info[0].value


@pytest.mark.parametrize("reason", ["COLUMN_NOT_FOUND", "TOO_MANY_REQUESTS"])
def test_any_other_failure_of_athena_is_not_called_unpublished(reason: str) -> None:
    page = see(_Failing(reason))
    assert f"could not be read: {reason}" in page.error[0].value
    assert not page.info


def test_every_query_of_numbers_carries_the_tenants_and_no_other(rows: Rows) -> None:
    connection = FakeConnection(rows)
    numbers = reads.read_numbers(connection, ["acme"])  # type: ignore[arg-type]
    assert all("tenant_id in (%(tenant0)s)" in sql for sql in connection.asked)
    assert set(numbers.calls["tenant_id"]) | set(numbers.agents["tenant_id"]) == {"acme"}
    with pytest.raises(ValueError, match="no tenant"):
        reads.read_numbers(connection, [])  # type: ignore[arg-type]


def test_a_week_without_calls_is_a_gap_and_not_a_zero(rows: Rows) -> None:
    numbers = reads.read_numbers(FakeConnection(rows), ["acme"])  # type: ignore[arg-type]
    weeks = reads.mean_by_week(numbers.sentiment, "tone_sum", "toned_count")
    assert list(weeks["n"]) == [8, 4, 0, 8]
    assert list(weeks["mean"].isna()) == [False, False, True, False]


def test_the_heatmap_counts_the_ninety_days_up_to_the_newest_call(rows: Rows) -> None:
    rows["fct_criterion_results"][0]["local_date"] = "2025-11-01"
    rows["fct_criterion_results"][1]["local_date"] = "2025-11-02"
    agents = reads.read_numbers(FakeConnection(rows), ["acme"]).agents  # type: ignore[arg-type]
    assert dict(zip(agents["agent_id"], agents["scored_count"], strict=True)) == {
        "G-7": 32,
        "G-11": 7,
    }


class _Failing:
    """A connection whose every statement fails."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def cursor(self) -> "_Failing":
        return self

    def execute(self, sql: str, parameters: object) -> None:
        raise OperationalError(f"{self._reason} ({sql[:6]}, {parameters}, run {NEW_RUN})")
