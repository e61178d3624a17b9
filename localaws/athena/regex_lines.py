"""A line -> the groups of a table's pattern, as Hive's RegexSerDe; a line that differs is NULLs."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from localaws.athena.failures import QueryFailed, not_supported
from localaws.athena.tables import Columns
from localaws.athena.text_values import value_of

REGEX = (
    "org.apache.hadoop.hive.serde2.RegexSerDe",
    "org.apache.hadoop.hive.contrib.serde2.RegexSerDe",
)
_ONLY_JAVA = re.compile(r"\\[pPhHRXQEGzZk]|&&|\(\?<[A-Za-z]|\(\?[a-z-]+[:)]|[*+?}]\+")


def parser(options: Mapping[str, str], data: Columns) -> Callable[[str], list[Any]]:
    """Return what turns a line into the values of the data columns."""
    pattern = options.get("input.regex", "")
    if not pattern:
        raise QueryFailed(
            "HIVE_CURSOR_ERROR", "This table does not have serde property input.regex"
        )
    if _ONLY_JAVA.search(pattern):
        raise not_supported("this pattern of a RegexSerDe table")
    flags = re.IGNORECASE if options.get("input.regex.case.insensitive") == "true" else 0
    found = re.compile(pattern, flags | re.ASCII)
    if found.groups != len(data):
        text = "Number of matching groups doesn't match the number of columns"
        raise QueryFailed("HIVE_CURSOR_ERROR", text)
    kinds = [kind for _, kind in data]

    def parse(line: str) -> list[Any]:
        match = found.fullmatch(line)
        if match is None:
            return [None] * len(kinds)
        pairs = zip(match.groups(), kinds, strict=True)
        return [None if part is None else value_of(part, kind) for part, kind in pairs]

    return parse
