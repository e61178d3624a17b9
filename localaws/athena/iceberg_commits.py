"""Data files -> one snapshot of an Iceberg table, with the word of what happened.

INSERT appends, and is repeated by pyiceberg when another append was faster. Row changes replace
the files they touched: `overwrite`, or `delete` when nothing was added; OPTIMIZE: `replace`.
"""

from typing import Any

from pyiceberg.manifest import DataFile
from pyiceberg.table.snapshots import Operation, Summary
from pyiceberg.table.update.snapshot import _OverwriteFiles

from localaws.athena.iceberg_io import committed


def append(table: Any, files: list[DataFile]) -> None:
    """Add files as one snapshot; raise QueryFailed ICEBERG_COMMIT_ERROR if that is lost."""

    def change() -> None:
        with (
            table.transaction() as transaction,
            transaction.update_snapshot().fast_append() as snapshot,
        ):
            for file in files:
                snapshot.append_data_file(file)

    committed(".".join(table.name()), change)


def exchange(table: Any, old: list[DataFile], new: list[DataFile], word: str) -> None:
    """Put files in the place of others, which the snapshot's `word` calls what it was.

    Raise QueryFailed ICEBERG_COMMIT_ERROR when the table changed since it was read.
    """

    def change() -> None:
        with (
            table.transaction() as transaction,
            _Exchange(Operation(word), transaction, io=table.io) as snapshot,
        ):
            for file in old:
                snapshot.delete_data_file(file)
            for file in new:
                snapshot.append_data_file(file)

    committed(".".join(table.name()), change)


class _Exchange(_OverwriteFiles):
    """pyiceberg's overwrite, under any word; its own summaries know no `replace`."""

    def _summary(self, snapshot_properties: Any = None) -> Summary:
        word, self._operation = self._operation, Operation.OVERWRITE
        found = super()._summary(snapshot_properties or {})
        self._operation = word
        return Summary(operation=word, **found.additional_properties)
