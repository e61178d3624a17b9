"""`cci land`: drop recordings, transcripts and metadata, and wait for what becomes of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from cci import landing, show
from cci.aws import Aws
from cci.compose import aws
from cci.ledger import registered_tenants
from contracts.ledger import State
from contracts.tenant import TenantId, parse_tenant

QUARANTINED = 3


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--tenant", "tenant_text", required=True, help="Whose calls these are.")
@click.option("--dry-run", is_flag=True, help="Say what would be dropped where; send nothing.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait for the calls.")
def land(paths: Sequence[Path], tenant_text: str, *, dry_run: bool, wait: bool) -> None:
    """Drop recordings, transcripts or whole folders through the same door as everyone.

    A JSON file beside a recording of the same name is its metadata; any other JSON is a transcript.
    Exit code 3 when a call was refused; the reasons are listed.
    """
    cloud = aws()
    tenant = check_tenant(cloud, tenant_text)
    try:
        drops = landing.plan(tenant, paths)
    except landing.TwoFilesOneKey as error:
        raise click.UsageError(str(error)) from error
    if not drops:
        raise click.UsageError(f"nothing to land: {', '.join(map(str, paths))} holds no file")
    if dry_run:
        for drop in drops:
            click.echo(str(drop.key))
        return
    calls = drop_all(cloud, drops)
    if wait:
        report(settle(cloud, tenant, calls), calls)


def check_tenant(cloud: Aws, text: str) -> TenantId:
    """Return the tenant id; end with a usage error when it is malformed or not registered."""
    try:
        tenant = parse_tenant(text)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    known = registered_tenants(cloud)
    if tenant not in known:
        raise click.UsageError(
            f"there is no tenant {text!r}; registered: {', '.join(known) or 'none'}. "
            "Add one with: cci tenant add DOCUMENT"
        )
    return tenant


def drop_all(cloud: Aws, drops: Sequence[landing.Drop]) -> set[str]:
    """Send every drop; return the keys that stand for calls of their own."""
    new = 0
    with show.progress() as bar:
        task = bar.add_task("dropped", total=len(drops))
        for _, is_new in landing.send(cloud, drops):
            new += is_new
            bar.advance(task)
    click.echo(f"{new} new, {len(drops) - new} already there with the same bytes", err=True)
    return {str(drop.key) for drop in drops if drop.key.door not in ("meta", "evaluations")}


def settle(cloud: Aws, tenant: TenantId, keys: set[str]) -> dict[str, Mapping[str, Any]]:
    """Wait with a progress bar until every call is final or refused; return key -> ledger item."""
    with show.progress() as bar:
        task = bar.add_task("settled", total=len(keys))
        return landing.follow(
            cloud, tenant, keys, lambda settled: bar.update(task, completed=settled)
        )


def report(items: Mapping[str, Mapping[str, Any]], keys: set[str]) -> None:
    """Print what became of the calls; exit 3 with the reasons when one was refused."""
    refused = {
        key: item
        for key, item in items.items()
        if item["state"] in (State.QUARANTINED, State.FAILED)
    }
    waiting = [
        key
        for key in sorted(keys)
        if key not in items or State(items[key]["state"]) in landing.UNSETTLED
    ]
    final = len(keys) - len(refused) - len(waiting)
    click.echo(f"{final} final, {len(refused)} refused, {len(waiting)} still in flight")
    if refused:
        rows = [
            (key, item["reason"], item["reason_detail"]) for key, item in sorted(refused.items())
        ]
        show.out().print(show.as_table(("key", "reason", "what and what to do"), rows))
    for key in waiting:
        click.echo(f"still in flight: {key} (look again with cci status)", err=True)
    if refused:
        raise SystemExit(QUARANTINED)
