"""The process: one loopback port, refusals by name, state that survives kill -9, a clean end."""

import json
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.localaws_scenes import bucket, job
from tests.support.localaws_server import ROOT, wait_until

pytestmark = pytest.mark.pipeline


def page(aws, name, method="GET"):
    request = urllib.request.Request(f"{aws.endpoint}/_localaws/{name}", method=method)  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.loads(answer.read())


def ps():
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(FileNotFoundError, ProcessLookupError):
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return "\n".join(lines)


def test_it_listens_on_loopback_only(aws):
    port = int(aws.endpoint.rpartition(":")[2])
    table = Path("/proc/net/tcp").read_text().splitlines()
    listening = [line.split()[1] for line in table if line.split()[3] == "0A"]
    assert f"0100007F:{port:04X}" in listening
    assert f"00000000:{port:04X}" not in listening


def test_a_taken_port_is_named_and_ends_the_start(aws):
    port = aws.endpoint.rpartition(":")[2]
    environment = {"PATH": "/usr/bin:/bin", "LOCALAWS_PORT": port}
    ended = subprocess.run(
        [sys.executable, "-m", "localaws"],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    assert port in ended.stderr


@pytest.mark.parametrize(
    ("service", "operation", "request_"),
    [
        ("redshift", "describe_clusters", {}),
        ("polly", "describe_voices", {}),
        ("textract", "list_adapters", {}),
        ("glue", "list_blueprints", {}),
        ("iam", "list_mfa_device_tags", {"SerialNumber": "x" * 10}),
    ],
)
def test_what_nobody_answers_is_501_with_its_name(aws, service, operation, request_):
    client = aws.client(service)
    with pytest.raises(client.exceptions.ClientError) as caught:
        getattr(client, operation)(**request_)
    answer = caught.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert answer["Error"]["Code"] == "NotImplementedException"
    assert f"localaws does not implement {service}:" in answer["Error"]["Message"]


def test_health_counts_refusals_and_the_request_log_holds_no_secret(aws):
    assert page(aws, "ready") == {"ready": True}
    health = page(aws, "health")
    assert any(name.startswith("redshift:") for name in health["refused"])
    calls = page(aws, "calls?since=0")["calls"]
    assert set(calls[0]) == {
        "number",
        "service",
        "operation",
        "resource",
        "access_key",
        "role",
        "status",
        "milliseconds",
    }


def test_kill_9_loses_no_object_and_at_most_five_seconds_of_the_rest(aws_factory):
    first = aws_factory()
    bucket(first, "artefacts")
    first.client("sqs").create_queue(QueueName="kept")
    job(first, "sleeper", "import time\ntime.sleep(60)")
    run_id = first.client("glue").start_job_run(JobName="sleeper")["JobRunId"]
    wait_until(lambda: page(first, "health")["snapshot"].get("at", 0) > time.time() - 4)
    wait_until(
        lambda: (
            first.client("glue").get_job_run(JobName="sleeper", RunId=run_id)["JobRun"][
                "JobRunState"
            ]
            == "RUNNING"
        )
    )
    time.sleep(5.5)
    first.client("s3").put_object(Bucket="artefacts", Key="late", Body=b"written last")
    first.kill()
    second = aws_factory(state=first.state)
    assert second.client("sqs").get_queue_url(QueueName="kept")
    late = second.client("s3").get_object(Bucket="artefacts", Key="late")["Body"].read()
    assert late == b"written last"
    run = second.client("glue").get_job_run(JobName="sleeper", RunId=run_id)["JobRun"]
    assert (run["JobRunState"], run["ErrorMessage"]) == (
        "FAILED",
        "localaws died while the job ran",
    )
    assert run_id not in ps()


def test_sigterm_saves_ends_the_jobs_and_leaves_no_process(aws_factory):
    server = aws_factory()
    bucket(server, "artefacts")
    job(server, "sleeper", "import time\ntime.sleep(60)")
    run_id = server.client("glue").start_job_run(JobName="sleeper")["JobRunId"]
    wait_until(lambda: run_id in ps())
    assert server.stop() == 0
    assert run_id not in ps()
    again = aws_factory(state=server.state)
    run = again.client("glue").get_job_run(JobName="sleeper", RunId=run_id)["JobRun"]
    assert run["JobRunState"] == "FAILED"


def test_reset_leaves_nothing(aws_factory):
    server = aws_factory()
    bucket(server, "artefacts")
    job(server, "gone", "print(1)")
    assert page(server, "reset", "POST") == {"reset": True}
    assert server.client("s3").list_buckets()["Buckets"] == []
    assert server.client("glue").list_jobs()["JobNames"] == []


def test_memory_only_keeps_no_object_and_no_snapshot(aws_factory, tmp_path):
    server = aws_factory(state=tmp_path / "state", LOCALAWS_PERSIST="0")
    bucket(server, "artefacts")
    server.client("s3").put_object(Bucket="artefacts", Key="k", Body=b"x")
    server.stop()
    left = {path.name for path in (tmp_path / "state").iterdir()}
    assert not left & {"s3", "snapshots"}


def test_an_upload_in_parts_cut_by_kill_nine_is_unknown_and_leaves_no_object(aws_factory, tmp_path):
    first = aws_factory(state=tmp_path)
    bucket(first, "parts")
    place = {"Bucket": "parts", "Key": "large"}
    upload = first.client("s3").create_multipart_upload(**place)["UploadId"]
    part = {**place, "UploadId": upload, "PartNumber": 1}
    etag = first.client("s3").upload_part(**part, Body=b"x" * 100)["ETag"]
    wait_until(lambda: page(first, "health")["snapshot"].get("at", 0) > time.time() - 4)
    first.kill()
    s3 = aws_factory(state=tmp_path).client("s3")
    parts = {"Parts": [{"ETag": etag, "PartNumber": 1}]}
    with pytest.raises(s3.exceptions.NoSuchUpload):
        s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload=parts)
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(**place)
