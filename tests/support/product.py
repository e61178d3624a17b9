"""One local AWS with the product deployed in it, driven the way a person drives it: by `cci`."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / "shared" / "real"
REGION = "eu-central-1"


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass(frozen=True, slots=True)
class Product:
    """A deployed product; `variables` are what `cci local up` said to export."""

    variables: dict[str, str]

    def cci(self, *words: object, seconds: int = 600) -> Done:
        command = [sys.executable, "-m", "cci.main", *map(str, words)]
        environment = {**os.environ, **self.variables, "COLUMNS": "200"}
        ran = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=seconds, check=False
        )
        return Done(ran.returncode, ran.stdout, ran.stderr)

    def rows(self, sql: str, database: str = "cci_lite") -> list[dict[str, Any]]:
        done = self.cci("sql", sql, "--json", "--database", database)
        assert done.code == 0, done.text
        found: list[dict[str, Any]] = json.loads(done.out)
        return found

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.variables["AWS_ENDPOINT_URL"],
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - localaws takes any
        )

    def page(self, name: str) -> dict[str, Any]:
        """Return one of localaws's own pages."""
        address = f"{self.variables['AWS_ENDPOINT_URL']}/_localaws/{name}"
        with urllib.request.urlopen(address) as answer:  # noqa: S310 - localaws
            found: dict[str, Any] = json.load(answer)
        return found

    def bucket(self, kind: str) -> str:
        return f"cci-lite-{kind}-000000000000-{REGION}"

    def objects(self, kind: str, prefix: str = "") -> dict[str, tuple[str, str]]:
        """Return key -> (ETag, time) of every object: equal before and after means untouched."""
        pages = self.client("s3").get_paginator("list_objects_v2")
        return {
            found["Key"]: (found["ETag"], str(found["LastModified"]))
            for page in pages.paginate(Bucket=self.bucket(kind), Prefix=prefix)
            for found in page.get("Contents", [])
        }

    def calls(self, tenant: str) -> dict[str, dict[str, Any]]:
        """Return call_id -> ledger item, numbers as Decimal."""
        table = boto3.resource(
            "dynamodb",
            endpoint_url=self.variables["AWS_ENDPOINT_URL"],
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - localaws takes any
        ).Table("cci-lite-calls")
        items, arguments = [], {}
        while True:
            page = table.query(
                KeyConditionExpression="pk = :pk AND begins_with(sk, :call)",
                ExpressionAttributeValues={":pk": f"TENANT#{tenant}", ":call": "CALL#"},
                **arguments,
            )
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                return {str(item["sk"]).removeprefix("CALL#"): item for item in items}
            arguments = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def brought_up(state: Path) -> Product:
    """Return the product on a state folder, started with whatever the folder holds."""
    done = Product({}).cci("local", "up", "--port", "0", "--state", state)
    assert done.code == 0, done.text
    lines = [line.removeprefix("export ") for line in done.out.splitlines() if "=" in line]
    return Product(dict(line.split("=", 1) for line in lines))


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    state = tmp_path_factory.mktemp("localaws")
    try:
        yield brought_up(state)
    finally:
        down = Product({}).cci("local", "down", "--state", state)
        assert down.code == 0, down.text
