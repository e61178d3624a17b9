"""Unmodified clients on the Trino engine, views of either engine, and who may listen."""

from pathlib import Path

import awswrangler
import pandas
import pytest
from pyathena import connect

from tests.support.athena_api import BUCKET, ask, run
from tests.support.localaws_server import REGION, LocalAws, wait_until

_LISTENS, _LOCAL = "0A", {"0100007F", "0000000000000000FFFF00000100007F"}


def test_awswrangler_writes_and_reads_through_trino(engines: dict[str, LocalAws]) -> None:
    aws = engines["trino"]
    awswrangler.config.s3_endpoint_url = aws.endpoint
    awswrangler.config.athena_endpoint_url = aws.endpoint
    awswrangler.config.glue_endpoint_url = aws.endpoint
    awswrangler.config.sts_endpoint_url = aws.endpoint
    frame = pandas.DataFrame({"name": ["a", "b"], "value": [1.5, None], "month": ["x", "y"]})
    path = f"s3://{BUCKET}/wrangled/"
    session = aws.session()
    awswrangler.s3.to_parquet(
        frame, path, dataset=True, database="lake", table="wrangled",
        partition_cols=["month"], boto3_session=session,
    )  # fmt: skip
    for through_a_table in (True, False):
        found = awswrangler.athena.read_sql_query(
            "select name, value, month from wrangled order by name",
            database="lake",
            s3_output=f"s3://{BUCKET}/results/",
            boto3_session=session,
            ctas_approach=through_a_table,
        )
        if through_a_table:  # Trino's writers keep no ORDER BY of a CREATE TABLE AS
            found = found.sort_values("name")
        assert found["name"].tolist() == ["a", "b"]
        assert found["value"].tolist()[0] == 1.5
        assert found["month"].tolist() == ["x", "y"]


def test_pyathena_reads_with_parameters_through_trino(engines: dict[str, LocalAws]) -> None:
    connection = connect(
        s3_staging_dir=f"s3://{BUCKET}/results/",
        region_name=REGION,
        endpoint_url=engines["trino"].endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - localaws
        schema_name="lake",
        poll_interval=0.1,
    )
    sql = "select call_id, duration, call_date from calls where tenant_id = %(tenant)s"
    rows = connection.cursor().execute(sql, {"tenant": "acme"}).fetchall()
    assert [(row[0], row[1], str(row[2])) for row in rows] == [("c1", 61.5, "2026-01-31")]


def test_a_view_of_one_engine_is_read_by_the_other(engines: dict[str, LocalAws]) -> None:
    query = "select call_id as id, cost * 2 as twice, started_at, tags from lake.calls"
    entries = {}
    for engine, aws in engines.items():
        made = run(aws.client, f"create or replace view seen as {query}")
        assert made["Status"]["State"] == "SUCCEEDED", made["Status"]
        entry = aws.client("glue").get_table(DatabaseName="lake", Name="seen")["Table"]
        kept = ("Name", "TableType", "Parameters", "ViewOriginalText", "ViewExpandedText")
        entries[engine] = {key: entry[key] for key in (*kept, "StorageDescriptor")}
    for engine, other in (("duckdb", "trino"), ("trino", "duckdb")):
        glue = engines[other].client("glue")
        glue.create_table(DatabaseName="lake", TableInput={**entries[engine], "Name": "foreign"})
        shown = ask(engines[other].client, "select * from foreign order by started_at")
        assert (shown.error, shown.columns) == ("", ("id", "twice", "started_at", "tags"))
        assert shown.rows[0] == ("c1", "3.0000", "2026-01-31 23:00:00.000", "[x, y]")


@pytest.mark.parametrize("engine", ["duckdb", "trino"])
def test_the_cut_off_cancels_a_query_and_a_write(engines: dict[str, LocalAws], engine: str) -> None:
    aws = engines[engine]
    limits = {"BytesScannedCutoffPerQuery": 10_000_000, "EnforceWorkGroupConfiguration": False}
    aws.client("athena").create_work_group(Name="frugal", Configuration=limits)
    lines = b"acme,c1\nacme-uk,c1\n" * 600_000
    aws.client("s3").put_object(Bucket=BUCKET, Key="long/a.txt", Body=lines)
    made = f"create external table long (line string) location 's3://{BUCKET}/long/'"
    assert ask(aws.client, made).error == ""
    for sql in ("select max(line) from long", "create table copied as select * from long"):
        ended = run(aws.client, sql, group="frugal")
        assert ended["Status"]["State"] == "CANCELLED", (sql, ended)
        assert "Bytes scanned limit was exceeded" in ended["Status"]["StateChangeReason"]
    assert ask(aws.client, "select * from copied").error == "TABLE_NOT_FOUND"
    assert ask(aws.client, "select max(line) from long").rows == (("acme-uk,c1",),)


def test_130_partitions_fail_at_the_101st(engines: dict[str, LocalAws]) -> None:
    sql = "create table many with (partitioned_by = array['p']) as "
    sql += "select 1 as a, x as p from unnest(sequence(1, 130)) as t(x)"
    for aws in engines.values():
        found = ask(aws.client, sql)
        assert found.error == "HIVE_TOO_MANY_OPEN_PARTITIONS"
        assert "Exceeded limit of 100 open writers for partitions/buckets" in found.message
        assert ask(aws.client, "select * from many").error == "TABLE_NOT_FOUND"


def test_a_stopped_query_leaves_no_table(engines: dict[str, LocalAws]) -> None:
    numbers = "unnest(sequence(1, 10000))"
    sql = f"create table endless as select count(*) as n from {numbers} as a(x) "
    sql += f"cross join {numbers} as b(y) cross join {numbers} as c(z) where x + y + z > 7"
    aws = engines["trino"]
    athena = aws.client("athena")
    query = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": "lake"},
        ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/results/"},
    )["QueryExecutionId"]

    def state() -> str:
        found = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
        return str(found["Status"]["State"])

    wait_until(lambda: state() == "RUNNING", seconds=60)
    athena.stop_query_execution(QueryExecutionId=query)
    wait_until(lambda: state() == "CANCELLED", seconds=60)
    assert ask(aws.client, "select 1").rows == (("1",),)
    assert ask(aws.client, "select * from endless").error == "TABLE_NOT_FOUND"


def test_only_this_machine_is_listened_to(engines: dict[str, LocalAws]) -> None:
    ours = {aws.process.pid for aws in engines.values()}
    listening = _addresses(ours | {pid for pid in _processes() if ours & set(_parents(pid))})
    assert len(listening) >= 3
    assert set(listening) <= _LOCAL


def _addresses(pids: set[int]) -> list[str]:
    inodes = {link for pid in pids for link in _sockets(pid)}
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENS and f"socket:[{fields[9]}]" in inodes:
                found.append(fields[1].partition(":")[0])
    return found


def _sockets(pid: int) -> set[str]:
    try:
        return {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    except (FileNotFoundError, ProcessLookupError):
        return set()


def _processes() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]


def _parents(pid: int) -> list[int]:
    found = []
    while pid > 1:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            break
        pid = int(stat[1])
        found.append(pid)
    return found
