"""SQL expressions that fail a query under the name Trino gives the failure."""

import re

from localaws.athena.failures import marked

_FAILING = re.compile(
    r"\b(integer_divide|integer_modulo|whole_mod|decimal_divide_\w+|array_subscript|map_subscript"
    r"|row_of_lambda|text_to_\w+|float_to_\w+|json_udf_\w+|strict_parse|\w+_\d+)\("
)


def raised(text: str) -> str:
    """Return an expression that fails with the message another expression gives."""
    # Not error(), which TRY refuses as volatile. This cast fails as late as error() would, and the
    # list makes its type NULL, so it fits beside any other branch of a CASE.
    return f"list_extract([NULL], CAST({text} AS BIGINT))"


def fail(name: str, text: str) -> str:
    """Return an expression that fails with `name: text`."""
    return raised(f"'{marked(name, text)}'")


def may_fail(sql: str) -> bool:
    """Tell whether a translated expression may fail for some rows, so that others must guard it."""
    return _FAILING.search(sql) is not None
