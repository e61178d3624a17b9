"""A row of a function table: the kinds of its arguments, how it is computed, the type it gives.

How: DuckDB's text with `{0}` for the first argument, or a Python function of non-null values.
"""

from collections.abc import Callable
from typing import Any

Row = tuple[str, str | Callable[..., Any], str]
