"""`cci local`: a localaws with the product deployed in it, on this machine."""

import shutil
from pathlib import Path

import click

from cci import local_cloud, show
from cci.aws import Aws, utc_now
from cci.compose import settings
from cci.demo_calls import tenant_documents
from cci.deploy import DeployFailed, deploy
from cci.local_cloud import NotStarted
from cci.settings import enter_local, local_variables
from cci.tenants import add_tenant
from transforms import migrate

REPOSITORY = Path(__file__).parents[2]

STATE = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    default=lambda: settings().local_state,
    show_default=".localaws, or LOCALAWS_STATE",
    help="Folder that holds everything this localaws remembers.",
)


@click.group()
def local() -> None:
    """Start, end, empty and inspect an AWS on this laptop."""


@local.command()
@STATE
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=lambda: settings().local_port,
    show_default="4566, or LOCALAWS_PORT",
    help="Port on 127.0.0.1; 0 takes any free one.",
)
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "trino"]),
    default="duckdb",
    show_default=True,
    help="What runs Athena's queries; trino is the real one, fetched once (needs Maven).",
)
def up(state: Path, port: int, engine: str) -> None:
    """Start localaws, deploy the product into it, and print what to export."""
    try:
        started = bring_up(state, port, engine=engine)
    except (NotStarted, DeployFailed) as error:
        raise click.ClickException(str(error)) from error
    for name, value in local_variables(started.address, settings().region).items():
        click.echo(f"export {name}={value}")


def bring_up(
    state: Path, port: int, replay: Path | None = None, engine: str = "duckdb"
) -> local_cloud.Started:
    """Start localaws on `state`, deploy, register the demo tenants; end it again on failure.

    `replay` is a folder of prepared transcripts that its Transcribe answers with.
    """
    console = show.err()
    started = local_cloud.start_localaws(state, port, replay, engine)
    try:
        aws = Aws(enter_local(started.address, settings().region))
        with console.status("Deploying the product into localaws …") as status:
            deploy(aws, REPOSITORY, status.update)
            status.update("Creating the lake's tables")
            migrate.run(aws.buckets.lake)
            for document in tenant_documents():
                add_tenant(aws, document, f"{utc_now():%Y-%m-%dT%H:%M:%SZ}")
    except BaseException:
        local_cloud.end(state, "localaws")
        raise
    console.print(f"localaws is ready at {started.address} (pid {started.pid}, state {state})")
    console.print(f"End it with: cci local down --state {state}")
    return started


@local.command()
@STATE
def down(state: Path) -> None:
    """End the localaws, and the preview, that run on the state folder."""
    local_cloud.end(state, "preview")
    ended = local_cloud.end(state, "localaws")
    click.echo(
        f"ended localaws (pid {ended.pid})" if ended else f"no localaws runs on {state}", err=True
    )


@local.command()
@STATE
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(state: Path, *, yes: bool) -> None:
    """End the localaws and forget everything it holds."""
    if not yes:
        click.confirm(f"Delete everything in {state.absolute()}?", abort=True)
    empty(state)
    click.echo(f"{state} is empty; start again with: cci local up --state {state}", err=True)


def empty(state: Path) -> None:
    """End what runs on `state` and delete the folder, if it is one of ours.

    Raise ClickException for a folder with other things in it.
    """
    for name in ("preview", "localaws"):
        local_cloud.end(state, name)
    if state.exists() and any(state.iterdir()) and not (state / "localaws.log").exists():
        raise click.ClickException(f"{state} is no state folder of localaws: nothing was deleted")
    shutil.rmtree(state, ignore_errors=True)


@local.command()
@STATE
def status(state: Path) -> None:
    """Say whether a localaws runs on the state folder, and where; exit 1 when none does."""
    started = local_cloud.find(state, "localaws")
    if not started:
        raise click.ClickException(f"no localaws runs on {state}: start it with cci local up")
    click.echo(f"{started.address} (pid {started.pid}, state {state})")
