"""A statement's text -> what it asks for, by its tokens; what Athena does not run is refused.

The text of a query inside a statement keeps its lines and columns: all before it becomes blanks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.athena.failures import SyntaxRefused
from localaws.athena.tokens import Cursor, blanked, place

Name = tuple[str, str]
Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Select:
    """A query whose rows are the result."""

    query: str


@dataclass(frozen=True, slots=True)
class CreateTableAs:
    """CREATE TABLE … AS query."""

    name: Name
    query: str
    properties: Properties
    if_not_exists: bool
    with_data: bool


@dataclass(frozen=True, slots=True)
class Insert:
    """INSERT INTO table [(columns)] query."""

    name: Name
    columns: tuple[str, ...]
    query: str


@dataclass(frozen=True, slots=True)
class Unload:
    """UNLOAD (query) TO location."""

    query: str
    location: str
    properties: Properties


@dataclass(frozen=True, slots=True)
class Explain:
    """EXPLAIN of a query; `validate` asks only whether it is valid, `analyze` runs it."""

    query: str
    validate: bool
    as_json: bool
    analyze: bool = False


@dataclass(frozen=True, slots=True)
class ChangeRows:
    """DELETE, UPDATE or MERGE (`word`) of a table's rows; `text` is the whole statement."""

    word: str
    name: Name
    text: str


@dataclass(frozen=True, slots=True)
class Optimize:
    """OPTIMIZE of a table; `where` is the text of its condition, "" without one."""

    name: Name
    where: str


@dataclass(frozen=True, slots=True)
class Vacuum:
    """VACUUM of a table."""

    name: Name


@dataclass(frozen=True, slots=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW name AS query."""

    name: Name
    query: str
    replace: bool


@dataclass(frozen=True, slots=True)
class CreateTable:
    """CREATE EXTERNAL TABLE; columns are (name, Hive type, comment)."""

    name: Name
    columns: tuple[tuple[str, str, str], ...]
    keys: tuple[tuple[str, str, str], ...]
    if_not_exists: bool
    comment: str = ""
    serde: str = ""
    serde_properties: Properties = field(default_factory=dict)
    stored_as: str = ""
    formats: tuple[str, str] = ("", "")
    location: str = ""
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CreateIceberg:
    """CREATE TABLE of an Iceberg table; `partitioning` are transforms such as `day(at)`."""

    name: Name
    columns: tuple[tuple[str, str, str], ...]
    if_not_exists: bool
    location: str
    properties: Properties
    partitioning: tuple[str, ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class CreateDatabase:
    """CREATE DATABASE or SCHEMA."""

    name: str
    if_not_exists: bool
    comment: str = ""
    location: str = ""
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drop:
    """DROP TABLE, VIEW or DATABASE (`kind`)."""

    kind: str
    name: Name
    if_exists: bool
    cascade: bool


@dataclass(frozen=True, slots=True)
class AlterTable:
    """ALTER TABLE name `action` …; `partitions` are ({key: value}, location)."""

    name: Name
    action: str
    lenient: bool = False
    partitions: tuple[tuple[Properties, str], ...] = ()
    properties: Properties = field(default_factory=dict)
    columns: tuple[tuple[str, str, str], ...] = ()
    location: str = ""
    new_name: Name = ("", "")


@dataclass(frozen=True, slots=True)
class Repair:
    """MSCK REPAIR TABLE."""

    name: Name


@dataclass(frozen=True, slots=True)
class Show:
    """SHOW `what` [of a table or database] [like a pattern]."""

    what: str
    name: Name = ("", "")
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Describe:
    """DESCRIBE a table or view."""

    name: Name


@dataclass(frozen=True, slots=True)
class Prepared:
    """PREPARE (`text`), EXECUTE (`parameters`) or DEALLOCATE of a named statement."""

    action: str
    name: str
    text: str = ""
    parameters: tuple[str, ...] = ()


Writing = CreateTableAs | Insert | Unload | ChangeRows | Optimize | Vacuum
Executable = Select | Explain | Writing
Statement = (
    Executable | CreateView | CreateTable | CreateIceberg | CreateDatabase | Drop | AlterTable
    | Repair | Show | Describe | Prepared
)  # fmt: skip
Reader = Callable[[Cursor, str], Statement]


def recognise(text: str, database: str, readers: Mapping[str, Reader]) -> Statement:
    """Return what a text asks for, names completed with `database`.

    Raise SyntaxRefused for a text Athena refuses when it is started.
    """
    cursor = Cursor(text)
    first = cursor.now
    word = first.value.upper()
    if first.kind == "symbol" and word == "(":
        word = "SELECT"
    if word in readers and first.kind != "string":
        return readers[word](cursor, database.lower())
    if word in _NEVER:
        raise SyntaxRefused("Queries of this type are not supported")
    where = place(text, first.start)
    raise SyntaxRefused(f"{where}: mismatched input '{first.value}'. Expecting: <query>")


def table_name(cursor: Cursor, database: str) -> Name:
    """Return the (database, table) a dotted name means."""
    in_backticks = cursor.now.kind == "backtick"
    parts = cursor.dotted()
    if in_backticks and len(parts) == 1:
        parts = parts[0].split(".")  # as SHOW CREATE TABLE prints a name
    if len(parts) == 3 and parts[0] != "awsdatacatalog":
        raise SyntaxRefused(f"Catalog '{parts[0]}' not found")
    if len(parts) > 3:
        raise cursor.mismatch("<table name>")
    return (parts[-2] if len(parts) > 1 else database), parts[-1]


def query_to_end(cursor: Cursor) -> str:
    """Return the text from here to the end of the statement, at its place."""
    start = cursor.now.start
    tokens = [token for token in cursor.tokens[cursor.at :] if token.kind != "end"]
    while tokens and tokens[-1].value == ";" and tokens[-1].kind == "symbol":
        tokens.pop()
    if not tokens:
        raise cursor.mismatch("<query>")
    if any(token.kind == "symbol" and token.value == ";" for token in tokens):
        raise SyntaxRefused("Only one sql statement is allowed. Got: more")
    return blanked(cursor.text, start, tokens[-1].end)


def substituted(text: str, parameters: list[str]) -> str:
    """Return a text with each `?` outside literals and comments replaced, in order.

    Raise SyntaxRefused when there are more or fewer marks than parameters.
    """
    cursor = Cursor(text)
    marks = [token for token in cursor.tokens if token.kind == "symbol" and token.value == "?"]
    if len(marks) != len(parameters):
        found = f"expected {len(marks)} but found {len(parameters)}"
        raise SyntaxRefused(f"line 1:1: Incorrect number of parameters: {found}")
    for token, parameter in reversed(list(zip(marks, parameters, strict=True))):
        text = text[: token.start] + parameter + text[token.end :]
    return text


_NEVER = {
    *("CALL", "SET", "RESET", "USE", "GRANT", "REVOKE", "START", "COMMIT", "ROLLBACK", "TRUNCATE"),
    *("ANALYZE", "COMMENT", "REFRESH", "DENY", "IMPORT", "EXPORT", "LOCK", "UNLOCK"),
}
