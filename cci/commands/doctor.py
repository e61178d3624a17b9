"""`cci doctor`: what this machine lacks to run the product, one line each."""

import subprocess
import sys

import click

from cci.compose import settings
from cci.settings import child_environment


@click.command()
def doctor() -> None:
    """Check this machine: Python, port, state, disk, packages, clock, what was left behind.

    Exit code 1 when a line begins with `fix`. It asks localaws, which runs as its own process.
    """
    variables = {
        "LOCALAWS_STATE": str(settings().local_state.absolute()),
        "LOCALAWS_PORT": str(settings().local_port),
    }
    command = [sys.executable, "-m", "localaws", "doctor"]
    ended = subprocess.run(  # noqa: S603 - our own module, no shell
        command, env=child_environment(variables), check=False
    )
    raise SystemExit(ended.returncode)
