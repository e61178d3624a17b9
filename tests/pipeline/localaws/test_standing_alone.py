"""The folder localaws/ by itself, in an empty directory: it starts, and S3 and Athena answer."""

import ast
import json
import os
import select
import shutil
import subprocess
import sys

import pytest

from tests.support.localaws_scenes import bucket, job, zipped
from tests.support.localaws_server import ROOT, LocalAws, wait_until

pytestmark = pytest.mark.pipeline

FUNCTION = "import os\n\ndef handler(event, context):\n    return dict(os.environ)\n"
PRODUCT = {"contracts", "ingestion", "transforms", "expectations", "serving", "infra", "cci"}


def test_it_imports_nothing_of_the_product():
    imported = {
        name.partition(".")[0]
        for path in (ROOT / "localaws").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported & PRODUCT == set()


def test_its_folder_alone_starts_and_answers(tmp_path):
    shutil.copytree(
        ROOT / "localaws", tmp_path / "localaws", ignore=shutil.ignore_patterns("__pycache__")
    )
    blocked = f"import sys\nfor name in {sorted(PRODUCT)}:\n    sys.modules[name] = None\n"
    start = f"{blocked}from localaws.__main__ import main\nsys.exit(main([]))\n"
    (tmp_path / "alone.py").write_text(start)
    passed = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    log = tmp_path / "log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-P", "alone.py"],
            cwd=tmp_path,
            env={**passed, "LOCALAWS_PORT": "0", "PYTHONPATH": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    ready, _, _ = select.select([process.stdout], [], [], 60)
    line = process.stdout.readline() if ready else b""
    process.stdout.close()
    assert line, log.read_text()
    aws = LocalAws(process, json.loads(line)["address"], tmp_path / ".localaws", log)
    try:
        bucket(aws, "shelf")
        athena = aws.client("athena")
        started = athena.start_query_execution(
            QueryString="SELECT 1", ResultConfiguration={"OutputLocation": "s3://shelf/results/"}
        )["QueryExecutionId"]
        wait_until(lambda: state_of(athena, started) == "SUCCEEDED")
        rows = athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"]
        assert rows[1]["Data"][0]["VarCharValue"] == "1"
    finally:
        aws.stop()


def state_of(athena, query):
    found = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
    return found["Status"]["State"]


def test_a_secret_of_the_shell_reaches_no_function_no_job_and_no_log(aws_factory):
    server = aws_factory(**dict.fromkeys(("GITHUB_TOKEN", "LOCALAWS_KEY"), "planted-7f3a"))
    show = "import json, os\nprint(json.dumps(dict(os.environ)))\n"
    bucket(server, "artefacts")
    job(server, "shows", show)
    run = server.client("glue").start_job_run(JobName="shows")["JobRunId"]
    glue = server.client("glue")
    ended = wait_until(
        lambda: (
            found
            if (found := glue.get_job_run(JobName="shows", RunId=run)["JobRun"])["JobRunState"]
            in ("SUCCEEDED", "FAILED")
            else None
        )
    )
    lines = server.client("logs").get_log_events(
        logGroupName="/aws-glue/jobs/output", logStreamName=run
    )["events"]
    server.client("lambda").create_function(
        FunctionName="shows",
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/r",
        Handler="m.handler",
        Code={"ZipFile": zipped({"m.py": FUNCTION})},
    )
    told = server.client("lambda").invoke(FunctionName="shows")["Payload"].read().decode()
    assert ended["JobRunState"] == "SUCCEEDED"
    assert "AWS_ENDPOINT_URL" in told
    assert any("AWS_ENDPOINT_URL" in line["message"] for line in lines)
    assert "planted-7f3a" not in told + json.dumps(lines) + server.log.read_text()
