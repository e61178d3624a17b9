"""Writers that load a localaws, each with a log of what was acknowledged and when.

After a kill the log is compared with what stands: S3 must hold the last acknowledged bytes of each
key, or those of the one write still under way; the rest may miss what is younger than five seconds.
"""

import hashlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.support.localaws_server import REGION

LOST_SECONDS = 5.0


@dataclass
class Log:
    """What one writer was told: `done` name -> (time, value); `trying` name -> values sent last."""

    done: dict[str, tuple[float, Any]] = field(default_factory=dict)
    trying: dict[str, Any] = field(default_factory=dict)


class Load:
    """The writers of one localaws over all its lives; `restart` points them at the next."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 (to be repeated)
        self._stop = threading.Event()
        self.logs = {name: Log() for name in ("s3", "versions", "items", "letters", "tables")}
        self.logs["queries"] = Log()
        self._number = 0

    def prepare(self, client: Callable[[str], Any]) -> None:
        """Make the buckets, the table, the queue and the database that are written to."""
        where = {"LocationConstraint": REGION}
        for name in ("plain", "versioned"):
            client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=where)
        client("s3").put_bucket_versioning(
            Bucket="versioned", VersioningConfiguration={"Status": "Enabled"}
        )
        client("dynamodb").create_table(
            TableName="items",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        client("sqs").create_queue(QueueName="letters")
        client("glue").create_database(DatabaseInput={"Name": "lake"})

    def run(self, endpoint: str, until: Callable[[], None]) -> int:
        """Write while `until` runs, which begins once a write was acknowledged; return how many."""
        self._stop.clear()
        before = self._acknowledged()
        threads = [
            threading.Thread(target=self._write, args=(endpoint, name, write), daemon=True)
            for name, write in self._writers()
        ]
        for thread in threads:
            thread.start()
        while self._acknowledged() == before:
            time.sleep(0.01)
        until()
        self._stop.set()
        for thread in threads:
            thread.join(timeout=60)
        return self._acknowledged() - before

    def missing(self, client: Callable[[str], Any], killed: float) -> list[str]:
        """Return what must stand and does not, after the kill at `killed`."""
        found = [*_lost_objects(client("s3"), "plain", self.logs["s3"])]
        found += _lost_objects(client("s3"), "versioned", self.logs["versions"])
        standing = {
            "items": _items(client("dynamodb")),
            "letters": _letters(client("sqs")),
            "tables": _tables(client("glue")),
            "queries": _queries(client("athena")),
        }
        for name, present in standing.items():
            old = [n for n, (at, _) in self.logs[name].done.items() if at < killed - LOST_SECONDS]
            found += [f"{name}: {n}" for n in old if n not in present]
            # What five seconds may cost is gone for good, and not asked for again.
            for gone in set(self.logs[name].done) - present:
                del self.logs[name].done[gone]
        self.logs["letters"].done.clear()  # all were read
        return found

    def _acknowledged(self) -> int:
        return sum(len(log.done) for log in self.logs.values())

    def _writers(self) -> Iterator[tuple[str, Callable[[Callable[[str], Any], str, bytes], None]]]:
        yield "s3", lambda client, name, body: _put(client("s3"), "plain", name, body)
        yield "versions", lambda client, name, body: _put(client("s3"), "versioned", name, body)
        yield "items", _put_item
        yield "letters", _send
        yield "tables", _create_table
        yield "queries", _query

    def _write(self, endpoint: str, kind: str, write: Callable[..., Any]) -> None:
        client = clients(endpoint)
        log = self.logs[kind]
        chance = random.Random(self._random.random())  # noqa: S311 (to be repeated)
        while not self._stop.is_set():
            self._number += 1
            objects = kind in ("s3", "versions")
            again = objects and log.done and chance.random() < 0.5
            name = chance.choice(list(log.done)) if again else f"{kind}-{self._number}"
            body = chance.randbytes(chance.randrange(1, 200_000)) if objects else b""
            log.trying[name] = body
            try:
                told = write(client, name, body)
            except (ClientError, BotoCoreError):
                continue
            del log.trying[name]
            log.done[told or name] = (time.time(), body)


def clients(endpoint: str) -> Callable[[str], Any]:
    """Return a maker of boto3 clients of one localaws that never try twice."""
    session = boto3.Session("test", "test", region_name=REGION)
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            made[service] = session.client(
                service,
                endpoint_url=endpoint,
                config=Config(retries={"max_attempts": 0}, read_timeout=30),
            )
        return made[service]

    return client


def _put(s3: Any, bucket: str, name: str, body: bytes) -> None:
    s3.put_object(Bucket=bucket, Key=f"a/{name}", Body=body, Metadata={"length": str(len(body))})


def _put_item(client: Any, name: str, _body: bytes) -> None:
    client("dynamodb").put_item(TableName="items", Item={"id": {"S": name}})


def _send(client: Any, name: str, _body: bytes) -> None:
    url = client("sqs").get_queue_url(QueueName="letters")["QueueUrl"]
    client("sqs").send_message(QueueUrl=url, MessageBody=name)


def _create_table(client: Any, name: str, _body: bytes) -> None:
    table = {"Name": name, "StorageDescriptor": {"Columns": [{"Name": "a", "Type": "int"}]}}
    client("glue").create_table(DatabaseName="lake", TableInput=table)


def _query(client: Any, _name: str, _body: bytes) -> str:
    started = client("athena").start_query_execution(
        QueryString="SELECT 1", ResultConfiguration={"OutputLocation": "s3://plain/results/"}
    )
    return str(started["QueryExecutionId"])


def _lost_objects(s3: Any, bucket: str, log: Log) -> list[str]:
    lost = []
    for name in {*log.done, *log.trying}:
        allowed = [log.trying[name]] if name in log.trying else []
        allowed += [log.done[name][1]] if name in log.done else []
        try:
            found = s3.get_object(Bucket=bucket, Key=f"a/{name}")
        except ClientError:
            lost += [f"{bucket}: {name}"] if name in log.done else []
            log.trying.pop(name, None)
            continue
        body = found["Body"].read()
        if body not in allowed:
            lost.append(f"{bucket}: {name} is neither the last nor the next")
        if found["ETag"] != f'"{hashlib.md5(body).hexdigest()}"':  # noqa: S324 (S3's ETag)
            lost.append(f"{bucket}: {name} is torn")
        log.done[name] = (time.time(), body)
        log.trying.pop(name, None)
    return lost


def _items(dynamodb: Any) -> set[str]:
    pages = dynamodb.get_paginator("scan").paginate(TableName="items")
    return {item["id"]["S"] for page in pages for item in page["Items"]}


def _letters(sqs: Any) -> set[str]:
    url = sqs.get_queue_url(QueueName="letters")["QueueUrl"]
    found: set[str] = set()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.add(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def _tables(glue: Any) -> set[str]:
    pages = glue.get_paginator("get_tables").paginate(DatabaseName="lake")
    return {table["Name"] for page in pages for table in page["TableList"]}


def _queries(athena: Any) -> set[str]:
    pages = athena.get_paginator("list_query_executions").paginate()
    return {name for page in pages for name in page["QueryExecutionIds"]}
