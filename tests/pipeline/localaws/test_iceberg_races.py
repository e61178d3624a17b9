"""Writers of one Iceberg table that meet, die or may not: no row is lost, none appears twice."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from tests.support.athena_api import BUCKET, ask, done, run
from tests.support.conformance import Answer
from tests.support.iam_scenes import Session, allow, assume, role
from tests.support.localaws_scenes import bucket
from tests.support.localaws_server import LocalAws, wait_until, workers

pytestmark = pytest.mark.pipeline
WRITERS = 4


@pytest.fixture(scope="module")
def lake(aws: LocalAws) -> LocalAws:
    return _made(aws)


def _made(aws: LocalAws) -> LocalAws:
    bucket(aws, BUCKET)
    done(aws.client, "create database lake", "default")
    return aws


def counted(aws: LocalAws, name: str) -> None:
    """Make a table of two tenants' counts of the same call."""
    done(
        aws.client,
        f"create table {name} (call_id string, tenant_id string, n int) "
        f"location 's3://{BUCKET}/{name}/' tblproperties ('table_type' = 'ICEBERG')",
    )
    done(aws.client, f"insert into {name} values ('c1', 'acme', 0), ('c1', 'acme-uk', 0)")


def raced(aws: LocalAws, sql: str) -> int:
    """Run a statement by several writers at once; return how many it succeeded for.

    The others must have failed with the error that clients repeat on.
    """
    statements = [sql.replace("{n}", str(number)) for number in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        found = list(pool.map(lambda text: run(aws.client, text)["Status"], statements))
    lost = [status["StateChangeReason"] for status in found if status["State"] != "SUCCEEDED"]
    assert all(reason.startswith("ICEBERG_COMMIT_ERROR: ") for reason in lost), lost
    assert len(lost) < WRITERS
    return WRITERS - len(lost)


def test_rows_inserted_at_once_are_all_there(lake: LocalAws) -> None:
    counted(lake, "inserted")
    won = raced(lake, "insert into inserted values ('c2', 'acme', {n})")
    found = done(lake.client, "select n from inserted where call_id = 'c2'")
    assert len(found) == len({n for (n,) in found}) == won


def test_no_update_is_lost_to_another(lake: LocalAws) -> None:
    counted(lake, "updated")
    won = raced(lake, "update updated set n = n + 1 where tenant_id = 'acme'")
    found = done(lake.client, "select tenant_id, n from updated order by 1")
    assert found == [["acme", str(won)], ["acme-uk", "0"]]


def test_merges_of_a_new_row_make_it_once(lake: LocalAws) -> None:
    counted(lake, "merged")
    won = raced(
        lake,
        "merge into merged as t using (values ('c2', 'acme', 1)) as s(call_id, tenant_id, n) "
        "on t.call_id = s.call_id and t.tenant_id = s.tenant_id "
        "when matched then update set n = t.n + s.n "
        "when not matched then insert (call_id, tenant_id, n) values ('c2', 'acme', s.n)",
    )
    assert done(lake.client, "select n from merged where call_id = 'c2'") == [[str(won)]]


def test_deletes_and_inserts_at_once_leave_what_either_order_leaves(lake: LocalAws) -> None:
    counted(lake, "emptied")
    with ThreadPoolExecutor(2) as pool:
        deleted = pool.submit(run, lake.client, "delete from emptied where n = 0")
        done(lake.client, "insert into emptied values ('c2', 'acme', 1)")
    gone = deleted.result()["Status"]["State"] == "SUCCEEDED"
    left = [["1"]] if gone else [["0"], ["0"], ["1"]]
    assert done(lake.client, "select n from emptied order by 1") == left


def test_a_version_older_than_a_commit_is_refused(lake: LocalAws) -> None:
    counted(lake, "versioned")
    glue = lake.client("glue")
    before = glue.get_table(DatabaseName="lake", Name="versioned")["Table"]
    done(lake.client, "insert into versioned values ('c2', 'acme', 1)")
    stale = {
        "Name": "versioned",
        "TableType": before["TableType"],
        "Parameters": before["Parameters"],
        "StorageDescriptor": before["StorageDescriptor"],
    }
    with pytest.raises(ClientError) as caught:
        glue.update_table(DatabaseName="lake", TableInput=stale, VersionId=before["VersionId"])
    assert caught.value.response["Error"]["Code"] == "ConcurrentModificationException"
    assert len(done(lake.client, "select n from versioned")) == 3


def test_a_worker_killed_while_it_writes_leaves_the_table_as_it_was(lake: LocalAws) -> None:
    done(
        lake.client,
        "create table halved (call_id string, tenant_id string, n int) partitioned by (n) "
        f"location 's3://{BUCKET}/halved/' tblproperties ('table_type' = 'ICEBERG')",
    )
    done(lake.client, "insert into halved values ('c1', 'acme', 0), ('c1', 'acme-uk', 0)")
    before = _files(lake, "halved/")
    snapshots = 'select snapshot_id from "halved$snapshots"'
    known = done(lake.client, snapshots)
    writing = (
        "insert into halved select 'c2', 'acme', cast(n as integer) "
        "from unnest(sequence(1, 100)) as s(n)"
    )
    with ThreadPoolExecutor(1) as pool:
        started = pool.submit(run, lake.client, writing)
        wait_until(lambda: len(_files(lake, "halved/data/")) > 2, seconds=60, every=0.005)
        for worker in workers(lake):
            os.kill(worker, signal.SIGKILL)
    status = started.result()["Status"]
    assert status["StateChangeReason"].startswith("GENERIC_INTERNAL_ERROR")
    assert before < _files(lake, "halved/")
    sql = "select call_id, tenant_id, n from halved order by 2"
    assert done(lake.client, sql) == [["c1", "acme", "0"], ["c1", "acme-uk", "0"]]
    assert done(lake.client, snapshots) == known
    done(lake.client, "insert into halved values ('c2', 'acme', 1)")
    assert len(done(lake.client, sql)) == 3


def test_the_hundredth_partition_is_written_and_the_101st_refused(lake: LocalAws) -> None:
    done(
        lake.client,
        "create table parted (tenant_id string, n int) partitioned by (n) "
        f"location 's3://{BUCKET}/parted/' tblproperties ('table_type' = 'ICEBERG')",
    )
    sql = (
        "insert into parted select 'acme', cast(n as integer) from unnest(sequence(1, {})) as s(n)"
    )
    found = ask(lake.client, sql.format(101))
    assert found.error == "ICEBERG_TOO_MANY_OPEN_PARTITIONS"
    assert done(lake.client, "select count(*) from parted") == [["0"]]
    done(lake.client, sql.format(100))
    assert done(lake.client, "select count(*), max(n) from parted") == [["100", "100"]]
    # Other partitions of an earlier statement do not count.
    done(lake.client, "insert into parted values ('acme-uk', 101)")


def test_who_may_not_read_metadata_or_data_is_told_so(aws_factory) -> None:
    secured = _made(aws_factory(LOCALAWS_AUTH="1"))
    counted(secured, "guarded")
    assert _as(secured, "reader", "metadata", "data").rows == (("2",),)
    for name, *folders in (("blind", "data"), ("half", "metadata"), ("none",)):
        assert _as(secured, name, *folders).error == "PERMISSION_DENIED", name


def _as(aws: LocalAws, name: str, *folders: str) -> Answer:
    objects = f"arn:aws:s3:::{BUCKET}/"
    may = [
        allow(["athena:*", "glue:Get*"], "*"),
        allow(["s3:ListBucket", "s3:GetBucketLocation"], f"arn:aws:s3:::{BUCKET}"),
        allow(["s3:GetObject", "s3:PutObject"], f"{objects}results/*"),
        *(allow("s3:GetObject", f"{objects}guarded/{folder}/*") for folder in folders),
    ]
    session: Session = assume(aws, role(aws, name, *may), tenant_id="acme")
    return ask(session.client, "select count(call_id) from guarded where n = 0")


def _files(aws: LocalAws, prefix: str) -> set[str]:
    found = aws.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)
    return {item["Key"] for item in found.get("Contents", [])}
