"""`make bench`: how long localaws takes, beside what a bare DuckDB takes for the same, as a table.

Figures are of the machine at this moment; nothing is asserted here. CPU seconds of the server stand
beside the wall clock, because they stay the same on a busy machine.
"""

import io
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from botocore.config import Config

from contracts.names import DBT_WORKGROUP
from tests.pipeline.localaws.test_pages import ask
from tests.support.localaws_server import REGION, LocalAws, start_localaws
from tests.support.marts_build import build_marts
from tests.support.marts_lake import write_many, write_story
from tests.support.small_lake import create_lake

ROWS = 500_000
PARTITIONS = 600
POLL_SECONDS = 0.02
COLUMNS = [{"Name": "n", "Type": "bigint"}, {"Name": "words", "Type": "string"}]
AGGREGATE = "SELECT words, count(*), sum(n) FROM lake.big GROUP BY words"


def main() -> int:
    """Measure everything once and print it."""
    with tempfile.TemporaryDirectory(prefix="localaws-bench-") as folder:
        begun = time.monotonic()
        server = start_localaws(Path(folder))
        say("start until ready", f"{time.monotonic() - begun:.1f} s")
        try:
            prepare(server)
            select_one(server)
            partitions(server)
            aggregates(server)
            snapshot(server)
            marts(server, Path(folder))
        finally:
            server.stop()
    return 0


def prepare(aws: LocalAws) -> None:
    """Make a database with one large table and one of many partitions."""
    where = {"LocationConstraint": REGION}
    aws.client("s3").create_bucket(Bucket="lake", CreateBucketConfiguration=where)
    aws.client("glue").create_database(DatabaseInput={"Name": "lake"})
    put_table(aws, "big", keys=[])
    aws.client("s3").put_object(Bucket="lake", Key="big/1.parquet", Body=parquet(ROWS))
    put_table(aws, "parts", keys=[{"Name": "dt", "Type": "string"}])
    body = parquet(10)
    for number in range(PARTITIONS):
        aws.client("s3").put_object(Bucket="lake", Key=f"parts/dt={number:04}/1.parquet", Body=body)
    for first in range(0, 1000, 100):
        inputs = [
            {"Values": [f"{n:04}"], "StorageDescriptor": storage(f"parts/dt={n:04}")}
            for n in range(first, first + 100)
        ]
        aws.client("glue").batch_create_partition(
            DatabaseName="lake", TableName="parts", PartitionInputList=inputs
        )


def select_one(aws: LocalAws) -> None:
    """Time `SELECT 1` through boto3, start to rows, with one client and with eight."""
    for clients in (1, 8):
        before = processor_seconds(aws)
        times = at_once(clients, 20, lambda athena: query(athena, "SELECT 1"), aws)
        spent = (processor_seconds(aws) - before) / len(times)
        say(f"SELECT 1, {clients} clients", f"{spread(times)}  server {spent * 1000:.0f} ms CPU")
    connection = duckdb.connect()
    say("  bare DuckDB", spread([timed(lambda: connection.execute("SELECT 1").fetchall())]))


def partitions(aws: LocalAws) -> None:
    """Time a count over 600 partitions, all but one or none pruned, and Glue's 1 of 1,000."""
    for says, most in (("599 of 600 partitions pruned", 1), ("none of 600 pruned", PARTITIONS)):
        text = f"SELECT count(*) FROM lake.parts WHERE dt < '{most:04}'"
        say(says, spread(at_once(1, 6, lambda athena, text=text: query(athena, text), aws)))
    asked = {"DatabaseName": "lake", "TableName": "parts", "Expression": "dt = '0999'"}
    glue = aws.client("glue")
    times = [timed(lambda: glue.get_partitions(**asked)) for _ in range(20)]
    say("GetPartitions, 1 of 1,000", spread(times))


def aggregates(aws: LocalAws) -> None:
    """Time eight aggregates at once over the large table, and S3 PUTs meanwhile."""
    done = threading.Event()
    puts: list[float] = []

    def put() -> None:
        s3 = client(aws, "s3")
        while not done.is_set():
            puts.append(timed(lambda: s3.put_object(Bucket="lake", Key="p", Body=b"x" * 10_000)))

    writer = threading.Thread(target=put)
    writer.start()
    begun = time.monotonic()
    times = at_once(8, 1, lambda athena: query(athena, AGGREGATE), aws)
    elapsed = time.monotonic() - begun
    done.set()
    writer.join()
    say(f"8 aggregates of {ROWS:,} rows", f"{spread(times)}  all in {elapsed:.2f} s")
    say("  S3 PUT meanwhile", f"{spread(puts)}  of {len(puts)}")
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        file.write(parquet(ROWS))
        file.flush()
        text = f"SELECT words, count(*), sum(n) FROM '{file.name}' GROUP BY words"
        say("  bare DuckDB, one", spread([timed(lambda: duckdb.sql(text).fetchall())]))


def snapshot(aws: LocalAws) -> None:
    """Say what taking the last snapshot cost the event loop."""
    time.sleep(4)
    last = ask(aws, "_localaws/health")[1]["snapshot"]
    say("snapshot on the loop", f"{last['loop_milliseconds']} ms")


def marts(aws: LocalAws, folder: Path) -> None:
    """Time `dbt build` of the product on 302 calls, and the part in which Athena had work."""
    create_lake(aws)
    write_story(aws, {})
    write_many(aws, seed=7, count=150)
    server, children = tree_seconds(aws), os.times()
    begun = time.time()
    build_marts(aws, folder / "dbt_project")
    wall = time.time() - begun
    after = os.times()
    own = after.children_user + after.children_system
    own -= children.children_user + children.children_system
    say("dbt build of the marts", f"{wall:.1f} s")
    busy = covered(executions(aws, DBT_WORKGROUP))
    say("  a query queued or running", f"{busy:.1f} s  {busy / wall:.0%}")
    spent = tree_seconds(aws) - server
    say("  CPU of localaws and workers", f"{spent:.1f} s  {spent / (spent + own):.0%} of both")


def executions(aws: LocalAws, group: str) -> list[tuple[float, float]]:
    """Return when each query of a work group was submitted and completed, in epoch seconds."""
    athena = aws.client("athena")
    found = []
    for page in athena.get_paginator("list_query_executions").paginate(WorkGroup=group):
        ids = page["QueryExecutionIds"]
        if ids:
            got = athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"]
            found += [one["Status"] for one in got]
    return sorted(
        (one["SubmissionDateTime"].timestamp(), one["CompletionDateTime"].timestamp())
        for one in found
    )


def covered(intervals: list[tuple[float, float]]) -> float:
    """Return the length of the union of sorted intervals."""
    total, reached = 0.0, 0.0
    for begun, ended in intervals:
        total += max(0.0, ended - max(begun, reached))
        reached = max(reached, ended)
    return total


def query(athena: Any, text: str) -> None:
    """Start a query, wait for it and read its rows; raise RuntimeError when it fails."""
    name = athena.start_query_execution(
        QueryString=text, ResultConfiguration={"OutputLocation": "s3://lake/results/"}
    )["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=name)["QueryExecution"]["Status"]
        if status["State"] == "SUCCEEDED":
            athena.get_query_results(QueryExecutionId=name)
            return
        if status["State"] in ("FAILED", "CANCELLED"):
            raise RuntimeError(status["StateChangeReason"])
        time.sleep(POLL_SECONDS)


def at_once(clients: int, each: int, work: Callable[[Any], None], aws: LocalAws) -> list[float]:
    """Return the seconds of `each` runs by every client, the first of each left out when many."""

    def run(_number: int) -> list[float]:
        athena = client(aws, "athena")
        return [timed(lambda: work(athena)) for _ in range(each)][1 if each > 1 else 0 :]

    with ThreadPoolExecutor(clients) as pool:
        return [seconds for times in pool.map(run, range(clients)) for seconds in times]


def client(aws: LocalAws, service: str) -> Any:
    """Return a client of its own connection pool."""
    session = aws.session()
    return session.client(service, endpoint_url=aws.endpoint, config=Config(max_pool_connections=1))


def put_table(aws: LocalAws, name: str, keys: list[dict[str, str]]) -> None:
    """Declare a table of Parquet files, partitioned by `keys`."""
    table = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": keys,
        "StorageDescriptor": storage(name),
    }
    aws.client("glue").create_table(DatabaseName="lake", TableInput=table)


def storage(place: str) -> dict[str, Any]:
    """Return Glue's description of Parquet files at `place`."""
    hive = "org.apache.hadoop.hive.ql.io.parquet"
    return {
        "Columns": COLUMNS,
        "Location": f"s3://lake/{place}/",
        "InputFormat": f"{hive}.MapredParquetInputFormat",
        "OutputFormat": f"{hive}.MapredParquetOutputFormat",
        "SerdeInfo": {"SerializationLibrary": f"{hive}.serde.ParquetHiveSerDe"},
    }


def parquet(rows: int) -> bytes:
    """Return a Parquet file of `rows` rows with a hundred different words."""
    table = pa.table({"n": range(rows), "words": [f"word {n % 100}" for n in range(rows)]})
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def timed(work: Callable[[], Any]) -> float:
    """Return the seconds of one run."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def spread(times: list[float]) -> str:
    """Return the median and the 99th percentile in milliseconds."""
    ordered = sorted(times)
    last = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"p50 {statistics.median(ordered) * 1000:7.1f} ms  p99 {last * 1000:7.1f} ms"


def processor_seconds(aws: LocalAws) -> float:
    """Return what the server process has used of the processor, its workers left out."""
    return sum(spent_by(aws.process.pid)[:2])


def tree_seconds(aws: LocalAws) -> float:
    """Return what the server and all that it started have used of the processor."""
    every = [aws.process.pid]
    for pid in every:
        for listed in Path(f"/proc/{pid}/task").glob("*/children"):
            every += map(int, listed.read_text().split())
    return sum(sum(spent_by(pid)) for pid in every)


def spent_by(pid: int) -> list[float]:
    """Return a process's seconds in user and system mode, then those of its ended children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [int(field) / os.sysconf("SC_CLK_TCK") for field in fields[11:15]]


def say(what: str, figure: str) -> None:
    """Print one line of the table."""
    sys.stdout.write(f"{what:32} {figure}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
