"""One session -> the AWS clients of the command, each made once."""

from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cci.settings import Settings
from contracts.names import Buckets

AwsError = (ClientError, BotoCoreError)


class Aws:
    """The clients of one account and region; `AWS_ENDPOINT_URL` alone decides which."""

    def __init__(self, settings: Settings) -> None:
        self.region = settings.region
        self._session: Any = boto3.Session(region_name=settings.region)
        self._config = Config(retries={"mode": "standard", "total_max_attempts": 3})

    def client(self, service: str) -> Any:
        """Return a new client of `service`."""
        return self._session.client(service, config=self._config)

    @cached_property
    def s3(self) -> Any:
        """Objects."""
        return self.client("s3")

    @cached_property
    def glue(self) -> Any:
        """Catalogue, jobs and workflows."""
        return self.client("glue")

    @cached_property
    def athena(self) -> Any:
        """Queries."""
        return self.client("athena")

    @cached_property
    def cloudformation(self) -> Any:
        """Stacks."""
        return self.client("cloudformation")

    @cached_property
    def secrets(self) -> Any:
        """Secrets of tenants."""
        return self.client("secretsmanager")

    @cached_property
    def account(self) -> str:
        """The id of the account the credentials belong to."""
        return str(self.client("sts").get_caller_identity()["Account"])

    @property
    def buckets(self) -> Buckets:
        """The names of our buckets in this account and region."""
        return Buckets(self.account, self.region)

    def table(self, name: str) -> Any:
        """Return a DynamoDB table, with plain Python values in and out."""
        return self._session.resource("dynamodb", config=self._config).Table(name)


def error_code(error: Exception) -> str:
    """Return the AWS word of an error, or "" when the request never got an answer."""
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""


def utc_now() -> datetime:
    """Return the one real clock of the command."""
    return datetime.now(UTC)  # noqa: TID251 - the edge where the clock is read
