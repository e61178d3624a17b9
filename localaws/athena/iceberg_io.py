"""pyiceberg's view of Glue and S3, through the caller's own clients.

pyiceberg reads and writes metadata only: DuckDB reads data files, and data files are uploaded
whole by this package. So a file here is small, and is read and written in one piece.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from botocore.exceptions import ClientError
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    CommitStateUnknownException,
    ValidationException,
)
from pyiceberg.io import FileIO, InputFile, OutputFile

from localaws.athena import clients
from localaws.athena.failures import QueryFailed
from localaws.caller import Caller

T = TypeVar("T")
_LOST = (CommitFailedException, CommitStateUnknownException, ValidationException)


class CallerCatalog(GlueCatalog):  # type: ignore[misc, unused-ignore]
    """The Glue catalog as one caller may see it."""

    def __init__(self, caller: Caller) -> None:
        super().__init__("awsdatacatalog", client=clients.glue(caller))
        self.caller = caller

    def _load_file_io(self, properties: Any = None, location: str | None = None) -> FileIO:
        del location  # every location is in S3
        return CallerIO(self.caller, properties or {})


class CallerIO(FileIO):
    """S3 objects with the caller's rights."""

    def __init__(self, caller: Caller, properties: Any) -> None:
        super().__init__(dict(properties))
        self.caller = caller

    def new_input(self, location: str) -> "_Input":
        """Return an object to read."""
        return _Input(location, self.caller)

    def new_output(self, location: str) -> "_Output":
        """Return an object to write."""
        return _Output(location, self.caller)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Delete an object."""
        place = location if isinstance(location, str) else location.location
        bucket, key = clients.split_location(place)
        clients.asked(lambda: clients.s3(self.caller).delete_object(Bucket=bucket, Key=key))


class _Input(InputFile):
    def __init__(self, location: str, caller: Caller) -> None:
        super().__init__(location)
        self.caller = caller

    def __len__(self) -> int:
        return len(self._body())

    def exists(self) -> bool:
        return _exists(self.location, self.caller)

    def open(self, seekable: bool = True) -> Any:  # noqa: ARG002, FBT001, FBT002 -- pyiceberg's
        return io.BytesIO(self._body())

    def _body(self) -> bytes:
        bucket, key = clients.split_location(self.location)
        client = clients.s3(self.caller)
        try:
            found = clients.asked(lambda: client.get_object(Bucket=bucket, Key=key))
        except ClientError as error:
            text = f"Metadata not found: {self.location}"
            raise QueryFailed("ICEBERG_INVALID_METADATA", text) from error
        return bytes(found["Body"].read())


class _Output(OutputFile):
    def __init__(self, location: str, caller: Caller) -> None:
        super().__init__(location)
        self.caller = caller

    def __len__(self) -> int:
        return len(self.to_input_file())

    def exists(self) -> bool:
        return _exists(self.location, self.caller)

    def to_input_file(self) -> InputFile:
        return _Input(self.location, self.caller)

    def create(self, overwrite: bool = False) -> Any:  # noqa: FBT001, FBT002 -- pyiceberg's
        if not overwrite and self.exists():
            raise FileExistsError(self.location)
        return _Upload(self.location, self.caller)


class _Upload(io.BytesIO):
    """What is written here is an object once it is closed."""

    def __init__(self, location: str, caller: Caller) -> None:
        super().__init__()
        self.location, self.caller = location, caller

    def close(self) -> None:
        if not self.closed:
            clients.put(self.caller, self.location, self.getvalue())
        super().close()


@contextmanager
def committing(name: str) -> Iterator[None]:
    """Turn a lost race into ICEBERG_COMMIT_ERROR, which clients repeat."""
    try:
        yield
    except _LOST as error:
        text = f"Failed to commit Iceberg update to table: {name}"
        raise QueryFailed("ICEBERG_COMMIT_ERROR", text) from error


def committed(name: str, change: Callable[[], T]) -> T:
    """Return what a change of a table gives; raise QueryFailed if it may not or lost a race."""
    with committing(name):
        return clients.asked(change)


def _exists(location: str, caller: Caller) -> bool:
    bucket, key = clients.split_location(location)
    try:
        clients.asked(lambda: clients.s3(caller).head_object(Bucket=bucket, Key=key))
    except ClientError:
        return False
    return True
