"""Settings -> the AWS of this command, or a sentence that says how to get one."""

import socket
from urllib.parse import urlsplit

import click

from cci.aws import Aws
from cci.settings import Settings, load_settings


def settings() -> Settings:
    """Return the settings; end with a usage error that names every wrong variable."""
    try:
        return load_settings()
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def aws() -> Aws:
    """Return the clients of the AWS that the environment names.

    End with exit code 1 and the next step when a localaws is named but does not answer.
    """
    found = settings()
    if found.endpoint and not _answers(found.endpoint):
        raise click.ClickException(
            f"nothing answers at AWS_ENDPOINT_URL={found.endpoint}: start it with "
            "`cci local up`, then export what it prints"
        )
    if not found.endpoint:
        click.echo("AWS_ENDPOINT_URL is not set: using the AWS of your credentials", err=True)
    return Aws(found)


def _answers(endpoint: str) -> bool:
    address = urlsplit(endpoint)
    try:
        with socket.create_connection((address.hostname or "", address.port or 443), timeout=2):
            return True
    except OSError:
        return False
