"""`cci trace`: one call through every stage, with the objects and rows that prove it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click

from cci import show
from cci.athena import query
from cci.aws import Aws, AwsError, error_code
from cci.commands.land import check_tenant
from cci.compose import aws
from cci.ledger import one_call

OBJECTS = {
    "source_key": "input",
    "transcript_key": "results",
    "enriched_key": "results",
    "final_key": "results",
    "quarantine_key": "results",
}


@click.command()
@click.argument("tenant")
@click.argument("call_id")
@click.option("--json", "as_json", is_flag=True, help="Print the ledger item as JSON.")
def trace(tenant: str, call_id: str, *, as_json: bool) -> None:
    """Follow one call: when it reached each state, which objects it has, what was published."""
    cloud = aws()
    check_tenant(cloud, tenant)
    item = one_call(cloud, tenant, call_id)
    if item is None:
        raise click.ClickException(
            f"tenant {tenant} has no call {call_id!r}: published ids are in cci_lite.fct_calls, "
            f"`cci status --tenant {tenant}` names one of each kind of refused call"
        )
    if as_json:
        click.echo(json.dumps(item, default=str, ensure_ascii=False, sort_keys=True))
        return
    click.echo(f"{tenant} {call_id}: {item['state']}")
    if item.get("reason"):
        click.echo(f"because {item['reason']}: {item.get('reason_detail', '')}")
    times = sorted(item["at"].items(), key=lambda pair: str(pair[1]))
    show.out().print(show.as_table(("state", "reached at (UTC)"), times))
    show.out().print(show.as_table(("what", "key", "there"), list(_objects(cloud, item))))
    _tell_published(cloud, tenant, item)


def _objects(cloud: Aws, item: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, kind in OBJECTS.items():
        if item.get(name):
            yield name.removesuffix("_key"), item[name], _size(cloud, kind, str(item[name]))


def _size(cloud: Aws, kind: str, key: str) -> str:
    try:
        head = cloud.s3.head_object(Bucket=cloud.buckets.name(kind), Key=key)
    except AwsError as error:
        if error_code(error) in ("404", "NoSuchKey"):
            return "no (expired or not written)"
        raise
    return f"{head['ContentLength']} bytes"


def _tell_published(cloud: Aws, tenant: str, item: Mapping[str, Any]) -> None:
    if not item.get("published_run_id"):
        click.echo("not published yet: it will be after the next `cci nightly`")
        return
    where = f"where tenant_id = '{tenant}' and call_id = '{item['sk'].removeprefix('CALL#')}'"
    results = query(
        cloud,
        "select criterion_id, result, is_evidence_verified, evidence_quote, reason "  # noqa: S608
        f"from fct_criterion_results {where} order by criterion_number",
    )
    click.echo(f"published in run {item['published_run_id']}; its criterion results:")
    show.out().print(show.as_table(results.columns, results.rows))
