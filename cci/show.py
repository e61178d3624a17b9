"""Rows -> what a person or a script reads: a table, CSV or JSON; progress goes to stderr."""

import csv
import io
import json
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table


def out() -> Console:
    """Return the console for results; as wide as the terminal, or 150 where there is none."""
    return Console(width=None if sys.stdout.isatty() else 150, highlight=False, soft_wrap=False)


def err() -> Console:
    """Return the console for progress and problems."""
    return Console(stderr=True, highlight=False)


def progress() -> Progress:
    """Return a progress bar on stderr that leaves its last state behind."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err(),
    )


def as_table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> Table:
    """Return a table; numbers are set to the right, an absent value is an empty cell."""
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for position, column in enumerate(columns):
        is_number = all(_is_number(row[position]) for row in rows) and rows
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    return table


def as_csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return the rows as CSV with a header."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue()


def as_json(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return the rows as a JSON list of objects."""
    return json.dumps([dict(zip(columns, row, strict=True)) for row in rows], ensure_ascii=False)


def _is_number(value: object) -> bool:
    if value is None or isinstance(value, int | float):
        return True
    return str(value).replace(".", "", 1).lstrip("-").isdigit()
