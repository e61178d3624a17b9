"""Why a query fails, in Athena's words: the error name, the place, the text.

DuckDB's messages are mapped by a table; no DuckDB word reaches a client. One that no row of the
table knows is GENERIC_USER_ERROR and logged as a gap.
"""

import logging
import re

log = logging.getLogger(__name__)

ENGINE_HINT = "run it with --engine trino"


class QueryFailed(Exception):
    """A query that ends FAILED: `name` is Athena's error name, `text` its message."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}" if name else text)
        self.name = name
        self.text = text

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        # It crosses from the worker as a pickle, which would otherwise pass the joined text only.
        return QueryFailed, (self.name, self.text)


class SyntaxRefused(Exception):
    """A text that Athena refuses when it is started, before any query exists."""


class CutOff(Exception):
    """A query that would read more than its work group allows; it ends CANCELLED."""


def not_supported(what: str) -> QueryFailed:
    """Return the refusal of a form this engine cannot answer faithfully."""
    return QueryFailed("NOT_SUPPORTED", f"{what}: {ENGINE_HINT}")


def marked(name: str, text: str) -> str:
    """Return the message a DuckDB expression or Python function raises to mean `name: text`."""
    return f"<<{name}|{text}>>"


def invalid_argument(text: str) -> ValueError:
    """Return what a Python function raises for an argument Trino refuses."""
    return ValueError(marked("INVALID_FUNCTION_ARGUMENT", text))


def from_duckdb(error: Exception, sql: str) -> QueryFailed:
    """Return Athena's failure for a DuckDB error; log the ones no rule knows."""
    message = str(error).split("\n\nLINE")[0].strip()
    found = re.search(r"<<([A-Z_]+)\|(.*?)>>", message, re.DOTALL)
    if found:
        return QueryFailed(found[1], found[2])
    for pattern, name, text in _RULES:
        match = re.search(pattern, message, re.DOTALL)
        if match:
            return QueryFailed(name, match.expand(text))
    log.warning("no Athena name for a DuckDB error: %s\n%s", message, sql)
    return QueryFailed("GENERIC_USER_ERROR", "the query could not be run")


_RULES = (
    (
        r"column \"?([^\"\s]+)\"? must appear in the GROUP BY|cannot mix aggregates",
        "EXPRESSION_NOT_AGGREGATE",
        "An expression must be an aggregate expression or appear in GROUP BY clause",
    ),
    (
        r"More than one row returned by a subquery",
        "SUBQUERY_MULTIPLE_ROWS",
        "Scalar sub-query has returned multiple rows",
    ),
    (r"Could not convert string '(.*?)' to (\w+)", "INVALID_CAST_ARGUMENT", r"Cannot cast '\1'"),
    (r"invalid \w+ field format: \"(.*?)\"", "INVALID_CAST_ARGUMENT", r"Cannot cast '\1'"),
    (r"[Tt]imestamp field value out of range", "INVALID_CAST_ARGUMENT", "Value cannot be cast"),
    (
        r"Type (?:HUGEINT|INT128) with value (\S+) can't be cast",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        r"bigint addition overflow: \1",
    ),
    (r"with value (\S+) can't be cast", "INVALID_CAST_ARGUMENT", r"Out of range: \1"),
    (r"Conversion Error", "INVALID_CAST_ARGUMENT", "Value cannot be cast to the type asked for"),
    (
        r"aggregates are not allowed inside the TRY",
        "NOT_SUPPORTED",
        f"TRY around an aggregate: {ENGINE_HINT}",
    ),
    (r"Map keys must be unique", "INVALID_FUNCTION_ARGUMENT", "Duplicate map keys"),
    (
        r"(STDDEV|VAR)\w* is out of range",
        "NOT_SUPPORTED",
        f"a deviation without end: {ENGINE_HINT}",
    ),
    (r"Overflow in (\w+) of", "NUMERIC_VALUE_OUT_OF_RANGE", r"overflow in \1"),
    (
        r"Out of Range Error",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "A number is out of the range of its type",
    ),
    (
        r"(WHERE|GROUP BY) clause cannot contain (\w+)",
        "EXPRESSION_NOT_SCALAR",
        r"\1 clause cannot contain \2",
    ),
    (
        r"GROUP BY clause cannot contain (\w+)",
        "EXPRESSION_NOT_SCALAR",
        r"GROUP BY clause cannot contain \1",
    ),
    (
        r"GROUPING statement cannot be used without groups",
        "MISSING_GROUP_BY",
        "A GROUPING() operation can only be used with a corresponding GROUP BY clause",
    ),
    (
        r"GROUPING child .* must be a grouping column",
        "INVALID_ARGUMENTS",
        "The arguments to GROUPING() must be expressions referenced by the GROUP BY",
    ),
    (
        r"aggregate function calls cannot be nested",
        "NESTED_AGGREGATION",
        "Cannot nest aggregations",
    ),
    (
        r"Out of Memory Error",
        "EXCEEDED_LOCAL_MEMORY_LIMIT",
        "Query exceeded the memory of a worker",
    ),
    (
        r"perl operator|escape sequence|missing argument to repetition|missing [\])]",
        "NOT_SUPPORTED",
        f"this regular expression: {ENGINE_HINT}",
    ),
    (
        r"non-inner join on subquery",
        "NOT_SUPPORTED",
        f"a subquery in the ON of an outer join: {ENGINE_HINT}",
    ),
    (r"HTTP 403|403 Forbidden|AccessDenied", "PERMISSION_DENIED", "Access denied reading from S3"),
    (r"HTTP 404|404 Not Found", "HIVE_CURSOR_ERROR", "A file vanished while it was read"),
    (r"No magic bytes|not a parquet file|Parquet", "HIVE_BAD_DATA", "Malformed Parquet file"),
)
