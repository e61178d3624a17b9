"""`cci nightly`: run the workflow now and report what was published and what was held back."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from cci import show
from cci.aws import Aws
from cci.compose import aws
from cci.nightly import JOBS, AlreadyRunning, Job, Night, log_tail, outcome_of, run_night

BLOCKED = 3


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def nightly(*, as_json: bool) -> None:
    """Flatten, build and test the marts, gate and publish them; follow each job.

    Exit code 3 when a tenant was held back: it keeps its last good run, the others moved.
    """
    cloud = aws()
    night = follow(cloud)
    if night.has_failed:
        raise click.ClickException(why_failed(cloud, night))
    outcome = outcome_of(cloud, night)
    if as_json:
        click.echo(json.dumps(outcome, ensure_ascii=False))
    else:
        tell_outcome(outcome)
    if outcome["blocked"]:
        raise SystemExit(BLOCKED)


def follow(cloud: Aws) -> Night:
    """Run the night with a status line; end with exit code 1 when one runs already."""
    try:
        with show.err().status("Starting the night …") as status:
            night = run_night(cloud, lambda jobs: status.update(_line(jobs)))
    except AlreadyRunning as error:
        raise click.ClickException(str(error)) from error
    show.err().print(_line(night.jobs))
    return night


def tell_outcome(outcome: Mapping[str, Any]) -> None:
    """Print, per tenant, what people see now; for a blocked one why, and what to do."""
    for tenant in outcome["published"]:
        click.echo(f"published  {tenant}")
    for tenant in outcome.get("unchanged", []):
        click.echo(f"unchanged  {tenant}: the same rows as the run people see")
    for tenant in outcome.get("empty", []):
        click.echo(f"no calls   {tenant}")
    for item in outcome["blocked"]:
        click.echo(
            f"blocked    {item['tenant']}: {item['dataset']}.{item['expectation']} failed on "
            f"{item['rows']} rows; it keeps its last good run.\n"
            f"           What to do: {item['what_to_do']}"
        )


def _line(jobs: Sequence[Job]) -> str:
    states = [
        f"{job.name.removeprefix('cci-lite-')} {job.state.lower()} ({job.seconds} s)"
        for job in jobs
    ]
    return " · ".join(states) or "Starting the night …"


def why_failed(cloud: Aws, night: Night) -> str:
    """Return which job failed and why, the end of its log, and what to do."""
    for job in night.jobs:
        if job.state != "SUCCEEDED":
            tail = "\n".join(f"    {line}" for line in log_tail(cloud, job))
            return (
                f"{job.name} ended {job.state}: {job.error}\n{tail}\n"
                "Nothing new is published; people see the last good run. Mend it, then: cci nightly"
            )
    missing = ", ".join(set(JOBS) - {job.name for job in night.jobs}) or "nothing"
    return (
        f"the workflow ended {night.status}; never started: {missing}. Look at its triggers in "
        "Glue, then: cci nightly"
    )
