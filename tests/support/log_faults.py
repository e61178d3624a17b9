"""What unmodified ministack gets wrong about logs, metrics and alarms, shown on a bare server."""

import time

import pytest
from botocore.exceptions import ClientError

from tests.support.localaws_scenes import forward, function
from tests.support.localaws_server import LocalAws, wait_until

DAY = 86400
EMBEDDED = (
    '{"_aws": {"Timestamp": %d, "CloudWatchMetrics": [{"Namespace": "embedded", '
    '"Dimensions": [[]], "Metrics": [{"Name": "calls"}]}]}, "calls": 3}'
)


def logs_know_no_saved_query(bare: LocalAws) -> None:
    """Saved queries are an operation nobody knows."""
    with pytest.raises(ClientError, match="PutQueryDefinition"):
        bare.client("logs").put_query_definition(name="q", queryString="fields @message")


def an_embedded_line_makes_no_metric(bare: LocalAws) -> None:
    """A line in embedded metric format stays a line."""
    write(bare, "embedded", EMBEDDED % (time.time() * 1000))
    assert bare.client("cloudwatch").list_metrics(Namespace="embedded")["Metrics"] == []


def logs_keep_a_filter_they_could_not_apply(bare: LocalAws) -> None:
    """A pattern that is none is kept."""
    write(bare, "filtered", "a line")
    bare.client("logs").put_metric_filter(
        logGroupName="filtered",
        filterName="broken",
        filterPattern="{ $.level = ",
        metricTransformations=[
            {"metricName": "m", "metricNamespace": "n", "metricValue": "1"},
        ],
    )


def insights_answer_stats_with_lines(bare: LocalAws) -> None:
    """A count gives the lines, not their number."""
    write(bare, "counted", "a line")
    logs = bare.client("logs")
    now = int(time.time())
    query = logs.start_query(
        logGroupName="counted",
        startTime=now - 600,
        endTime=now + 600,
        queryString="stats count(*) as lines",
    )["queryId"]
    results = logs.get_query_results(queryId=query)["results"]
    assert not any(cell["field"] == "lines" for row in results for cell in row)


def a_metric_without_dimensions_is_every_metric_of_its_name(bare: LocalAws) -> None:
    """A question that names no dimension is answered with another metric's data."""
    datum(bare, "summed", 5, tenant="acme")
    assert sums(bare, "summed") == [5]


def an_alarm_hears_the_metric_of_another(bare: LocalAws) -> None:
    """The alarm of one tenant goes off for the other's."""
    cloudwatch = bare.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="acme",
        Namespace="alarmed",
        MetricName="calls",
        Dimensions=[{"Name": "tenant_id", "Value": "acme"}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    datum(bare, "alarmed", 5, tenant="acme-uk")
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=["acme"])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"


def a_datum_without_a_time_has_the_machines(bare: LocalAws) -> None:
    """The clock was moved by a day, the datum was not."""
    forward(bare, DAY)
    datum(bare, "dated", 1)
    assert sums(bare, "dated") == [1]


def a_functions_lines_have_the_machines_time(bare: LocalAws) -> None:
    """The clock was moved by a day, what was printed was not."""
    forward(bare, DAY)
    function(bare, "dated", "def handle(event, context):\n    print('a line')\n")
    bare.client("lambda").invoke(FunctionName="dated")
    lines = wait_until(
        lambda: bare.client("logs").filter_log_events(logGroupName="/aws/lambda/dated")["events"]
    )
    assert abs(lines[0]["timestamp"] / 1000 - time.time()) < DAY / 2


def write(bare: LocalAws, group: str, message: str) -> None:
    """Write one line into a new group."""
    logs = bare.client("logs")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    event = {"timestamp": int(time.time() * 1000), "message": message}
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])


def datum(bare: LocalAws, namespace: str, value: float, tenant: str = "") -> None:
    """Put one value of a metric, of a tenant if one is given."""
    dimensions = [{"Name": "tenant_id", "Value": tenant}] if tenant else []
    data = [{"MetricName": "calls", "Dimensions": dimensions, "Value": value}]
    bare.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)


def sums(bare: LocalAws, namespace: str) -> list[float]:
    """Return the sums of a metric around now by the machine's clock, asked without dimension."""
    now = time.time()
    found = bare.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName="calls",
        StartTime=now - 600,
        EndTime=now + 600,
        Period=60,
        Statistics=["Sum"],
    )
    return [point["Sum"] for point in found["Datapoints"]]


PROBES = {
    "services.cloudwatch_logs.handle_request": logs_know_no_saved_query,
    "services.cloudwatch_logs._append_log_events": an_embedded_line_makes_no_metric,
    "services.cloudwatch_logs._put_metric_filter": logs_keep_a_filter_they_could_not_apply,
    "services.cloudwatch_logs._start_query": insights_answer_stats_with_lines,
    "services.cloudwatch._dims_from_list": a_metric_without_dimensions_is_every_metric_of_its_name,
    "services.cloudwatch._evaluate_alarm": an_alarm_hears_the_metric_of_another,
    "services.cloudwatch._put_metric_data": a_datum_without_a_time_has_the_machines,
    "services.lambda_svc._emit_lambda_logs": a_functions_lines_have_the_machines_time,
}
