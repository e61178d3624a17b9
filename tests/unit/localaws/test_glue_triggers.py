"""Which schedules a Glue trigger may have, and when they fire."""

from datetime import UTC, datetime

import pytest

from localaws.caller import Caller
from localaws.errors import ApiError
from localaws.services.glue_triggers import create_trigger, next_time

CALLER = Caller("", "eu-central-1", "000000000000", "test", "test")


@pytest.mark.parametrize(
    ("schedule", "after", "fires"),
    [
        ("cron(0 2 * * ? *)", "2026-01-31T02:00", "2026-02-01T02:00"),
        ("cron(15/20 6-7 ? * MON-FRI *)", "2026-01-30T07:55", "2026-02-02T06:15"),
        ("cron(0 0 L * ? *)", "2026-02-01T00:00", "2026-02-28T00:00"),
        ("cron(0 0 ? * 2#1 *)", "2026-01-31T00:00", "2026-02-02T00:00"),
        ("cron(0 0 1 JAN ? 2028)", "2026-06-01T00:00", "2028-01-01T00:00"),
        ("cron(0 0 1 1 ? 2025)", "2026-01-01T00:00", None),
    ],
)
def test_a_schedule_fires_in_utc(schedule, after, fires):
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC).timestamp()
    found = next_time(schedule, moment)
    shown = found and datetime.fromtimestamp(found, UTC).strftime("%Y-%m-%dT%H:%M")
    assert shown == fires


@pytest.mark.parametrize(
    "schedule",
    ["rate(5 minutes)", "cron(0 2 * * *)", "cron(0 2 * * * *)", "cron(0 2 ? * ? *)", "0 2 * * ? *"],
)
def test_what_is_no_schedule_of_glues_is_refused(schedule):
    request = {
        "Name": "t",
        "Type": "SCHEDULED",
        "Schedule": schedule,
        "Actions": [{"JobName": "flatten"}],
    }
    with pytest.raises(ApiError, match="is no cron expression"):
        create_trigger(request, CALLER)
