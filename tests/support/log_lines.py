"""Lines in a log, for the tests of metrics, alarms and Insights."""

import json
import time
from typing import Any

from tests.support.localaws_server import LocalAws

GROUP = "/app"
EMBEDDED = {
    "_aws": {
        "CloudWatchMetrics": [
            {
                "Namespace": "App",
                "Dimensions": [["Stage"], []],
                "Metrics": [{"Name": "Latency", "Unit": "Milliseconds"}],
            }
        ]
    },
    "Stage": "judge",
    "Latency": [100, 300],
}


def log_group(aws: LocalAws) -> LocalAws:
    """Make the group and its one stream; return the server."""
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="one")
    return aws


def write(aws: LocalAws, *lines: Any, at: float | None = None) -> None:
    """Log lines, texts or JSON, at one moment: now unless another is given."""
    moment = int((at or time.time()) * 1000)
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    aws.client("logs").put_log_events(
        logGroupName=GROUP,
        logStreamName="one",
        logEvents=[{"timestamp": moment, "message": text} for text in texts],
    )
