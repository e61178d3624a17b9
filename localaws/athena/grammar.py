"""The grammar of each statement: tokens -> the dataclasses of statements.py."""

from typing import Any

from localaws.athena import alterations, definitions, iceberg_definitions, row_changes
from localaws.athena.failures import SyntaxRefused, not_supported
from localaws.athena.statements import (
    CreateTableAs,
    CreateView,
    Describe,
    Drop,
    Explain,
    Insert,
    Prepared,
    Reader,
    Repair,
    Select,
    Show,
    Statement,
    Unload,
    query_to_end,
    recognise,
    table_name,
)
from localaws.athena.tokens import Cursor, blanked


def read_statement(text: str, database: str) -> Statement:
    """Return what a text asks for; raise SyntaxRefused as Athena's start does."""
    return recognise(text, database, _READERS)


def _select(cursor: Cursor, _database: str) -> Statement:
    return Select(query_to_end(cursor))


def _create(cursor: Cursor, database: str) -> Statement:
    cursor.expect("CREATE")
    if cursor.accept("OR", "REPLACE"):
        cursor.expect("VIEW")
        return _view(cursor, database, replace=True)
    if cursor.accept("VIEW"):
        return _view(cursor, database, replace=False)
    if cursor.accept_any(("DATABASE", "SCHEMA")):
        return definitions.database(cursor)
    if cursor.accept("EXTERNAL", "TABLE"):
        return definitions.table(cursor, database)
    if not cursor.accept("TABLE"):
        raise SyntaxRefused("Queries of this type are not supported")
    return _table_as(cursor, database)


def _view(cursor: Cursor, database: str, *, replace: bool) -> Statement:
    name = table_name(cursor, database)
    if cursor.accept("COMMENT"):
        cursor.string()
    if cursor.accept("SECURITY"):
        cursor.expect("INVOKER")
    cursor.expect("AS")
    return CreateView(name, query_to_end(cursor), replace)


def _table_as(cursor: Cursor, database: str) -> Statement:
    lenient = cursor.accept("IF", "NOT", "EXISTS")
    name = table_name(cursor, database)
    if cursor.sees("("):
        return iceberg_definitions.table(cursor, name, lenient=lenient)
    if cursor.accept("COMMENT"):
        cursor.string()
    properties = _properties(cursor) if cursor.accept("WITH") else {}
    cursor.expect("AS")
    tail = [token.value.upper() for token in cursor.tokens if token.value != ";"][:-1]
    with_data = tail[-3:] != ["WITH", "NO", "DATA"]
    cut = 3 if not with_data else 2 if tail[-2:] == ["WITH", "DATA"] else 0
    query = query_to_end(cursor)
    if cut:
        query = query[: [t for t in cursor.tokens if t.value != ";"][-1 - cut].start]
    return CreateTableAs(name, query, properties, lenient, with_data)


def _properties(cursor: Cursor) -> dict[str, Any]:
    found: dict[str, Any] = {}
    cursor.expect("(")
    while not cursor.accept(")"):
        key = cursor.identifier()
        cursor.expect("=")
        found[key] = _value(cursor)
        if not cursor.sees(")"):
            cursor.expect(",")
    return found


def _value(cursor: Cursor) -> Any:
    if cursor.accept("ARRAY"):
        cursor.expect("[")
        items = []
        while not cursor.accept("]"):
            items.append(_value(cursor))
            cursor.accept(",")
        return items
    token = cursor.step()
    if token.kind == "number":
        return float(token.value) if "." in token.value else int(token.value)
    if token.kind == "word" and token.value.lower() in ("true", "false"):
        return token.value.lower() == "true"
    if token.kind != "string":
        raise cursor.mismatch("<property value>")
    return token.value


def _insert(cursor: Cursor, database: str) -> Statement:
    cursor.expect("INSERT")
    cursor.expect("INTO")
    name = table_name(cursor, database)
    columns: tuple[str, ...] = ()
    if cursor.sees("(") and not _query_follows(cursor):
        cursor.expect("(")
        listed = [cursor.identifier()]
        while cursor.accept(","):
            listed.append(cursor.identifier())
        cursor.expect(")")
        columns = tuple(listed)
    return Insert(name, columns, query_to_end(cursor))


def _query_follows(cursor: Cursor) -> bool:
    words = [token.value.upper() for token in cursor.tokens[cursor.at : cursor.at + 8]]
    first = next((word for word in words if word != "("), "")
    return first in ("SELECT", "WITH", "VALUES", "TABLE")


def _unload(cursor: Cursor, _database: str) -> Statement:
    cursor.expect("UNLOAD")
    start, end = cursor.group()
    cursor.expect("TO")
    location = cursor.string()
    properties = _properties(cursor) if cursor.accept("WITH") else {}
    cursor.end()
    return Unload(blanked(cursor.text, start, end), location, properties)


def _explain(cursor: Cursor, _database: str) -> Statement:
    cursor.expect("EXPLAIN")
    validate, as_json = False, False
    if cursor.accept("ANALYZE"):
        cursor.accept("VERBOSE")
        return Explain(query_to_end(cursor), validate=False, as_json=False, analyze=True)
    if cursor.sees("(") and not _query_follows(cursor):
        start, end = cursor.group()
        options = cursor.text[start:end].upper().split()
        validate, as_json = "VALIDATE" in options, "JSON" in options
    return Explain(query_to_end(cursor), validate, as_json)


def _drop(cursor: Cursor, database: str) -> Statement:
    cursor.expect("DROP")
    kind = cursor.accept_any(("TABLE", "VIEW", "DATABASE", "SCHEMA"))
    if kind is None:
        raise SyntaxRefused("Queries of this type are not supported")
    lenient = cursor.accept("IF", "EXISTS")
    if kind in ("DATABASE", "SCHEMA"):
        name = (cursor.dotted()[-1], "")
        cascade = cursor.accept("CASCADE")
        cursor.accept("RESTRICT")
        cursor.end()
        return Drop("DATABASE", name, lenient, cascade)
    found = table_name(cursor, database)
    cursor.accept("PURGE")
    cursor.end()
    return Drop(kind, found, lenient, cascade=False)


def _repair(cursor: Cursor, database: str) -> Statement:
    cursor.expect("MSCK", "REPAIR", "TABLE")
    name = table_name(cursor, database)
    cursor.end()
    return Repair(name)


def _describe(cursor: Cursor, database: str) -> Statement:
    cursor.step()
    if cursor.sees("EXTENDED") or cursor.sees("FORMATTED"):
        raise SyntaxRefused(_refusal("DESCRIBE " + cursor.now.value.upper()))
    name = table_name(cursor, database)
    cursor.end()
    return Describe(name)


def _show(cursor: Cursor, database: str) -> Statement:
    cursor.expect("SHOW")
    for words, what in _SHOWN.items():
        if cursor.accept(*words):
            return _shown(cursor, what, database)
    raise SyntaxRefused("Queries of this type are not supported")


def _shown(cursor: Cursor, what: str, database: str) -> Statement:
    if what in ("DATABASES", "TABLES", "VIEWS"):
        inside = database
        if what != "DATABASES" and cursor.accept_any(("IN", "FROM")):
            inside = cursor.dotted()[-1]
        cursor.accept("LIKE")
        pattern = cursor.string() if cursor.now.kind == "string" else ""
        cursor.end()
        return Show(what, (inside, ""), pattern)
    if what == "COLUMNS":
        cursor.accept_any(("IN", "FROM"))
    name = table_name(cursor, database)
    if what == "COLUMNS" and cursor.accept_any(("IN", "FROM")):
        name = (cursor.dotted()[-1], name[1])
    pattern = ""
    if what == "TBLPROPERTIES" and cursor.accept("("):
        pattern = cursor.string()
        cursor.expect(")")
    cursor.end()
    return Show(what, name, pattern)


def _prepare(cursor: Cursor, _database: str) -> Statement:
    cursor.expect("PREPARE")
    name = cursor.identifier()
    cursor.expect("FROM")
    return Prepared("PREPARE", name, query_to_end(cursor).strip())


def _execute(cursor: Cursor, _database: str) -> Statement:
    cursor.expect("EXECUTE")
    name = cursor.identifier()
    parameters: list[str] = []
    while cursor.accept_any(("USING", ",")):
        start = cursor.now.start
        while not cursor.sees(",") and cursor.now.kind != "end" and not cursor.sees(";"):
            cursor.group() if cursor.sees("(") else cursor.step()
        parameters.append(cursor.text[start : cursor.tokens[cursor.at - 1].end])
    cursor.end()
    return Prepared("EXECUTE", name, parameters=tuple(parameters))


def _deallocate(cursor: Cursor, _database: str) -> Statement:
    cursor.expect("DEALLOCATE", "PREPARE")
    name = cursor.identifier()
    cursor.end()
    return Prepared("DEALLOCATE", name)


def _refusal(what: str) -> str:
    return str(not_supported(what))


_SHOWN = {
    ("DATABASES",): "DATABASES",
    ("SCHEMAS",): "DATABASES",
    ("TABLES",): "TABLES",
    ("VIEWS",): "VIEWS",
    ("PARTITIONS",): "PARTITIONS",
    ("COLUMNS",): "COLUMNS",
    ("CREATE", "TABLE"): "CREATE TABLE",
    ("CREATE", "VIEW"): "CREATE VIEW",
    ("TBLPROPERTIES",): "TBLPROPERTIES",
}
_READERS: dict[str, Reader] = {
    **dict.fromkeys(("SELECT", "WITH", "VALUES", "TABLE"), _select),
    **dict.fromkeys(("DESCRIBE", "DESC"), _describe),
    **dict.fromkeys(("DELETE", "MERGE", "UPDATE"), row_changes.read_change),
    "ALTER": alterations.alter,
    "CREATE": _create,
    "DEALLOCATE": _deallocate,
    "DROP": _drop,
    "EXECUTE": _execute,
    "EXPLAIN": _explain,
    "INSERT": _insert,
    "MSCK": _repair,
    "OPTIMIZE": row_changes.read_optimize,
    "PREPARE": _prepare,
    "SHOW": _show,
    "UNLOAD": _unload,
    "VACUUM": row_changes.read_vacuum,
}
