"""The hidden columns of a Hive table: a row's file, its size and time of change, its partition.

What no text names is NULL: a query cannot see it, and looking it up would cost a join.
"""

from collections.abc import Iterable
from typing import Any

from sqlglot import exp

from localaws.athena.partitions import DataFile
from localaws.athena.tables import Columns
from localaws.athena.trino_types import VARCHAR, ZONED, Type, duck, quote
from localaws.athena.trino_types import text as literal

_OF_FILES: Columns = (("$file_size", Type("bigint")), ("$file_modified_time", ZONED))
_PARTITION: Columns = (("$partition", VARCHAR),)


def hidden_columns(keys: Columns) -> Columns:
    """Return the hidden columns of a table with these partition keys."""
    return (("$path", VARCHAR), *_OF_FILES, *(_PARTITION if keys else ()))


def names_in(trees: Iterable[Any]) -> set[str]:
    """Return every name that parsed texts mention, lower case."""
    return {name.name.lower() for tree in trees for name in tree.find_all(exp.Identifier)}


def file_facts(files: list[DataFile], names: set[str]) -> tuple[list[str], str]:
    """Return the items of `$path`, `$file_size` and `$file_modified_time`, and the join they need.

    They are of the files of `s`, whose `filename` is a file's path.
    """
    path = 's.filename AS "$path"'
    if not files or not names & {name for name, _ in _OF_FILES}:
        nulls = [f"CAST(NULL AS {duck(kind)}) AS {quote(name)}" for name, kind in _OF_FILES]
        return [path, *nulls], ""
    rows = sorted({(f.path, f.size, f.modified.isoformat()) for f in files})
    listed = ", ".join(
        f"({literal(place)}, {size}::BIGINT, {literal(modified)}::TIMESTAMPTZ)"
        for place, size, modified in rows
    )
    items = [path, *(f"f.{quote(name)}" for name, _ in _OF_FILES)]
    named = ", ".join(quote(name) for name, _ in _OF_FILES)
    return items, f" JOIN (VALUES {listed}) AS f(path, {named}) ON f.path = s.filename"
