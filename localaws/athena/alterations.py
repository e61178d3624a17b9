"""The grammar of ALTER TABLE."""

from localaws.athena import iceberg_definitions
from localaws.athena.definitions import columns, pairs
from localaws.athena.failures import SyntaxRefused, not_supported
from localaws.athena.statements import AlterTable, Name, Properties, Statement, table_name
from localaws.athena.tokens import Cursor


def alter(cursor: Cursor, database: str) -> Statement:
    """Return an ALTER TABLE statement."""
    cursor.expect("ALTER")
    if not cursor.accept("TABLE"):
        raise SyntaxRefused("Queries of this type are not supported")
    name = table_name(cursor, database)
    found = iceberg_definitions.alteration(cursor, name) or _action(cursor, name, database)
    cursor.end()
    return found


def _action(cursor: Cursor, name: Name, database: str) -> Statement:
    if cursor.accept("ADD"):
        if cursor.accept_any(("COLUMNS", "COLUMN")):
            return AlterTable(name, "ADD COLUMNS", columns=columns(cursor))
        lenient = cursor.accept("IF", "NOT", "EXISTS")
        return AlterTable(name, "ADD PARTITION", lenient, _partitions(cursor))
    if cursor.accept("DROP"):
        lenient = cursor.accept("IF", "EXISTS")
        return AlterTable(name, "DROP PARTITION", lenient, _partitions(cursor))
    if cursor.accept("REPLACE", "COLUMNS"):
        return AlterTable(name, "REPLACE COLUMNS", columns=columns(cursor))
    if cursor.accept("SET"):
        return _set(cursor, name)
    if cursor.accept("RENAME", "TO"):
        return AlterTable(name, "RENAME", new_name=table_name(cursor, database))
    if cursor.sees("PARTITION"):
        return _of_partition(cursor, name)
    raise SyntaxRefused(str(not_supported("this form of ALTER TABLE")))


def _set(cursor: Cursor, name: Name) -> Statement:
    if cursor.accept("LOCATION"):
        return AlterTable(name, "SET LOCATION", location=cursor.string())
    cursor.expect("TBLPROPERTIES")
    return AlterTable(name, "SET TBLPROPERTIES", properties=pairs(cursor))


def _of_partition(cursor: Cursor, name: Name) -> Statement:
    spec = _spec(cursor)
    if cursor.accept("SET", "LOCATION"):
        return AlterTable(name, "PARTITION LOCATION", partitions=((spec, cursor.string()),))
    cursor.expect("RENAME", "TO")
    return AlterTable(name, "RENAME PARTITION", partitions=((spec, ""), (_spec(cursor), "")))


def _partitions(cursor: Cursor) -> tuple[tuple[Properties, str], ...]:
    found = []
    while cursor.sees("PARTITION"):
        spec = _spec(cursor)
        found.append((spec, cursor.string() if cursor.accept("LOCATION") else ""))
        cursor.accept(",")
    if not found:
        raise cursor.mismatch("PARTITION")
    return tuple(found)


def _spec(cursor: Cursor) -> dict[str, str]:
    cursor.expect("PARTITION")
    cursor.expect("(")
    found = {}
    while not cursor.accept(")"):
        key = cursor.identifier()
        cursor.expect("=")
        if cursor.sees("DATE"):
            cursor.step()
        token = cursor.step()
        if token.kind not in ("string", "number"):
            raise cursor.mismatch("<value>")
        found[key] = token.value
        cursor.accept(",")
    return found
