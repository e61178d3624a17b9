"""DELETE, UPDATE, MERGE, OPTIMIZE and VACUUM: their tokens -> what they ask for.

Rows change in Iceberg tables only; what a Hive table is asked for is refused as Athena does.
"""

from localaws.athena.catalog import Catalog, is_iceberg
from localaws.athena.failures import QueryFailed
from localaws.athena.statements import ChangeRows, Optimize, Statement, Vacuum, table_name
from localaws.athena.statements import query_to_end as text_to_end
from localaws.athena.syntax_changes import check_change
from localaws.athena.tokens import Cursor


def read_change(cursor: Cursor, database: str) -> Statement:
    """Return the change a DELETE, UPDATE or MERGE asks for."""
    text = text_to_end(cursor)
    word = cursor.step().value.upper()
    if word != "UPDATE":
        cursor.expect("INTO" if word == "MERGE" else "FROM")
    name = table_name(cursor, database)
    check_change(text)
    return ChangeRows(word, name, text)


def read_optimize(cursor: Cursor, database: str) -> Statement:
    """Return what an OPTIMIZE asks for; `where` is the condition's text, "" for all rows."""
    cursor.expect("OPTIMIZE")
    name = table_name(cursor, database)
    cursor.expect("REWRITE", "DATA", "USING", "BIN_PACK")
    where = text_to_end(cursor) if cursor.accept("WHERE") else ""
    if not where:
        cursor.end()
    return Optimize(name, where)


def read_vacuum(cursor: Cursor, database: str) -> Statement:
    """Return what a VACUUM asks for."""
    cursor.expect("VACUUM")
    name = table_name(cursor, database)
    cursor.end()
    return Vacuum(name)


def need_iceberg(statement: ChangeRows | Optimize | Vacuum, catalog: Catalog) -> None:
    """Raise QueryFailed unless the table a statement changes is an Iceberg table."""
    schema, name = statement.name
    found = catalog.described(schema, name)
    if found is None:
        raise catalog.missing(schema, name)
    if is_iceberg(found):
        return
    if found.get("TableType") == "VIRTUAL_VIEW":
        raise QueryFailed("NOT_SUPPORTED", "Changing the rows of a view is not supported")
    if isinstance(statement, ChangeRows):
        text = "Modifying Hive table rows is only supported for transactional tables"
        raise QueryFailed("NOT_SUPPORTED", text)
    word = type(statement).__name__.upper()
    raise QueryFailed("NOT_SUPPORTED", f"{word} is only supported for Iceberg tables")
