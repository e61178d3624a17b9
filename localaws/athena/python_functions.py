"""Functions DuckDB lacks or answers differently, written in Python and registered when used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Any

from localaws.athena.failures import ENGINE_HINT, marked

# Python's dates reach from the year 1 to 9999; DuckDB hands over the others as text.
_MOMENTS = ("DATE", "TIMESTAMP")


@dataclass(frozen=True, slots=True)
class PythonFunction:
    """A function; `takes` and `gives` are DuckDB type texts.

    `nulls`: it is called with NULL arguments too. Otherwise one NULL argument makes the answer
    NULL, as in Trino. `refuses`: it may fail with NOT_SUPPORTED, which TRY must not hide.
    """

    call: Callable[..., Any]
    takes: list[str]
    gives: str
    nulls: bool = False
    refuses: bool = False


def register(connection: Any, functions: Mapping[str, PythonFunction]) -> None:
    """Make functions known to a DuckDB connection."""
    for name, function in functions.items():
        connection.create_function(
            name,
            _of_so_many(_guarded(function), len(function.takes)),
            function.takes,
            function.gives,
            null_handling="special",
        )


def _of_so_many(call: Callable[..., Any], number: int) -> Callable[..., Any]:
    def counted(*values: Any) -> Any:
        return call(*values)

    # DuckDB counts the parameters by the signature.
    only = Parameter.POSITIONAL_ONLY
    named = [Parameter(f"value_{i}", only) for i in range(number)]
    vars(counted)["__signature__"] = Signature(named)
    return counted


def _guarded(function: PythonFunction) -> Callable[..., Any]:
    call, floating = function.call, any(word in function.gives for word in ("DOUBLE", "FLOAT"))
    moments = [i for i, kind in enumerate(function.takes) if kind.startswith(_MOMENTS)]

    def guarded(*values: Any) -> Any:
        if not function.nulls and any(value is None for value in values):
            return None
        if any(isinstance(values[i], str) for i in moments):
            text = f"a date beyond the years 1 to 9999 in a function: {ENGINE_HINT}"
            raise ValueError(marked("NOT_SUPPORTED", text))
        found = call(*values)
        if floating and _holds_nan(found):
            # DuckDB would make NULL of it.
            text = f"a function of this query with the result NaN: {ENGINE_HINT}"
            raise ValueError(marked("NOT_SUPPORTED", text))
        return found

    return guarded


def _holds_nan(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_nan(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_nan(item) for item in value)
    return isinstance(value, float) and value != value
