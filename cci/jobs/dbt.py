"""The Glue job `cci-lite-dbt`: lake tables -> marts in `cci_lite_build`.

Configuration copies, seeds where they changed, models, data tests. A model that fails stops the
night: nothing is published, the last good run stays. A data test that fails does not, because one
tenant's bad call must not hold back the others: its keys go to `quality/dbt/`, the gate decides.
Marts are a function of the lake's files, the project and each tenant's local date: while none of
them changed since a clean build, nothing is built (decision 0004).
"""

import argparse
import hashlib
import io
import json
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cci.aws import Aws, error_code, utc_now
from cci.jobs.dbt_commands import DbtCommands, DbtError, NodeResult
from cci.jobs.dbt_inputs import hash_inputs, local_dates
from cci.jobs.settings import export_profile
from cci.ledger import registered_tenants
from cci.settings import load_settings
from contracts.keys import LAKE_TABLES_PREFIX, dbt_built, dbt_failures, dbt_seeds
from transforms import config_copy


class Objects(Protocol):
    """The objects of the lake bucket."""

    def read(self, key: str) -> bytes | None:
        """Return the object, or None where there is none."""

    def write(self, key: str, body: bytes) -> None:
        """Write the object."""


class Commands(Protocol):
    """What the job asks of dbt."""

    def seed(self) -> list[NodeResult]:
        """Load every seed."""

    def run(self) -> list[NodeResult]:
        """Build every model."""

    def test(self) -> list[NodeResult]:
        """Run the data tests."""

    def show_keys(self, test: str) -> list[dict[str, str | None]]:
        """Return some rows of a failed data test."""


@dataclass(frozen=True, slots=True)
class Night:
    """A run of the job: its id, the hash of the seeds, the hash of all that marts are made of."""

    run_id: str
    seeds: str
    inputs: str


def main(argv: Sequence[str]) -> int:
    """Run the job; return 0, or 1 when the copies, a seed or a model failed."""
    options = _options(argv)
    copied = config_copy.main(
        ["--lake-bucket", options.lake_bucket, "--config-table", options.config_table]
    )
    if copied != 0:
        return copied
    export_profile(
        lake_bucket=options.lake_bucket,
        staging_bucket=options.staging_bucket,
        workgroup=options.workgroup,
    )
    aws = Aws(load_settings())
    client = aws.s3
    with tempfile.TemporaryDirectory(prefix="cci-dbt-") as folder:
        project = _unpack(client, options.project, Path(folder))
        lake = _Bucket(client, options.lake_bucket)
        zones = {str(one.get("timezone", "UTC")) for one in registered_tenants(aws).values()}
        dates = local_dates(zones, utc_now())
        inputs = hash_inputs(options.project, lake.keys(LAKE_TABLES_PREFIX), dates)
        if lake.read(dbt_built()) == inputs.encode() and not options.rebuild:
            _say({"built": "nothing: lake, project and day are those of the last clean build"})
            return 0
        try:
            seeds = hash_seeds(project)
            return build(DbtCommands(project), lake, Night(options.job_run_id, seeds, inputs))
        except DbtError as problem:
            return _stop([str(problem)])


def build(dbt: Commands, lake: Objects, night: Night) -> int:
    """Load seeds that changed, build the models, run the data tests; return the exit code.

    The mark of a clean build is taken away first and set only when every data test passed.
    """
    lake.write(dbt_built(), b"")
    if lake.read(dbt_seeds()) != night.seeds.encode():
        failed = _failed(dbt.seed())
        if failed:
            return _stop(f"seed {one.name} failed: {one.message}" for one in failed)
        lake.write(dbt_seeds(), night.seeds.encode())
    failed = [one for one in _failed(dbt.run()) if one.status != "skipped"]
    if failed:
        return _stop(f"model {one.name} failed: {one.message}" for one in failed)
    tests = dbt.test()
    failed = _failed(tests)
    if failed:
        _record(dbt, lake, night.run_id, failed)
    else:
        lake.write(dbt_built(), night.inputs.encode())
    _say({"data_tests": len(tests), "failed": len(failed), "run_id": night.run_id})
    return 0


def hash_seeds(project: Path) -> str:
    """Return the sha256 over names and bytes of everything below `seeds/`."""
    digest = hashlib.sha256()
    for path in sorted((project / "seeds").iterdir()):
        body = path.read_bytes()
        digest.update(f"{path.name}\0{len(body)}\0".encode() + body)
    return digest.hexdigest()


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="cci-lite-dbt", description=__doc__)
    for name in ("lake-bucket", "staging-bucket", "config-table", "workgroup"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--ledger-table", help="for the ledger copies of later marts")
    parser.add_argument("--project", required=True, help="s3://bucket/key of dbt_project.zip")
    parser.add_argument("--job-run-id", default="by-hand")
    parser.add_argument("--rebuild", action="store_true", help="build although nothing changed")
    return parser.parse_args(list(argv))


def _unpack(client: Any, address: str, folder: Path) -> Path:
    """Return the folder of the project that the archive at `address` holds."""
    bucket, _, key = address.removeprefix("s3://").partition("/")
    body = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        archive.extractall(folder)
    return next(folder.rglob("dbt_project.yml")).parent


def _failed(results: Iterable[NodeResult]) -> list[NodeResult]:
    return [one for one in results if one.has_failed]


def _record(dbt: Commands, lake: Objects, run_id: str, failed: Sequence[NodeResult]) -> None:
    """Keep what failed, with keys and never text; say it in a line each."""
    rows = [
        {
            "test": one.name,
            "about": one.about,
            "status": one.status,
            "failures": one.failures,
            "message": one.message,
            "keys": dbt.show_keys(one.name) if one.failures else [],
        }
        for one in failed
    ]
    key = dbt_failures(run_id)
    lake.write(key, json.dumps({"run_id": run_id, "failed": rows}, sort_keys=True).encode())
    for one in failed:
        _say({"warning": f"data test {one.name}: {one.message or one.status}", "see": key})


def _stop(problems: Iterable[str]) -> int:
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    sys.stderr.write("Nothing is published; the last good run stays. Mend it and run again.\n")
    return 1


def _say(line: dict[str, object]) -> None:
    sys.stdout.write(f"{json.dumps(line, sort_keys=True)}\n")


class _Bucket:
    """One bucket as Objects."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def read(self, key: str) -> bytes | None:
        """Return the object, or None where there is none."""
        try:
            found = self._client.get_object(Bucket=self._name, Key=key)
        except self._client.exceptions.ClientError as problem:
            if error_code(problem) == "NoSuchKey":
                return None
            raise
        return bytes(found["Body"].read())

    def write(self, key: str, body: bytes) -> None:
        """Write the object."""
        self._client.put_object(Bucket=self._name, Key=key, Body=body)

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield every key below a prefix."""
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._name, Prefix=prefix):
            for found in page.get("Contents", []):
                yield str(found["Key"])
