"""`cci preview`: the dashboards of the published views, in a browser on this machine."""

import subprocess
import sys
from pathlib import Path

import click

from cci import local_cloud
from cci.compose import aws, settings
from cci.settings import child_environment

PAGE = Path(__file__).parents[2] / "serving" / "preview" / "app.py"


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=lambda: settings().preview_port,
    show_default="8501, or CCI_PREVIEW_PORT",
    help="Port on 127.0.0.1.",
)
def preview(port: int) -> None:
    """Show failure rates, the agent heatmap, sentiment and tone; end it with Ctrl-C."""
    aws()
    if not local_cloud.is_free(port):
        raise click.ClickException(f"port {port} is taken: choose another with --port")
    click.echo(f"The preview is at http://127.0.0.1:{port}; end it with Ctrl-C.", err=True)
    subprocess.run(command(port), env=child_environment({}), check=False)  # noqa: S603 - our own page


def command(port: int) -> list[str]:
    """Return the command line that serves the preview on `port`, without any outside request."""
    return [
        sys.executable, "-m", "streamlit", "run", str(PAGE),
        "--server.address", "127.0.0.1",
        "--server.port", str(port),
        "--server.headless", "true",
        "--server.fileWatcherType", "none",
        "--browser.gatherUsageStats", "false",
    ]  # fmt: skip
