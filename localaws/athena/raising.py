"""SQL expressions that fail a query under the name Trino gives the failure."""

from localaws.athena.failures import marked


def raised(text: str) -> str:
    """Return an expression that fails with the message another expression gives."""
    # Not error(), which TRY refuses as volatile. This cast fails as late as error() would, and the
    # list makes its type NULL, so it fits beside any other branch of a CASE.
    return f"list_extract([NULL], CAST({text} AS BIGINT))"


def fail(name: str, text: str) -> str:
    """Return an expression that fails with `name: text`."""
    return raised(f"'{marked(name, text)}'")
