"""`cci tenant`: register a tenant from its document."""

import json
from pathlib import Path

import click

from cci.aws import utc_now
from cci.compose import aws
from cci.tenants import add_tenant
from contracts.errors import Rejected


@click.group()
def tenant() -> None:
    """Tenants are data, not a deployment."""


@tenant.command()
@click.argument("document", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def add(document: Path) -> None:
    """Register the tenant that DOCUMENT (JSON) describes: settings, forms, access grants.

    Running it again with the same document changes nothing.
    """
    try:
        content = json.loads(document.read_text(encoding="utf-8"))
        added = add_tenant(aws(), content, f"{utc_now():%Y-%m-%dT%H:%M:%SZ}")
    except (ValueError, Rejected) as error:
        raise click.UsageError(f"{document}: {error}") from error
    click.echo(f"tenant {added} is registered; land its calls with: cci land PATH --tenant {added}")
