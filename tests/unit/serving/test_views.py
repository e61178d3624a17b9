"""The statements behind what people query, and when they are sent."""

from contracts.datasets import dataset_named
from contracts.names import PUBLISHED_DATABASE
from serving.views import ensure_tables, status_sql, view_sql
from tests.support.publish_world import new_world, serving_ports

COLUMNS = [{"Name": "call_id", "Type": "string"}, {"Name": "window", "Type": "string"}]


def test_a_view_names_its_columns_tenant_first_and_joins_the_pointer_of_its_own_tenant() -> None:
    assert view_sql(dataset_named("fct_calls"), COLUMNS) == (
        "create or replace view cci_lite.fct_calls as\n"
        'select published."tenant_id", published."call_id", published."window", '
        'published."call_month", published."run_id"\n'
        "from cci_lite.fct_calls__runs as published\n"
        "inner join cci_lite.published_runs as runs\n"
        "    on runs.tenant_id = published.tenant_id and runs.run_id = published.run_id"
    )


def test_a_report_shows_no_month_because_it_has_none() -> None:
    assert "call_month" not in view_sql(dataset_named("rpt_qa_daily"), COLUMNS)


def test_the_status_view_does_not_ask_which_run_is_shown() -> None:
    assert "published_runs" not in status_sql()


def test_views_are_replaced_only_when_their_text_changed() -> None:
    world = new_world()
    ensure_tables(serving_ports(world))
    made = len(world.statements)
    assert made == 7
    ensure_tables(serving_ports(world))
    assert len(world.statements) == made
    build = world.tables["cci_lite_build", "fct_calls"]["StorageDescriptor"]
    build["Columns"].append({"Name": "added", "Type": "string"})
    ensure_tables(serving_ports(world))
    assert [sql.split()[4] for sql in world.statements[made:]] == ["cci_lite.fct_calls"]
    runs = world.tables[PUBLISHED_DATABASE, "fct_calls__runs"]
    assert runs["StorageDescriptor"]["Columns"][-1]["Name"] == "added"


def test_a_view_somebody_dropped_is_made_again() -> None:
    world = new_world()
    ensure_tables(serving_ports(world))
    del world.tables[PUBLISHED_DATABASE, "fct_calls"]
    before = len(world.statements)
    ensure_tables(serving_ports(world))
    assert len(world.statements) == before + 1
