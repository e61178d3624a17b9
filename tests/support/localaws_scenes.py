"""Small AWS scenes for the tests of localaws: zips, buckets, queues, finished Glue runs, time."""

import io
import json
import urllib.request
import zipfile
from typing import Any

from tests.support.localaws_server import ACCOUNT, REGION, LocalAws, wait_until


def zipped(files: dict[str, str]) -> bytes:
    """Return a zip of path -> text."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def bucket(aws: LocalAws, name: str, *, events: bool = False) -> str:
    """Make a bucket, with EventBridge on when asked."""
    where = {"LocationConstraint": REGION}
    aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=where)
    if events:
        aws.client("s3").put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
    return name


def queue(aws: LocalAws, name: str, dead_letters: str = "", seconds: int = 30) -> tuple[str, str]:
    """Make a queue and return its URL and ARN; two receives, then the dead-letter queue."""
    attributes = {"VisibilityTimeout": str(seconds)}
    if dead_letters:
        policy = {"deadLetterTargetArn": dead_letters, "maxReceiveCount": 2}
        attributes["RedrivePolicy"] = json.dumps(policy)
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, found["Attributes"]["QueueArn"]


def rule(aws: LocalAws, name: str, pattern: dict[str, Any], target: str) -> None:
    """Make a rule with one target."""
    events = aws.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": target}])


def job(aws: LocalAws, name: str, script: str, command: str = "glueetl", **more: Any) -> str:
    """Make a Glue job of a script's text, kept in bucket `artefacts`."""
    aws.client("s3").put_object(Bucket="artefacts", Key=f"{name}.py", Body=script.encode())
    aws.client("glue").create_job(
        Name=name,
        Role="arn:aws:iam::000000000000:role/glue",
        Command={"Name": command, "ScriptLocation": f"s3://artefacts/{name}.py"},
        **more,
    )
    return name


def finished(aws: LocalAws, name: str, run_id: str) -> dict[str, Any]:
    """Return a job run once its state is final."""

    def ended() -> Any:
        run = aws.client("glue").get_job_run(JobName=name, RunId=run_id)["JobRun"]
        return run if run["JobRunState"] not in ("STARTING", "RUNNING", "STOPPING") else None

    return wait_until(ended)


def printed(aws: LocalAws, run_id: str, group: str = "output") -> list[str]:
    """Return the lines a Glue run printed."""
    found = aws.client("logs").get_log_events(
        logGroupName=f"/aws-glue/jobs/{group}", logStreamName=run_id
    )
    return [event["message"] for event in found["events"]]


def function(aws: LocalAws, name: str, source: str, timeout: int = 3) -> None:
    """Make a Lambda function of one module that defines `handle`; `timeout` in seconds."""
    aws.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=f"arn:aws:iam::{ACCOUNT}:role/r",
        Handler="m.handle",
        Code={"ZipFile": zipped({"m.py": source})},
        Timeout=timeout,
    )


def forward(aws: LocalAws, seconds: float) -> float:
    """Move the clock and return its time; what is then due has happened."""
    request = urllib.request.Request(  # noqa: S310
        f"{aws.endpoint}/_localaws/clock",
        data=json.dumps({"forward_seconds": seconds}).encode(),
        method="POST",
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return float(json.load(answer)["now"])
