"""When the marts need no building: nothing they are made of has changed."""

from datetime import UTC, datetime

from cci.jobs.dbt_inputs import hash_inputs, local_dates

FILES = ["tables/calls/tenant_id=acme/call_month=2026-10/g000001/a-1.parquet"]


def test_a_new_file_another_project_or_another_day_is_a_new_input() -> None:
    before = hash_inputs("s3://a/1.zip", FILES, {"UTC 2026-11-21"})
    assert hash_inputs("s3://a/1.zip", FILES, {"UTC 2026-11-21"}) == before
    assert hash_inputs("s3://a/1.zip", [*FILES, "tables/b"], {"UTC 2026-11-21"}) != before
    assert hash_inputs("s3://a/2.zip", FILES, {"UTC 2026-11-21"}) != before
    assert hash_inputs("s3://a/1.zip", FILES, {"UTC 2026-11-22"}) != before


def test_an_intent_is_no_input() -> None:
    intents = [*FILES, "tables/_intents/done/x.json"]
    assert hash_inputs("p", intents, ()) == hash_inputs("p", FILES, ())


def test_a_day_is_the_tenant_s_own_and_an_unknown_zone_counts_as_utc() -> None:
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert local_dates(["Europe/London", "UTC", "No/Where"], late) == {
        "Europe/London 2026-07-02",
        "UTC 2026-07-01",
        "No/Where 2026-07-01",
    }
