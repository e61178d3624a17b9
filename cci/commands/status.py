"""`cci status`: where every call is, and whether the ledger's identity holds."""

import json
from collections import Counter
from dataclasses import asdict

import click

from cci import show
from cci.aws import Aws
from cci.commands.land import check_tenant
from cci.compose import aws
from cci.ledger import Identity, Item, calls, identities
from contracts.ledger import BUCKETS, bucket

INEXACT = 3


@click.command()
@click.option("--tenant", default=None, help="One tenant; all without it.")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="One UTC day of calls."
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def status(tenant: str | None, day: object, *, as_json: bool) -> None:
    """Count received = published + quarantined + failed + erased + in flight.

    Published is compared with the mart, call by call. Exit code 3 when anything differs.
    """
    cloud = aws()
    tenants = [str(check_tenant(cloud, tenant))] if tenant else None
    date = f"{day:%Y-%m-%d}" if day else None
    found = identities(cloud, tenants, date)
    if as_json:
        click.echo(json.dumps([{**asdict(one), "is_exact": one.is_exact} for one in found]))
    else:
        tell(found)
        tell_refused(cloud, found, date)
    if not all(one.is_exact for one in found):
        raise SystemExit(INEXACT)


def tell(found: list[Identity]) -> None:
    """Print the identity per tenant and whether it is exact, with the calls that contradict it."""
    columns = ("tenant", "received", *BUCKETS, "exact")
    rows = [
        (one.tenant, *(one.counts[word] for word in columns[1:-1]), "yes" if one.is_exact else "NO")
        for one in found
    ]
    title = "received = published + quarantined + failed + erased + in flight"
    show.out().print(show.as_table(columns, rows, title))
    for one in found:
        for call in one.not_in_mart:
            click.echo(f"{one.tenant} {call}: published in the ledger, missing from fct_calls")
        for call in one.not_in_ledger:
            click.echo(f"{one.tenant} {call}: in fct_calls, not published in the ledger")


def tell_refused(cloud: Aws, found: list[Identity], day: str | None = None) -> None:
    """Print how many calls of each tenant were refused for which reason, with one of them."""
    refused = [
        (one.tenant, _refusal(item), str(item["reason"]), str(item["sk"]).removeprefix("CALL#"))
        for one in found
        for item in calls(cloud, one.tenant, day)
        if item.get("reason")
    ]
    counts = Counter(key[:3] for key in refused)
    examples = {key[:3]: key[3] for key in sorted(refused, reverse=True)}
    if counts:
        rows = [(*key, count, examples[key]) for key, count in sorted(counts.items())]
        columns = ("tenant", "state", "reason", "calls", "for example")
        show.out().print(show.as_table(columns, rows))
        click.echo("One call: cci trace TENANT CALL. Reasons: docs/runbook.md")


def _refusal(item: Item) -> str:
    is_shown = bucket(item) == "published"
    return f"{item['state']}, older file published" if is_shown else str(item["state"])
