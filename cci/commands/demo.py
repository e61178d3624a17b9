"""`cci demo`: everything on this laptop, from dropped calls to the page people read."""

import hashlib
import json
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click

from cci import local_cloud, show
from cci.athena import query
from cci.aws import Aws, utc_now
from cci.commands.land import drop_all, settle
from cci.commands.local import bring_up, empty
from cci.commands.nightly import follow, tell_outcome, why_failed
from cci.commands.preview import command as preview_command
from cci.commands.status import tell, tell_refused
from cci.compose import settings
from cci.demo_calls import DemoFile, generate
from cci.deploy import DeployFailed
from cci.landing import Drop
from cci.ledger import identities, registered_tenants
from cci.local_cloud import NotStarted, Started
from cci.nightly import outcome_of
from cci.settings import enter_local
from contracts.keys import DoorKey
from contracts.tenant import TenantId

STATE: Final = Path(".localaws-demo")
SIDE_CAR: Final = ".transcript.json"
BLOCKED: Final = 3
CALLS_PER_TENANT: Final = 60

FAILURE_RATES: Final = """
select tenant_id, criterion_id, scored_count as scored, failed_count as failed,
       round(100 * failure_fraction, 1) as "failed %",
       round(100 * failure_low_fraction, 1) as "low %",
       round(100 * failure_high_fraction, 1) as "high %"
from rpt_criterion_failure_rates
where "window" = '90_days'
order by tenant_id, failure_low_fraction desc, criterion_id
"""


@click.command()
@click.option(
    "--calls",
    type=click.IntRange(1, 5000),
    default=CALLS_PER_TENANT,
    show_default=True,
    help="Calls per tenant.",
)
@click.option("--stop", is_flag=True, help="End what an earlier demo left running.")
def demo(calls: int, *, stop: bool) -> None:
    """Start a local AWS, land 90 days of story calls of three tenants, publish, show.

    The calls are written for this project; the AI answers are deterministic stand-ins and say so.
    Every demo starts from nothing. The local AWS and the preview stay up until `cci demo --stop`.
    """
    if stop:
        empty(STATE)
        click.echo("The demo has ended; nothing of it runs any more.", err=True)
        return
    try:
        blocked = _run(calls)
    except (NotStarted, DeployFailed) as error:
        raise click.ClickException(str(error)) from error
    except BaseException:
        _end()
        raise
    if blocked:
        raise SystemExit(BLOCKED)


def _run(calls: int) -> bool:
    began = time.monotonic()
    empty(STATE)
    files = list(generate(utc_now().date(), calls))
    replay = _prepare_replay(STATE / "replay", files)
    started = bring_up(STATE, local_cloud.free_port(settings().local_port), replay)
    cloud = Aws(enter_local(started.address, settings().region))
    _land(cloud, files)
    night = follow(cloud)
    if night.has_failed:
        raise click.ClickException(why_failed(cloud, night))
    outcome = outcome_of(cloud, night)
    _show(cloud)
    tell_outcome(outcome)
    preview = _start_preview()
    _say_goodbye(started, preview, time.monotonic() - began)
    return bool(outcome["blocked"])


def _prepare_replay(folder: Path, files: Iterable[DemoFile]) -> Path:
    """Write what localaws' Transcribe shall hear in each recording, by the hash of its bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    recordings = {(file.tenant, file.path): file.body for file in files if file.door == "audio"}
    index = {}
    for (tenant, path), body in recordings.items():
        heard = recordings.get((tenant, path + SIDE_CAR))
        if heard is not None:
            digest = hashlib.sha256(body).hexdigest()
            index[digest] = f"{digest[:16]}.json"
            (folder / index[digest]).write_bytes(heard)
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")
    return folder


def _land(cloud: Aws, files: Iterable[DemoFile]) -> None:
    for tenant in registered_tenants(cloud):
        drops = [
            _drop(file)
            for file in files
            if file.tenant == tenant and not file.path.endswith(SIDE_CAR)
        ]
        if drops:
            show.err().print(f"Landing {tenant}")
            settle(cloud, TenantId(tenant), drop_all(cloud, drops))


def _drop(file: DemoFile) -> Drop:
    return Drop(DoorKey(TenantId(file.tenant), file.door, file.path), lambda: file.body)


def _show(cloud: Aws) -> None:
    rates = query(cloud, FAILURE_RATES)
    title = "Which criteria fail, last 90 days, with 95 % intervals (read through Athena)"
    show.out().print(show.as_table(rates.columns, rates.rows, title))
    found = identities(cloud)
    tell(found)
    tell_refused(cloud, found)
    if not all(one.is_exact for one in found):
        raise click.ClickException("the ledger's identity does not hold: see above")


def _start_preview() -> Started:
    port = local_cloud.free_port(settings().preview_port)
    address = f"http://127.0.0.1:{port}"
    log = STATE / "preview.log"
    process = local_cloud.spawn(preview_command(port), {}, log)
    started = local_cloud.note(STATE, "preview", process.pid, address)
    local_cloud.wait_for(address, process, log)
    return started


def _say_goodbye(localaws: Started, preview: Started, seconds: float) -> None:
    click.echo(f"\nDone in {seconds:.0f} s. The preview: {preview.address}")
    click.echo(f"The local AWS: export AWS_ENDPOINT_URL={localaws.address}")
    click.echo("AI answers are stand-ins (made_by: localaws). End both with: make demo-stop")


def _end() -> None:
    for name in ("preview", "localaws"):
        local_cloud.end(STATE, name)
    shutil.rmtree(STATE / "replay", ignore_errors=True)
