"""The grammar of CREATE EXTERNAL TABLE and CREATE DATABASE: Hive's clauses, in any order."""

from collections.abc import Callable
from typing import Any

from localaws.athena.failures import SyntaxRefused, not_supported
from localaws.athena.statements import CreateDatabase, CreateTable, Statement, table_name
from localaws.athena.tokens import Cursor

Column = tuple[str, str, str]
Clause = Callable[[Cursor, dict[str, Any]], None]
_DELIMITED = {
    ("FIELDS", "TERMINATED", "BY"): "field.delim",
    ("ESCAPED", "BY"): "escape.delim",
    ("COLLECTION", "ITEMS", "TERMINATED", "BY"): "collection.delim",
    ("MAP", "KEYS", "TERMINATED", "BY"): "mapkey.delim",
    ("LINES", "TERMINATED", "BY"): "line.delim",
    ("NULL", "DEFINED", "AS"): "serialization.null.format",
}


def table(cursor: Cursor, database: str) -> Statement:
    """Return CREATE EXTERNAL TABLE, read from after its keyword."""
    lenient = cursor.accept("IF", "NOT", "EXISTS")
    found: dict[str, Any] = {"name": table_name(cursor, database), "if_not_exists": lenient}
    found["columns"], found["keys"] = columns(cursor), ()
    while cursor.now.kind != "end" and not cursor.sees(";"):
        _clause(cursor, found)
    cursor.end()
    if not found.get("location"):
        raise SyntaxRefused("FAILED: ParseException: a table needs a LOCATION")
    return CreateTable(**found)


def database(cursor: Cursor) -> Statement:
    """Return CREATE DATABASE, read from after its keyword."""
    lenient = cursor.accept("IF", "NOT", "EXISTS")
    found: dict[str, Any] = {"name": cursor.dotted()[-1], "if_not_exists": lenient}
    if cursor.accept("COMMENT"):
        found["comment"] = cursor.string()
    if cursor.accept("LOCATION"):
        found["location"] = cursor.string()
    if cursor.accept("WITH", "DBPROPERTIES"):
        found["properties"] = pairs(cursor)
    cursor.end()
    return CreateDatabase(**found)


def columns(cursor: Cursor) -> tuple[Column, ...]:
    """Return a bracketed list of columns with Hive types and comments."""
    cursor.expect("(")
    found = []
    while not cursor.accept(")"):
        name, kind = cursor.identifier(), hive_type(cursor)
        comment = cursor.string() if cursor.accept("COMMENT") else ""
        found.append((name, kind, comment))
        if not cursor.sees(")"):
            cursor.expect(",")
    return tuple(found)


def hive_type(cursor: Cursor) -> str:
    """Return a Hive type's text, lower case and without blanks."""
    found, depth = "", 0
    while not (depth == 0 and _ends_type(cursor, found)):
        token = cursor.step()
        if token.kind == "end":
            raise cursor.mismatch("<type>")
        found += token.value.lower()
        depth += (token.value in "<(") - (token.value in ">)")
    return found


def pairs(cursor: Cursor) -> dict[str, str]:
    """Return a bracketed list of 'key'='value'."""
    cursor.expect("(")
    found = {}
    while not cursor.accept(")"):
        key = cursor.string()
        cursor.expect("=")
        found[key] = cursor.string()
        if not cursor.sees(")"):
            cursor.expect(",")
    return found


def _ends_type(cursor: Cursor, found: str) -> bool:
    if not found:
        return False
    return cursor.sees(",") or cursor.sees(")") or cursor.now.kind != "symbol"


def _clause(cursor: Cursor, found: dict[str, Any]) -> None:
    for words, read in _CLAUSES.items():
        if cursor.accept(*words):
            read(cursor, found)
            return
    if cursor.sees("CLUSTERED"):
        raise SyntaxRefused(str(not_supported("CLUSTERED BY")))
    raise cursor.mismatch("COMMENT, PARTITIONED, ROW, STORED, LOCATION, TBLPROPERTIES")


def _kept(key: str, read: Callable[[Cursor], Any]) -> Clause:
    def clause(cursor: Cursor, found: dict[str, Any]) -> None:
        found[key] = read(cursor)

    return clause


def _serde_properties(cursor: Cursor, found: dict[str, Any]) -> None:
    found["serde_properties"] = {**found.get("serde_properties", {}), **pairs(cursor)}


def _classes(cursor: Cursor, found: dict[str, Any]) -> None:
    read_by = cursor.string()
    cursor.expect("OUTPUTFORMAT")
    found["formats"] = (read_by, cursor.string())


def _delimited(cursor: Cursor) -> dict[str, str]:
    found: dict[str, str] = {}
    while True:
        for words, key in _DELIMITED.items():
            if cursor.accept(*words):
                found[key] = cursor.string()
                break
        else:
            if "field.delim" in found:
                found["serialization.format"] = found["field.delim"]
            return found


_CLAUSES: dict[tuple[str, ...], Clause] = {
    ("COMMENT",): _kept("comment", Cursor.string),
    ("PARTITIONED", "BY"): _kept("keys", columns),
    ("ROW", "FORMAT", "SERDE"): _kept("serde", Cursor.string),
    ("WITH", "SERDEPROPERTIES"): _serde_properties,
    ("ROW", "FORMAT", "DELIMITED"): _kept("serde_properties", _delimited),
    ("STORED", "AS", "INPUTFORMAT"): _classes,
    ("STORED", "AS"): _kept("stored_as", Cursor.identifier),
    ("LOCATION",): _kept("location", Cursor.string),
    ("TBLPROPERTIES",): _kept("properties", pairs),
}
