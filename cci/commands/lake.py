"""`cci lake`: the flatten job by hand, also for documents that older layouts hold."""

import click

from cci.compose import aws
from contracts.names import CONFIG_TABLE, LEDGER_TABLE
from transforms import flatten as job


@click.group()
def lake() -> None:
    """Work on the lake tables."""


@lake.command()
@click.option("--prefix", default=None, help="Older documents: <tenant>/ or <tenant>/YYYY/MM/.")
@click.option("--tenant", "tenants", multiple=True, help="Only these tenants.")
def flatten(prefix: str | None, tenants: tuple[str, ...]) -> None:
    """Flatten what is FINAL, or adopt the documents below PREFIX of the results bucket."""
    buckets = aws().buckets
    arguments = ["--results-bucket", buckets.results, "--lake-bucket", buckets.lake]
    arguments += ["--ledger-table", LEDGER_TABLE, "--config-table", CONFIG_TABLE]
    arguments += ["--job-run-id", "by-hand"]
    for name in tenants:
        arguments += ["--tenant", name]
    if prefix:
        arguments += ["--prefix", prefix]
    code = job.main(arguments)
    if code:
        raise SystemExit(code)
