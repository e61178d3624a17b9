"""The words of the `cci` command, its help and its exit codes.

0 ok · 1 failure · 2 usage · 3 something was blocked or quarantined.
"""

import sys

import click

from cci.athena import QueryFailed
from cci.aws import AwsError, error_code
from cci.commands.demo import demo
from cci.commands.doctor import doctor
from cci.commands.lake import lake
from cci.commands.land import land
from cci.commands.local import local
from cci.commands.nightly import nightly
from cci.commands.preview import preview
from cci.commands.sql import sql
from cci.commands.status import status
from cci.commands.tenant import tenant
from cci.commands.trace import trace
from serving.ports import PublishError

FAILURE = 1
SAID = 300


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="cci-lite")
def cli() -> None:
    """From a call recording to an answer an analyst can trust.

    Commands find their AWS by AWS_ENDPOINT_URL alone; `cci local up` starts one on this machine.
    Exit codes: 0 ok, 1 failure, 2 usage, 3 something was blocked or quarantined.
    """


for word in (demo, local, land, nightly, status, trace, sql, preview, tenant, lake, doctor):
    cli.add_command(word)


def main() -> None:
    """Run the command line; what AWS, a query or a file refuses becomes one sentence."""
    try:
        cli()
    except (QueryFailed, PublishError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(FAILURE)
    except AwsError as error:
        click.echo(f"AWS refused or could not be reached: {str(error)[:SAID]}", err=True)
        if error_code(error) in ("", "NoSuchBucket", "ResourceNotFoundException"):
            click.echo("Is the product deployed there? On a laptop: `cci local up`.", err=True)
        sys.exit(FAILURE)


if __name__ == "__main__":
    main()
