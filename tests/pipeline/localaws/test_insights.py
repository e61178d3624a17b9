"""Insights answers what it reads of a log, and refuses the rest."""

import time

import pytest
from botocore.exceptions import ClientError

from tests.support.log_lines import GROUP, log_group, write

pytestmark = pytest.mark.pipeline

LINES = (
    {"level": "ERROR", "stage": "judge", "ms": 10, "call": {"tenant": "acme"}},
    {"level": "ERROR", "stage": "land", "ms": 30, "call": {"tenant": "acme-uk"}},
    {"level": "INFO", "stage": "judge", "ms": 20, "call": {"tenant": "acme"}},
    "not json",
)


@pytest.fixture(scope="module")
def asked(aws_factory):
    aws = log_group(aws_factory())
    write(aws, *LINES)

    def ask(query):
        logs = aws.client("logs")
        started = logs.start_query(
            logGroupName=GROUP,
            queryString=query,
            startTime=int(time.time()) - 3600,
            endTime=int(time.time()) + 3600,
        )["queryId"]
        results = logs.get_query_results(queryId=started)["results"]
        return [{c["field"]: c["value"] for c in row if c["field"] != "@ptr"} for row in results]

    return ask


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("fields stage, ms | filter level = 'ERROR' | sort ms desc | limit 1", [("land", "30")]),
        ("fields ms | filter level = 'ERROR' and stage = 'judge'", [("10",)]),
        ("fields ms | filter ms >= 20 | sort ms asc", [("20",), ("30",)]),
        ("fields ms | filter call.tenant = 'acme' | sort ms", [("10",), ("20",)]),
        ("fields @message | filter @message like /not j/", [("not json",)]),
        ("fields ms | filter stage like 'lan'", [("30",)]),
        ("fields ms | filter stage in ['land', 'x']", [("30",)]),
        ("fields @message | filter not ispresent(level)", [("not json",)]),
        (
            "stats count(*) as n by level | sort n desc | filter ispresent(level)",
            [("ERROR", "2"), ("INFO", "1")],
        ),
        (
            "filter ispresent(ms) | stats sum(ms) as total, avg(ms), max(ms) by stage | sort total",
            [("judge", "30", "15", "20"), ("land", "30", "30", "30")],
        ),
        ("stats count() as n", [("4",)]),
        ("stats count_distinct(stage) as stages", [("2",)]),
    ],
)
def test_insights_answers_what_was_asked(asked, query, rows):
    assert sorted(tuple(row.values()) for row in asked(query)) == sorted(rows)


@pytest.mark.parametrize(
    "query",
    [
        "fields @message | parse @message '*' as x",
        "fields ms | filter level = 'A' or level = 'B'",
        "stats pct(ms, 95) by stage",
        "fields concat(a, b)",
        "fields ms | dedup stage",
        "filter strlen(stage) > 3",
    ],
)
def test_insights_refuses_what_it_does_not_read(asked, query):
    with pytest.raises(ClientError, match="localaws does not implement logs:StartQuery"):
        asked(query)
