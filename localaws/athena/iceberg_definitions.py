"""The grammar of CREATE TABLE of an Iceberg table, and of what only its ALTER TABLE knows."""

from typing import Any

from localaws.athena.definitions import columns, hive_type, pairs
from localaws.athena.failures import SyntaxRefused
from localaws.athena.statements import AlterTable, CreateIceberg, Name, Statement
from localaws.athena.tokens import Cursor


def table(cursor: Cursor, name: Name, *, lenient: bool) -> Statement:
    """Return CREATE TABLE, read from its columns on; only an Iceberg table is not EXTERNAL."""
    found: dict[str, Any] = {"columns": columns(cursor)}
    while cursor.now.kind != "end" and not cursor.sees(";"):
        _clause(cursor, found)
    cursor.end()
    properties = found.get("properties", {})
    if str(properties.get("table_type", "")).upper() != "ICEBERG":
        raise SyntaxRefused("External keyword required for table type HIVE")
    if not found.get("location"):
        raise SyntaxRefused("FAILED: ParseException: an Iceberg table needs a LOCATION")
    return CreateIceberg(name, if_not_exists=lenient, **found)


def alteration(cursor: Cursor, name: Name) -> Statement | None:
    """Return an action of ALTER TABLE that only Iceberg tables know, or None for another."""
    if cursor.accept("CHANGE"):
        return _change_column(cursor, name)
    if cursor.accept("DROP", "COLUMN"):
        return AlterTable(name, "DROP COLUMN", columns=((cursor.identifier(), "", ""),))
    if cursor.accept("UNSET", "TBLPROPERTIES"):
        return _unset_properties(cursor, name)
    return None


def _change_column(cursor: Cursor, name: Name) -> Statement:
    # CHANGE [COLUMN] old new type [COMMENT text] [FIRST | AFTER other]
    cursor.accept("COLUMN")
    old, new, kind = cursor.identifier(), cursor.identifier(), hive_type(cursor)
    comment = cursor.string() if cursor.accept("COMMENT") else ""
    place = "first" if cursor.accept("FIRST") else ""
    if cursor.accept("AFTER"):
        place = f"after {cursor.identifier()}"
    return AlterTable(name, "CHANGE COLUMN", columns=((old, "", ""), (new, kind, comment)),
                      properties={"place": place})  # fmt: skip


def _unset_properties(cursor: Cursor, name: Name) -> Statement:
    cursor.expect("(")
    found = [cursor.string()]
    while cursor.accept(","):
        found.append(cursor.string())
    cursor.expect(")")
    return AlterTable(name, "UNSET TBLPROPERTIES", properties=dict.fromkeys(found, ""))


def _clause(cursor: Cursor, found: dict[str, Any]) -> None:
    if cursor.accept("COMMENT"):
        found["comment"] = cursor.string()
    elif cursor.accept("PARTITIONED", "BY"):
        found["partitioning"] = _transforms(cursor)
    elif cursor.accept("LOCATION"):
        found["location"] = cursor.string()
    elif cursor.accept("TBLPROPERTIES"):
        found["properties"] = pairs(cursor)
    else:
        raise cursor.mismatch("COMMENT, PARTITIONED, LOCATION, TBLPROPERTIES")


def _transforms(cursor: Cursor) -> tuple[str, ...]:
    cursor.expect("(")
    found = []
    while not cursor.accept(")"):
        word = cursor.identifier()
        if cursor.sees("("):
            start, end = cursor.group()
            word += "(" + cursor.text[start:end].replace("`", "") + ")"
        found.append(word)
        if not cursor.sees(")"):
            cursor.expect(",")
    return tuple(found)
