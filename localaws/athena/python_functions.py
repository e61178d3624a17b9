"""Functions DuckDB lacks or answers differently, written in Python and registered when used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PythonFunction:
    """A function of non-null values; `takes` and `gives` are DuckDB type texts."""

    call: Callable[..., Any]
    takes: list[str]
    gives: str


def register(connection: Any, functions: Mapping[str, PythonFunction]) -> None:
    """Make functions known to a DuckDB connection; a NULL argument gives NULL, as in Trino."""
    for name, function in functions.items():
        connection.create_function(
            name,
            _null_in_null_out(function),
            function.takes,
            function.gives,
            null_handling="special",
        )


def _null_in_null_out(function: PythonFunction) -> Callable[..., Any]:
    call = function.call
    # DuckDB counts the parameters, so `*values` will not do.
    if len(function.takes) == 1:
        return lambda a: None if a is None else call(a)
    return lambda a, b: None if a is None or b is None else call(a, b)
